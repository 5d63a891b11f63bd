"""The ids of the live era, read from a text, CSV, CSV.xz or Parquet file."""

import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO


def _open(path: Path) -> TextIO:
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8")
    return open(path, encoding="utf-8")


def _rows(file: TextIO, columns: list[str]) -> Iterator[str]:
    """Ids of the live rows; the columns behind `data_type` are never split."""
    data_type = columns.index("data_type") if "data_type" in columns else 0
    for line in file:
        cells = line.rstrip("\r\n").split(",", data_type + 1)
        if cells[0] and (data_type == 0 or cells[data_type] == "live"):
            yield cells[0].strip('"')


def _read_parquet(path: Path) -> frozenset[str]:
    import pyarrow.parquet  # takes longer to load than all the rest; only needed here

    table = pyarrow.parquet.read_table(path, columns=["id", "data_type"],
                                       filters=[("data_type", "==", "live")])
    return frozenset(table["id"].to_pylist())


def read_live_ids(path: Path) -> frozenset[str]:
    """Reads the live ids of a file.

    A Parquet file has the columns `id` and `data_type`, whose live rows count.
    A CSV file has `id` as its first column; where it has a column `data_type`, only the rows
    whose value there is `live` count. A file without that header has one id per line.
    """
    if path.suffix == ".parquet":
        return _read_parquet(path)
    with _open(path) as file:
        first = file.readline().rstrip("\r\n")
        columns = [c.strip('"') for c in first.split(",")]
        ids = set(_rows(file, columns))
        if columns[0] != "id" and first:
            if len(columns) > 1:
                raise ValueError(f"{path}: the first column must be 'id', not '{columns[0]}'")
            ids.add(first)
    if not ids:
        raise ValueError(f"{path}: no live ids")
    return frozenset(ids)
