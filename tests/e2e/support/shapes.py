"""Parquet files of every shape: how many features and rows, which values, on what pages."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xgboost

from e2e.support.table import CODES

FEATURES = (1, 2, 3, 5, 40, 300, 2200, 3555)
ROWS = (1500, 2556, 20_000, 100_000)
VALUES = ("int8", "five-valued", "continuous")
PAGES = ("dictionary", "no-dictionary", "first-constant", "first-null", "long-plain")
CAPS = (None, 32, 64, 256)  # MiB
THREADS = (1, 2)

ONE_PAGE = {"use_dictionary": ["era"], "data_page_size": 2**31 - 1}
"""Per column; PLAIN, but for the eras."""

ROWS_TO_LEARN_FROM = 300
ROWS_AT_A_TIME = 10_000


@dataclass(frozen=True)
class Shape:
    """A file of one row group; `values` has a column per feature."""

    features: int
    rows: int
    values: str
    pages: str

    def __str__(self) -> str:
        return f"{self.features}x{self.rows}-{self.values}-{self.pages}"

    @property
    def names(self) -> list[str]:
        return [f"feature_{i:04d}" for i in range(self.features)]

    @property
    def cells(self) -> int:
        return self.features * self.rows

    def columns(self) -> np.ndarray:
        """Features x rows; NaN where a value is missing."""
        draw = np.random.default_rng(self.features * 7 + self.rows)
        size = (self.features, self.rows)
        if self.values == "continuous":
            columns = draw.random(size, dtype=np.float32)
        else:
            codes = draw.integers(0, 5, size, dtype=np.int8)
            columns = codes if self.values == "int8" else CODES[codes]
        if self.pages == "first-constant":
            columns[0] = 1
        return columns

    def missing(self, feature: int) -> np.ndarray | None:
        """Which rows are null; None: none is."""
        if self.pages != "first-null":
            return None
        return (np.ones(self.rows, bool) if feature == 0 else
                np.arange(self.rows) % 19 == feature % 19)

    def write(self, path: Path, columns: np.ndarray, **options: object) -> None:
        if self.pages == "dictionary":
            layout = {}
        elif self.pages == "no-dictionary":
            layout = {"use_dictionary": ["era"]}
        else:
            layout = {**ONE_PAGE, "max_rows_per_page": self.rows, "row_group_size": self.rows}
        features = {name: pa.array(columns[i], mask=self.missing(i))
                    for i, name in enumerate(self.names)}
        write_features(path, features, **{**layout, **options})

    def matrix(self, columns: np.ndarray, first: int, last: int) -> np.ndarray:
        """Rows as a model takes them."""
        rows = np.ascontiguousarray(columns[:, first:last].T, dtype=np.float32)
        for feature in range(self.features if self.pages == "first-null" else 0):
            rows[self.missing(feature)[first:last], feature] = np.nan
        return rows


def write_features(path: Path, features: dict[str, pa.Array], **options: object) -> None:
    """With ids, four eras and a target."""
    rows = len(next(iter(features.values())))
    columns = {"id": pa.array(ids_of(rows)),
               "era": pa.array([f"{1 + row * 4 // rows:04d}" for row in range(rows)]),
               **features,
               "target": pa.array(CODES[np.arange(rows) * 7 % 5])}
    pq.write_table(pa.table(columns), path, **options)


def ids_of(rows: int) -> list[str]:
    return [f"n{row:015x}" for row in range(rows)]


def train_on(names: list[str], matrix: np.ndarray) -> xgboost.Booster:
    """A small forest that looks at features from everywhere."""
    target = np.random.default_rng(3).random(len(matrix), dtype=np.float32)
    data = xgboost.DMatrix(matrix, target, feature_names=names)
    return xgboost.train({"max_depth": 4, "colsample_bynode": 0.3, "seed": 1, "nthread": 2,
                          "max_bin": 16}, data, 10)


def predict_columns(shape: Shape, model: xgboost.Booster, columns: np.ndarray) -> np.ndarray:
    model.set_param({"nthread": 2})
    return np.concatenate([
        model.inplace_predict(shape.matrix(columns, first, first + ROWS_AT_A_TIME),
                              validate_features=False)
        for first in range(0, shape.rows, ROWS_AT_A_TIME)])


@dataclass(frozen=True)
class Run:
    cap: int | None  # MiB
    threads: int

    def __str__(self) -> str:
        return f"{self.cap or 'no'}-cap-{self.threads}-threads"


def all_shapes() -> list[Shape]:
    return [Shape(*of) for of in itertools.product(FEATURES, ROWS, VALUES, PAGES)]


def all_runs() -> list[Run]:
    return [Run(*of) for of in itertools.product(CAPS, THREADS)]


def pairwise(most_cells: int) -> list[tuple[Shape, Run]]:
    """A few shapes and runs, so that any two properties that go together are together in one of
    them, as far as files of so many cells allow."""
    cases = [(shape, run) for shape in all_shapes() for run in all_runs()
             if shape.cells <= most_cells]
    missing = {pair for case in cases for pair in _pairs(case)}
    chosen = []
    while missing:
        best = max(cases, key=lambda case: (len(missing.intersection(_pairs(case))),
                                            -case[0].cells))
        missing.difference_update(_pairs(best))
        chosen.append(best)
    return chosen


def _pairs(case: tuple[Shape, Run]) -> Iterator[tuple]:
    shape, run = case
    properties = enumerate((shape.features, shape.rows, shape.values, shape.pages, run.cap,
                            run.threads))
    return itertools.combinations(properties, 2)
