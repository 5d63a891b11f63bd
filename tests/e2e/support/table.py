"""Tournament data as a table in memory, and as text in the many forms that CSV has."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

CODES = np.array([0.0, 0.25, 0.5, 0.75, 1.0], dtype=np.float32)


@dataclass(frozen=True)
class Table:
    """Rows of ids, eras and float32 features; NaN is a missing value."""

    ids: list[str]
    eras: list[str]
    features: list[str]
    values: np.ndarray  # rows x features

    @property
    def frame(self) -> pd.DataFrame:
        """The features as the Python way sees them."""
        return pd.DataFrame(self.values, columns=self.features)

    @property
    def target(self) -> np.ndarray:
        """Something that a model can learn: 0, 0.25, ..., 1."""
        signal = np.nan_to_num(self.values[:, :10], nan=0.5).mean(axis=1)
        order = np.argsort(np.argsort(signal))
        return CODES[order * 5 // len(order)]

    def with_values(self, values: np.ndarray) -> "Table":
        return replace(self, values=np.asarray(values, dtype=np.float32))

    def with_column(self, index: int, column: Sequence[float]) -> "Table":
        values = self.values.copy()
        values[:, index] = column
        return self.with_values(values)

    def with_eras(self, eras: Sequence[str]) -> "Table":
        return replace(self, eras=list(eras))

    def rows(self, first: int, last: int) -> "Table":
        return Table(self.ids[first:last], self.eras[first:last], self.features,
                     self.values[first:last])


def make_table(seed: int, rows: int, features: int, eras: int) -> Table:
    """Features of five values each, eras of nearly equal length, the last one `eraX`."""
    generator = np.random.default_rng(seed)
    values = CODES[generator.integers(0, 5, size=(rows, features))]
    ids = [f"n{number:015x}" for number in generator.permutation(rows)]
    names = [f"era{1 + i}" for i in range(eras - 1)] + ["eraX"]
    labels = [names[row * eras // rows] for row in range(rows)]
    return Table(ids, labels, [f"feature_{i:03d}" for i in range(features)], values)


def cell(value: np.float32) -> str:
    """The shortest text that reads as the same float32; nothing for a missing value."""
    return "" if np.isnan(value) else str(value)


def to_csv(
    table: Table,
    *,
    order: Sequence[str] | None = None,
    extra: dict[str, Callable[[int], str]] | None = None,
    newline: str = "\n",
    quoting: int = csv.QUOTE_MINIMAL,
    final_newline: bool = True,
    cells: Callable[[np.float32], str] = cell,
) -> bytes:
    """The table as CSV.

    `order` has the columns in the order of the file, by default id, era, data_type, the features
    and a target that is empty; `extra` has the cells of other columns by row number.
    """
    columns: dict[str, Callable[[int], str]] = {
        "id": table.ids.__getitem__,
        "era": table.eras.__getitem__,
        "data_type": lambda row: "live" if table.eras[row] == "eraX" else "test",
        **{name: (lambda row, i=i: cells(table.values[row, i]))
           for i, name in enumerate(table.features)},
        "target": lambda row: "",
        **(extra or {}),
    }
    names = list(order or columns)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=newline, quoting=quoting)
    writer.writerow(names)
    for row in range(len(table.ids)):
        writer.writerow([columns[name](row) for name in names])
    content = text.getvalue()
    return (content if final_newline else content.removesuffix(newline)).encode()


def rows_of(output: bytes) -> tuple[list[str], np.ndarray]:
    """Ids and predictions of an output file, the latter as float32."""
    frame = read_output(output)
    return list(frame["id"]), frame["prediction"].to_numpy(dtype=np.float32)


def read_output(output: bytes) -> pd.DataFrame:
    frame = pd.read_csv(io.BytesIO(output), dtype={"id": str}, float_precision="round_trip")
    assert list(frame.columns) == ["id", "prediction"]
    return frame


def assert_same_bits(output: bytes, table: Table, expected: np.ndarray) -> None:
    """The output has the table's ids in their order, and these float32 values to the bit."""
    ids, predictions = rows_of(output)
    assert ids == table.ids
    expected = np.asarray(expected, dtype=np.float32)
    different = np.flatnonzero(predictions.view(np.uint32) != expected.view(np.uint32))
    assert len(different) == 0, (
        f"{len(different)} of {len(ids)} rows differ, first row {different[0]}: "
        f"{predictions[different[0]]!r}, not {expected[different[0]]!r}")


def ranks(table: Table, predictions: np.ndarray) -> pd.Series:
    """(rank - 0.5) / n within each era, ties share their average."""
    by_era = pd.Series(np.asarray(predictions)).groupby(pd.Series(table.eras))
    return (by_era.rank(method="average") - 0.5) / by_era.transform("count")
