#!/usr/bin/env python3
"""libxgboost alone: one in-place prediction of a float32 matrix that is in memory already. Its
last line is the seconds of that one call.

    in_place.py FEATURES.npy MODEL OUTPUT THREADS      OUTPUT: float32, little endian
    in_place.py --make DATA FEATURES.npy               writes the matrix once
"""

import sys
import time

import numpy
import xgboost


def make(data, path):
    import pandas

    header = pandas.read_csv(data, nrows=0).columns
    features = [c for c in header if c.startswith("feature_")]
    frame = pandas.read_csv(data, usecols=features, dtype=dict.fromkeys(features, "float32"))
    numpy.save(path, numpy.ascontiguousarray(frame[features].to_numpy(numpy.float32)))


def main():
    if sys.argv[1] == "--make":
        return make(*sys.argv[2:])
    path, model_file, output, threads = sys.argv[1:]
    matrix = numpy.load(path)
    booster = xgboost.Booster(params={"nthread": int(threads)}, model_file=model_file)
    booster.set_param({"nthread": int(threads)})
    started = time.perf_counter()
    predictions = booster.inplace_predict(matrix, validate_features=False)
    seconds = time.perf_counter() - started
    predictions.astype("<f4").tofile(output)
    print(f"{seconds:.6f}")


if __name__ == "__main__":
    main()
