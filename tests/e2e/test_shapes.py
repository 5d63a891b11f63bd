"""Whatever the shape of a Parquet file: the right bits within the cap, or a limit that does.

A sample in which any two properties go together at least once. ERAWISE_ALL_SHAPES=1 runs all of
them, under all caps: 1920 runs, 1.4 GB for the largest file.
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
    CAPS,
    ROWS_TO_LEARN_FROM,
    Shape,
    all_shapes,
    ids_of,
    pairwise,
    predict_columns,
    train_on,
)
from e2e.support.table import rows_of

MOST_CELLS = 6_000_000
ALL = os.environ.get("ERAWISE_ALL_SHAPES") == "1"
CASES = ([(shape, CAPS) for shape in all_shapes()] if ALL else
         [(shape, (cap,)) for shape, cap in pairwise(MOST_CELLS)])

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


@pytest.mark.parametrize(("shape", "caps"), CASES, ids=lambda it: str(it).replace(" ", ""))
def test_a_shape(erawise: Erawise, shape: Shape, caps: tuple[int | None, ...], sanitized: bool,
                 tally: Counter, tmp_path: Path) -> None:
    case = Case(shape, tmp_path)
    told = erawise("inspect", "--data", case.data).expect(EXIT_DONE).stdout.decode()
    assert CODED.search(told).groups() == (str(shape.features), str(coded_features(shape)))
    for cap in caps:
        threads = 1 + (shape.cells + len(str(shape))) % 2
        run = case.run(erawise, cap and f"{cap}MiB", threads)
        if cap is None or run.exit_code == EXIT_DONE:
            run.expect(EXIT_DONE)
            case.check(sanitized)
        else:
            limit = run.expect(EXIT_MEMORY).named_limit
            case.run(erawise, limit, threads).expect(EXIT_DONE)
            case.check(sanitized)
            tally["named limits that do"] += 1
        tally[f"exit {run.exit_code} with {f'{cap} MiB' if cap else 'no cap'}"] += 1
    case.data.unlink()
