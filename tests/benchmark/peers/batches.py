#!/usr/bin/env python3
"""The careful Python way: pyarrow reads batches of rows, libxgboost predicts each in place.

    batches.py DATA MODEL OUTPUT THREADS
"""

import sys

import numpy
import pyarrow
import pyarrow.parquet
import xgboost

ROWS = 10_000


def main():
    data, model_file, output, threads = sys.argv[1:]
    pyarrow.set_cpu_count(int(threads))
    model = xgboost.Booster({"nthread": int(threads)}, model_file=model_file)
    file = pyarrow.parquet.ParquetFile(data)
    columns = ["id", *model.feature_names]
    matrix = numpy.empty((ROWS, len(model.feature_names)), numpy.float32)
    with open(output, "w") as text:
        text.write("id,prediction\n")
        for batch in file.iter_batches(batch_size=ROWS, columns=columns):
            for feature, name in enumerate(model.feature_names):
                matrix[:batch.num_rows, feature] = batch.column(name).to_numpy()
            predictions = model.inplace_predict(matrix[:batch.num_rows], validate_features=False)
            text.writelines(f"{row},{value:.9g}\n" for row, value in
                            zip(batch.column("id").to_pylist(), predictions, strict=True))


if __name__ == "__main__":
    main()
