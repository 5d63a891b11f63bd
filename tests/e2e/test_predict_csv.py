"""predict: every form of CSV gives the same predictions to the bit."""

import csv
import random
from pathlib import Path

import numpy as np
import pytest

from e2e.support.binary import Erawise
from e2e.support.models import predict, train
from e2e.support.table import CODES, Table, assert_same_bits, to_csv

ROWS = 3000


@pytest.fixture(scope="module")
def expected(model: Path, table: Table) -> np.ndarray:
    return predict(model, table)


@pytest.fixture
def check(erawise: Erawise, table: Table, model: Path, tmp_path: Path, expected: np.ndarray):
    def run(content: bytes) -> None:
        data = tmp_path / "data.csv"
        data.write_bytes(content)
        assert_same_bits(erawise.predict(data, model), table, expected)

    return run


def shuffled(columns: list[str]) -> list[str]:
    return random.Random(4).sample(columns, len(columns))


def test_columns_in_any_order(check, table: Table) -> None:
    check(to_csv(table, order=shuffled(["id", "era", "data_type", *table.features, "target"])))


def test_only_the_columns_that_are_needed(check, table: Table) -> None:
    check(to_csv(table, order=["id", "era", *table.features]))


def test_a_file_without_eras_is_one_era(check, table: Table) -> None:
    check(to_csv(table, order=["id", *table.features]))


def test_unknown_columns_and_targets_are_skipped(check, table: Table) -> None:
    extra = {
        "feature_unknown": lambda row: f"{row / 7}",
        "feature_of_text": lambda row: "not a number",
        "target_nomi_20": lambda row: "0.25",
        "comment": lambda row: f"row {row}, with a comma",
        "": lambda row: "",
    }
    order = shuffled(["id", "era", "data_type", *table.features, "target", *extra])
    check(to_csv(table, order=order, extra=extra))


def test_quoted_fields(check, table: Table) -> None:
    check(to_csv(table, quoting=csv.QUOTE_ALL))


def test_quoted_commas_quotes_and_line_breaks_in_columns_that_are_skipped(
        check, table: Table) -> None:
    texts = ('a "quoted" word', "x,y,z", "two\nlines", '"', "")
    extra = {"comment": lambda row: texts[row % len(texts)]}
    check(to_csv(table, order=["id", "comment", "era", *table.features], extra=extra))


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL], ids=["plain", "quoted"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("final_newline", [True, False], ids=["final", "no_final"])
@pytest.mark.parametrize("last", ["target", "feature_029"])
def test_line_ends(check, table: Table, quoting: int, newline: str, final_newline: bool,
                   last: str) -> None:
    columns = ["id", "era", *table.features, "target"]
    order = [c for c in columns if c != last] + [last]
    check(to_csv(table, order=order, quoting=quoting, newline=newline,
                 final_newline=final_newline))


def test_a_byte_order_mark(check, table: Table) -> None:
    check(b"\xef\xbb\xbf" + to_csv(table))


def test_blank_lines_at_the_end(check, table: Table) -> None:
    check(to_csv(table) + b"\n\n")


@pytest.mark.parametrize("spelling", ["{:.1f}", "{:.2f}", "{:.10f}", "{:e}", "+{}", "{:g}"])
def test_spellings_of_the_same_number(erawise: Erawise, table: Table, model: Path,
                                      tmp_path: Path, spelling: str) -> None:
    halves = table.with_values(np.round(table.values * 2) / 2)  # all spellings are exact
    data = tmp_path / "data.csv"
    data.write_bytes(to_csv(halves, cells=lambda value: spelling.format(float(value))))
    assert_same_bits(erawise.predict(data, model), halves, predict(model, halves))


def test_spellings_may_change_from_row_to_row(check, table: Table) -> None:
    spellings = ("{}", "{:.3f}", "{:e}")
    turn = iter(range(10**9))
    check(to_csv(table, cells=lambda value: spellings[next(turn) % 3].format(float(value))))


@pytest.mark.parametrize("missing", ["", "nan", "NaN", "NA"])
def test_spellings_of_a_missing_value(erawise: Erawise, table: Table, model: Path,
                                      tmp_path: Path, missing: str) -> None:
    holes = np.random.default_rng(8).random(table.values.shape) < 0.1
    with_holes = table.with_values(np.where(holes, np.nan, table.values))
    data = tmp_path / "data.csv"
    data.write_bytes(to_csv(
        with_holes, cells=lambda value: missing if np.isnan(value) else str(value)))
    assert_same_bits(erawise.predict(data, model), with_holes, predict(model, with_holes))


class TestFloats:
    """Features that are not 0, 0.25, 0.5, 0.75 and 1."""

    def check(self, erawise: Erawise, table: Table, tmp_path: Path) -> None:
        path, data = tmp_path / "model.ubj", tmp_path / "data.csv"
        train(table).save_model(path)
        data.write_bytes(to_csv(table))
        for engine in ("auto", "xgboost"):
            output = erawise.predict(data, path, "--engine", engine)
            assert_same_bits(output, table, predict(path, table))

    def test_fifty_float_features(self, erawise: Erawise, table: Table, tmp_path: Path) -> None:
        values = np.random.default_rng(1).normal(0.5, 0.2, (ROWS, 50)).astype(np.float32)
        names = [f"feature{i}" for i in range(1, 51)]
        self.check(erawise, Table(table.ids, table.eras, names, values), tmp_path)

    def test_float_and_coded_columns_together(self, erawise: Erawise, table: Table,
                                              tmp_path: Path) -> None:
        floats = np.random.default_rng(2).normal(0, 10, table.values.shape).astype(np.float32)
        coded = np.arange(table.values.shape[1]) % 2 == 0
        self.check(erawise, table.with_values(np.where(coded, table.values, floats)), tmp_path)

    def test_large_small_and_negative_numbers(self, erawise: Erawise, table: Table,
                                              tmp_path: Path) -> None:
        generator = np.random.default_rng(3)
        powers = 10.0 ** generator.integers(-38, 38, table.values.shape)
        values = generator.normal(0, 1, table.values.shape) * powers
        self.check(erawise, table.with_values(values), tmp_path)

    @pytest.mark.parametrize("distinct", [1, 2, 3, 4, 8, 9, 16, 17, 40])
    def test_number_of_distinct_values(self, erawise: Erawise, table: Table, tmp_path: Path,
                                       distinct: int) -> None:
        levels = np.linspace(-1, 1, distinct, dtype=np.float32)
        column = levels[np.random.default_rng(distinct).integers(0, distinct, ROWS)]
        column[:distinct] = levels
        self.check(erawise, table.with_column(0, column), tmp_path)

    @pytest.mark.parametrize("distinct", [6, 9, 16, 17, 100])
    @pytest.mark.parametrize("first", [511, 512, 1500, 2990])
    def test_new_values_late_in_the_file(self, erawise: Erawise, table: Table, tmp_path: Path,
                                         distinct: int, first: int) -> None:
        late = np.linspace(2, 3, distinct - len(CODES), dtype=np.float32)
        column = table.values[:, 7].copy()
        column[first:] = np.resize(late, ROWS - first)
        self.check(erawise, table.with_column(7, column), tmp_path)

    def test_a_missing_value_is_one_of_the_levels(self, erawise: Erawise, table: Table,
                                                  tmp_path: Path) -> None:
        levels = np.append(np.arange(16, dtype=np.float32), np.nan)
        column = np.resize(levels, ROWS)
        self.check(erawise, table.with_column(0, column), tmp_path)

    def test_minus_zero(self, erawise: Erawise, table: Table, tmp_path: Path) -> None:
        column = np.resize(np.array([0.0, -0.0, -0.25, 0.25], dtype=np.float32), ROWS)
        self.check(erawise, table.with_column(0, column), tmp_path)
