#!/usr/bin/env python3
"""Runs Erawise and its peers on the same file, in turns, and prints a Markdown table of the
medians. Runs in the container that scripts/benchmark starts.

    compare.py FOLDER [--runs N]             what make_tournament.py makes, and the binary `erawise`
    compare.py FOLDER --parquet [--runs N]   the folders live, validation, one-page and long that
                                             make_parquet.py makes, and the binary
"""

import argparse
import array
import csv
import datetime
import itertools
import os
import pathlib
import platform
import statistics
import struct
import subprocess
import sys
import tempfile
import time

PEERS = pathlib.Path(__file__).with_name("peers")
TIME = "/usr/bin/time"  # a small parent: a child's peak RSS is never below its parent's


class Contender:
    """One command of the table.

    `output` has the predictions, which should be those in `truth`, or is None where there are
    none; `own_clock` says that the command's last line is the seconds to report."""

    def __init__(self, name, command, output=None, truth=None, own_clock=False,
                 most_runs=sys.maxsize):
        self.name = name
        self.command = [str(word) for word in command]
        self.output = output
        self.truth = truth
        self.own_clock = own_clock
        self.most_runs = most_runs
        self.walls, self.peaks, self.identical = [], [], []

    def run(self):
        with tempfile.NamedTemporaryFile("r") as usage:
            started = time.perf_counter()
            done = subprocess.run(
                [TIME, "-o", usage.name, "-f", "%M", *self.command],
                stdout=subprocess.PIPE if self.own_clock else subprocess.DEVNULL,
                stderr=subprocess.PIPE, text=True)
            wall = time.perf_counter() - started
            if done.returncode != 0:
                sys.exit(f"{self.name}: exit {done.returncode}\n{done.stderr[-2000:]}")
            if self.own_clock:
                wall = float(done.stdout.split()[-1])
            self.walls.append(wall)
            self.peaks.append(int(usage.read().split()[-1]) / 1024)
        if self.output:
            self.identical.append(read_predictions(self.output) == self.truth.read_bytes())
            self.output.unlink()

    def row(self):
        same = "" if not self.identical else "yes" if all(self.identical) else "**no**"
        return (f"| {self.name} | {statistics.median(self.walls):.2f} s "
                f"| {statistics.median(self.peaks):.0f} MiB | {same} | {len(self.walls)} |")


def read_predictions(path):
    """The predictions as the bytes of float32 values, in the order of the file."""
    if path.suffix != ".csv":
        return path.read_bytes()
    with open(path, newline="") as file:
        rows = csv.reader(file)
        next(rows)
        values = array.array("f", (float(row[1]) for row in rows))
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def parquet_contenders(folder, scratch):
    """Today's data. The cap is that of a container of 96 MiB; a tenth is not ours."""
    binary, cap = folder / "erawise", "88473600"
    out = scratch / "erawise.csv"

    def erawise(title, name, kind, *flags):
        files = folder / name
        return Contender(
            f"`erawise predict`, {title}",
            [binary, "predict", "--data", files / f"{kind}.parquet", "--model",
             files / "example_model.ubj", "--output", out, "--memory-limit", cap,
             "--work-directory", scratch, "--progress", "never", *flags],
            out, files / f"{kind}.f32")

    for threads in (2, 1):
        yield erawise(f"{threads} thread{'s' * (threads > 1)}", "validation", "validation",
                      "--threads", threads)
    yield erawise("one page per column", "one-page", "validation", "--threads", 2)
    yield erawise("ten times the rows", "long", "validation", "--threads", 2)
    yield erawise("ten times the rows, one page per column", "long-one-page", "validation",
                  "--threads", 2)
    yield erawise("live file", "live", "live", "--threads", 2)
    for name, peer in (("pandas and xgboost", "whole_file.py"),
                       ("pyarrow's `iter_batches` and xgboost", "batches.py")):
        for kind, most in (("validation", 3), ("live", 5)):
            csv_file = (scratch / peer).with_suffix(".csv")
            yield Contender(
                f"{name}, {kind} file",
                [sys.executable, PEERS / peer, folder / kind / f"{kind}.parquet",
                 folder / kind / "example_model.ubj", csv_file, 2],
                csv_file, folder / kind / f"{kind}.f32", most_runs=most)


def contenders(folder, scratch):
    truth = folder / "predictions.f32"
    data, model = folder / "tournament.csv.xz", folder / "example_model.ubj"
    matrix = folder / "features.npy"
    python = sys.executable
    if not matrix.exists():
        subprocess.run([python, PEERS / "in_place.py", "--make", data, matrix], check=True)
    out = scratch / "erawise.csv"
    for engine, threads in itertools.product(("auto", "xgboost"), (1, 2)):
        flags = ["--engine", engine, "--threads", threads]
        yield Contender(
            f"`erawise predict {' '.join(map(str, flags))}`",
            [folder / "erawise", "predict", "--data", data, "--model", model, "--output", out,
             *flags, "--progress", "never"], out, truth)
    for threads in (1, 2):  # every feature decoded and cut into eras, and nothing predicted
        yield Contender(
            f"`erawise inspect --data --threads {threads}` (decode only)",
            [folder / "erawise", "inspect", "--data", data, "--threads", threads,
             "--progress", "never"])
    yield Contender("`xz -dc` alone", ["xz", "-dc", data])
    for threads in (1, 2):
        raw = scratch / "in_place.f32"
        yield Contender(
            f"libxgboost in-place, rows in memory, {threads} thread{'s' * (threads > 1)} (call only)",
            [python, PEERS / "in_place.py", matrix, model, raw, threads], raw, truth, own_clock=True)
    for name, peer, most in (("pandas, whole file", "whole_file.py", 3),
                             ("Python era by era (2020)", "era_wise.py", 3)):
        csv_file = (scratch / peer).with_suffix(".csv")
        yield Contender(name, [python, PEERS / peer, data, model, csv_file, 2], csv_file,
                        truth, most_runs=most)


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.machine()


def shape(folder, is_parquet):
    if is_parquet:
        rows = {name: (folder / name / "validation.f32").stat().st_size // struct.calcsize("f")
                for name in ("validation", "long")}
        live = (folder / "live" / "live.f32").stat().st_size // struct.calcsize("f")
        return (f"validation {rows['validation']:,} rows x 2748 features, long {rows['long']:,} "
                f"rows, live {live:,} rows x 3555, models of 2000 trees of depth 5")
    rows = (folder / "predictions.f32").stat().st_size // struct.calcsize("f")
    size = (folder / "tournament.csv.xz").stat().st_size / 2**20
    return f"{rows:,} rows x 310 features, {size:.1f} MiB as .xz, 2000 trees of depth 5"


def warm(path):
    with open(path, "rb") as file:
        while file.read(1 << 20):
            pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--parquet", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    folder = arguments.folder
    make = parquet_contenders if arguments.parquet else contenders

    field = [*make(folder, pathlib.Path(tempfile.gettempdir()))]
    for contender in field:  # everyone starts with a warm page cache
        for word in contender.command:
            if word.endswith((".xz", ".parquet")):
                warm(word)
    for turn in range(arguments.runs):
        for contender in field:
            if turn < contender.most_runs:
                print(f"run {turn + 1}: {contender.name}", file=sys.stderr)
                contender.run()

    version = subprocess.run([folder / "erawise", "--version"], capture_output=True, text=True)
    print(f"{datetime.date.today()}, {processor()}, {os.cpu_count()} processors, "
          f"Linux {platform.release()}; {version.stdout.splitlines()[0]}; {shape(folder, arguments.parquet)}\n")
    print("| | wall | peak RSS | bit-identical | runs |\n|---|---|---|---|---|")
    for contender in field:
        print(contender.row())
    print("\nCommands:\n")
    for contender in field:
        words = " ".join(word.replace(str(PEERS) + "/", "peers/") for word in contender.command)
        print(f"    {words}")
    sys.exit(not all(all(c.identical) for c in field))


if __name__ == "__main__":
    main()
