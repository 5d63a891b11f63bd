#!/usr/bin/env python3
"""The way of 2020 to do with little memory: the csv module over lzma, one DataFrame and one call
of predict() per era, the next eras read ahead by a thread.

    era_wise.py DATA MODEL OUTPUT THREADS
"""

import csv
import itertools
import lzma
import queue
import sys
import threading

import numpy
import pandas
import xgboost

READ_AHEAD = 2  # eras


def eras(path):
    """One DataFrame of the features per era, indexed by id."""
    with lzma.open(path, "rt", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        era = header.index("era")
        columns = [i for i, name in enumerate(header) if name.startswith("feature_")]
        names = [header[i] for i in columns]
        for _, rows in itertools.groupby(reader, key=lambda row: row[era]):
            rows = list(rows)
            values = [[row[i] for i in columns] for row in rows]
            frame = pandas.DataFrame(values, columns=names, index=[row[0] for row in rows])
            yield frame.astype(numpy.float32)


def ahead(items):
    """The same items, made by a thread that is at most READ_AHEAD of them in front."""
    channel = queue.Queue(maxsize=READ_AHEAD)

    def produce():
        try:
            for item in items:
                channel.put(item)
        finally:
            channel.put(None)

    threading.Thread(target=produce, daemon=True).start()
    while (item := channel.get()) is not None:
        yield item


def main():
    data, model_file, output, threads = sys.argv[1:]
    model = xgboost.XGBRegressor(n_jobs=int(threads))
    model.load_model(model_file)
    with open(output, "w", newline="") as file:
        file.write("id,prediction\n")
        for frame in ahead(eras(data)):
            predictions = pandas.Series(model.predict(frame), frame.index)
            predictions.to_csv(file, header=False, float_format="%.9g")


if __name__ == "__main__":
    main()
