"""LightGBM's models and what it predicted with them, made by the real library."""

from pathlib import Path

import numpy as np

from e2e.support.table import Table, read_output

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "lightgbm"

# Which rows a model's predictions are for; all others are for rows.csv.
ROWS = {"float": "rows_float.csv", "missing_nan": "rows_missing.csv",
        "missing_zero": "rows_missing.csv", "no_missing_handling": "rows_missing.csv"}
MODELS = ["regression", "binary", "dart", "deep", "forest", "categorical", *ROWS]


def model_file(name: str) -> Path:
    return FOLDER / f"{name}.txt"


def tournament_csv(name: str, names: dict[str, str] | None = None) -> bytes:
    """The rows of a model as tournament data: 250 rows of two eras. `names` renames features."""
    lines = (FOLDER / ROWS.get(name, "rows.csv")).read_text().splitlines()
    header = ",".join((names or {}).get(column, column) for column in lines[0].split(","))
    rows = [f"n{i:04d},{'era1' if i < 100 else 'eraX'},live,{line}"
            for i, line in enumerate(lines[1:])]
    return "\n".join([f"id,era,data_type,{header}", *rows, ""]).encode()


def predictions(name: str) -> np.ndarray:
    return np.array([float(line) for line in
                     (FOLDER / f"{name}.predictions.txt").read_text().splitlines()])


def assert_same_bits(output: bytes, expected: np.ndarray) -> None:
    """The output has the fixture's rows in order, and these float64 values to the bit."""
    frame = read_output(output)
    assert list(frame["id"]) == [f"n{i:04d}" for i in range(len(expected))]
    got = frame["prediction"].to_numpy(dtype=np.float64)
    different = np.flatnonzero(got.view(np.uint64) != expected.view(np.uint64))
    assert len(different) == 0, (f"{len(different)} rows differ, first row {different[0]}: "
                                 f"{got[different[0]]!r}, not {expected[different[0]]!r}")


def as_table(name: str) -> Table:
    """Ids and eras of tournament_csv(), for ranks."""
    count = len(predictions(name))
    eras = ["era1" if i < 100 else "eraX" for i in range(count)]
    return Table([f"n{i:04d}" for i in range(count)], eras, [], np.empty((count, 0)))
