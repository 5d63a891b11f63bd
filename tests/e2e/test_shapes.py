"""Whatever the shape of a Parquet file: the right bits within the cap, or a limit that does.

A sample in which any two properties go together at least once. ERAWISE_ALL_SHAPES=1 runs all of
them: 480 files, 3840 runs and those with the limits that are named, 1.4 GB for the largest file.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from e2e.support.binary import EXIT_DONE, EXIT_MEMORY, Erawise, read_report
from e2e.support.shapes import (
    ROWS_TO_LEARN_FROM,
    Run,
    Shape,
    all_runs,
    all_shapes,
    ids_of,
    pairwise,
    predict_columns,
    train_on,
)
from e2e.support.table import rows_of

FAULTS = Path(__file__).parents[1] / "fixtures" / "faults"

MOST_CELLS = 6_000_000
ALL = os.environ.get("ERAWISE_ALL_SHAPES") == "1"
CASES = ([(shape, all_runs()) for shape in all_shapes()] if ALL else
         [(shape, [run]) for shape, run in pairwise(MOST_CELLS)] +
         [(Shape(3555, 1500, "continuous", "no-dictionary"), [Run(32, 2)])])  # too little

CODED = re.compile(r"(\d+) features \((\d+) with at most 16 values\)")


@pytest.fixture(scope="module")
def tally() -> Iterator[Counter]:
    """How the runs ended; pytest -s shows it."""
    counts = Counter()
    yield counts
    print("\nshapes:", *(f"{count} {what}" for what, count in sorted(counts.items())), sep="\n  ")


class Case:
    """A file, a model, and what it predicts."""

    def __init__(self, shape: Shape, folder: Path) -> None:
        self.data, self.model = folder / "data.parquet", folder / "model.ubj"
        self.output, self.report = folder / "predictions.csv", folder / "report.json"
        columns = shape.columns()
        shape.write(self.data, columns)
        booster = train_on(shape.names, shape.matrix(columns, 0, ROWS_TO_LEARN_FROM))
        booster.save_model(self.model)
        self.expected = predict_columns(shape, booster, columns)

    def run(self, erawise: Erawise, cap: str | None, threads: int):
        limit = ("--memory-limit", cap) if cap else ()
        return erawise("predict", "--data", self.data, "--model", self.model, "--output",
                       self.output, "--report", self.report, "--threads", threads, *limit)

    def check(self, sanitized: bool) -> None:
        """Of a run that was done."""
        ids, predictions = rows_of(self.output.read_bytes())
        assert ids == ids_of(len(self.expected))
        assert np.array_equal(predictions.view(np.uint32), self.expected.view(np.uint32))
        told = read_report(self.report)
        cap = told["memory_limit_bytes"]
        assert sanitized or cap is None or told["peak_rss_bytes"] <= cap
        self.output.unlink()


def coded_features(shape: Shape) -> int:
    if shape.values != "continuous":
        return shape.features
    return 1 if shape.pages in ("first-constant", "first-null") else 0


@pytest.mark.parametrize(("shape", "runs"), CASES,
                         ids=lambda it: str(it[0] if len(it) == 1 else "all-runs")
                         if isinstance(it, list) else str(it))
def test_a_shape(erawise: Erawise, shape: Shape, runs: list[Run], sanitized: bool,
                 tally: Counter, tmp_path: Path) -> None:
    case = Case(shape, tmp_path)
    try:
        told = erawise("inspect", "--data", case.data).expect(EXIT_DONE).stdout.decode()
        assert CODED.search(told).groups() == (str(shape.features), str(coded_features(shape)))
        for run in runs:
            check_run(case, erawise, run, sanitized, tally)
    finally:
        case.data.unlink()


def check_run(case: Case, erawise: Erawise, run: Run, sanitized: bool, tally: Counter) -> None:
    result = case.run(erawise, run.cap and f"{run.cap}MiB", run.threads)
    tally[f"exit {result.exit_code} with {f'{run.cap} MiB' if run.cap else 'no cap'}"] += 1
    if run.cap is None or result.exit_code == EXIT_DONE:
        result.expect(EXIT_DONE)
    else:
        limit = result.expect(EXIT_MEMORY).named_limit
        case.run(erawise, limit, run.threads).expect(EXIT_DONE)
        tally["named limits that do"] += 1
    case.check(sanitized)


@pytest.mark.parametrize("name", ["few_features", "wide_plain_floats"])
@pytest.mark.parametrize("cap", [(), ("--memory-limit", "128MiB")], ids=["no-cap", "128MiB"])
def test_files_that_were_refused_once(erawise: Erawise, name: str, cap: tuple[str, ...]) -> None:
    """Two features, the first constant, the other one on a long page; 2200 of 17 floats each."""
    content = erawise.predict(FAULTS / f"{name}.parquet", FAULTS / f"{name}.ubj", *cap)
    expected = np.loadtxt(FAULTS / f"{name}.predictions.txt", dtype=np.float32)
    assert np.array_equal(rows_of(content)[1].view(np.uint32), expected.view(np.uint32))
