"""Parquet in every layout gives the bytes that the same table gives as CSV."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from e2e.support.binary import Erawise
from e2e.support.models import predict, train
from e2e.support.parquet import LAYOUTS, Layout, arrow_table, pack_frame
from e2e.support.table import Table, assert_same_bits, make_table

PAGES = re.compile(r"(\d+) of (\d+) pages of features went straight to bit planes")


def with_nulls(table: Table) -> Table:
    """One feature with a null here and there, one with runs of them, one of nothing else."""
    values = table.values.copy()
    values[::7, 3] = np.nan
    values[100:1500, 5] = np.nan
    values[:, 8] = np.nan
    return table.with_values(values)


@pytest.fixture(scope="module")
def plain() -> Table:
    return make_table(11, rows=2300, features=20, eras=3)


@pytest.fixture(scope="module")
def model(plain: Table, tmp_path_factory: pytest.TempPathFactory) -> dict[float, Path]:
    """Models by the scale of the features."""
    folder = tmp_path_factory.mktemp("models")
    files = {}
    for scale in (1, 4):
        scaled = with_nulls(plain).with_values(with_nulls(plain).values * scale)
        files[scale] = folder / f"model{scale}.ubj"
        train(scaled).save_model(files[scale])
    return files


def count_pages(log: str) -> tuple[int, int]:
    fast, pages = PAGES.search(log).groups()
    return int(fast), int(pages)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_every_layout_predicts_the_same_bits(
    erawise: Erawise, plain: Table, model: dict[float, Path], layout: Layout, tmp_path: Path
) -> None:
    table = with_nulls(plain) if layout.has_nulls else plain
    data = tmp_path / "data.parquet"
    data.write_bytes(layout.pack(table))
    expected = predict(model[layout.scale], table.with_values(table.values * layout.scale))
    for arguments in (("--threads", "1"), ("--threads", "2"), ("--memory-limit", "24MiB")):
        output = tmp_path / "predictions.csv"
        run = erawise("predict", "--data", data, "--model", model[layout.scale], "--output", output,
                      *arguments).expect(0)
        assert_same_bits(output.read_bytes(), table, expected)
        fast, pages = count_pages(run.log)
        assert pages > 0
        # A chunk of nulls alone has no dictionary, and what is not there needs no values.
        assert (fast == pages) == layout.fast, f"{fast} of {pages} pages"
