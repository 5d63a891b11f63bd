#!/usr/bin/env python3
"""The plain way: pandas reads the whole file, one call predicts it.

    whole_file.py DATA MODEL OUTPUT THREADS
"""

import sys

import pandas
import xgboost


def main():
    data, model_file, output, threads = sys.argv[1:]
    is_parquet = data.endswith(".parquet")
    frame = pandas.read_parquet(data) if is_parquet else pandas.read_csv(data, index_col="id")
    features = [c for c in frame.columns if c.startswith("feature_")]
    model = xgboost.XGBRegressor(n_jobs=int(threads))
    model.load_model(model_file)
    predictions = pandas.Series(model.predict(frame[features]), frame.index, name="prediction")
    predictions.to_csv(output, float_format="%.9g")


if __name__ == "__main__":
    main()
