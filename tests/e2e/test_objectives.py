"""predict: every objective, booster and intercept gives libxgboost's bits, or is refused."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from e2e.support.binary import EXIT_DONE, EXIT_MODEL, Erawise, read_report
from e2e.support.objectives import (
    BOOSTERS,
    OBJECTIVES,
    Case,
    base_scores_of,
    libxgboost_predicts,
    make_cases,
)
from e2e.support.table import Table, make_table, rows_of, to_csv

pytestmark = pytest.mark.filterwarnings("ignore")

# What the own engine can do around the trees.
FOREST_OBJECTIVES = {
    "reg:squarederror", "reg:linear", "reg:squaredlogerror", "reg:logistic",
    "reg:pseudohubererror", "reg:absoluteerror", "binary:logistic", "binary:logitraw",
    "rank:ndcg", "rank:map", "rank:pairwise",
}


@pytest.fixture(scope="module")
def rows() -> Table:
    """64 rows of 8 features, a fifth of the values missing."""
    table = make_table(seed=15, rows=64, features=8, eras=2)
    holes = np.random.default_rng(15).random(table.values.shape) < 0.2
    return table.with_values(np.where(holes, np.nan, table.values))


class Attempt:
    """Predicts one case in a folder of its own, and says how it ended."""

    def __init__(self, binary: Path, table: Table, folder: Path) -> None:
        self.binary, self.table, self.folder = binary, table, folder
        self.data = folder / "rows.csv"
        self.data.write_bytes(to_csv(table))

    def __call__(self, numbered: tuple[int, Case]) -> str:
        number, case = numbered
        folder = self.folder / str(number)
        folder.mkdir()
        model = case.save(folder / "model.json")
        expected = libxgboost_predicts(model, self.table)
        erawise = Erawise(self.binary, folder)
        output, report = folder / "out.csv", folder / "report.json"
        flags = ("predict", "--data", self.data, "--model", model, "--output", output, "--report",
                 report)
        if expected is None:
            erawise(*flags).expect(EXIT_MODEL)
            return "refused: by libxgboost, too"
        if expected.ndim > 1:
            erawise(*flags).expect(EXIT_MODEL, "values per row")
            return "refused: several values per row"
        if not np.isfinite(expected).all():
            erawise(*flags).expect(EXIT_MODEL, "the prediction of row", "--non-finite")
            assert not output.exists()
            flags = (*flags, "--non-finite", "keep")
        erawise(*flags).expect(EXIT_DONE)
        ids, predictions = rows_of(output.read_bytes())
        assert ids == self.table.ids
        same = (predictions.view(np.uint32) == expected.view(np.uint32)) | (
            np.isnan(predictions) & np.isnan(expected))
        different = np.flatnonzero(~same)
        assert len(different) == 0, (f"{len(different)} rows differ, the first is "
                                     f"{predictions[different[0]]!r}, not "
                                     f"{expected[different[0]]!r}")
        engine = read_report(report)["engine"]
        fits = case.is_plain_forest and case.objective in FOREST_OBJECTIVES
        assert engine == ("bitsliced" if fits else "xgboost")
        kind = "equal bits" if np.isfinite(expected).all() else (
            "refused: not finite; equal bits when kept")
        return f"{kind}, {engine}"


@pytest.mark.parametrize("booster", BOOSTERS)
def test_every_objective_and_intercept_has_the_bits_of_libxgboost(
        binary: Path, rows: Table, tmp_path: Path, booster: str,
        capsys: pytest.CaptureFixture[str]) -> None:
    cases = [case for objective in OBJECTIVES for case in make_cases(objective, booster, rows)]
    attempt = Attempt(binary, rows, tmp_path)

    def outcome(numbered: tuple[int, Case]) -> str:
        try:
            return attempt(numbered)
        except AssertionError as failure:
            return f"WRONG: {numbered[1].name}: {failure}"

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(outcome, enumerate(cases)))
    counts = Counter(outcomes)
    with capsys.disabled():
        print(f"\n{booster}: {len(cases)} models")
        for kind, count in sorted(counts.items()):
            print(f"  {count:4} {kind}")
    assert not [kind for kind in counts if kind.startswith("WRONG")]
    scores = len(base_scores_of(booster))
    assert len(cases) == len(OBJECTIVES) * scores * 2
    assert counts["refused: several values per row"] == scores * 2  # multi:softprob
    equal = sum(count for kind, count in counts.items() if kind.startswith("equal bits"))
    assert equal > 0.9 * len(cases) * (len(OBJECTIVES) - 1) / len(OBJECTIVES)
    if booster == "gbtree":  # three intercepts are no probabilities
        assert counts["equal bits, bitsliced"] == len(FOREST_OBJECTIVES) * scores - 2 * 3
