"""predict: what is written where, and that threads and caps change no byte of it."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from e2e.support.binary import EXIT_DISK, EXIT_DONE, Erawise, files_below, read_report
from e2e.support.models import predict, train
from e2e.support.packing import xz, xz_in_blocks
from e2e.support.table import Table, make_table, ranks, read_output, to_csv


@pytest.fixture(scope="module")
def wide(fixtures: Path) -> tuple[Path, Path, Table]:
    """Data and model of 310 features; an era of it is larger than a batch."""
    table = make_table(seed=310, rows=2500, features=310, eras=2)
    table = table.with_eras(["era1"] * 100 + ["eraX"] * 2400)
    model, data = fixtures / "wide.ubj", fixtures / "wide.csv.xz"
    train(table, colsample_bytree=0.1).save_model(model)
    data.write_bytes(xz_in_blocks(to_csv(table), 500_000))
    return data, model, table


@pytest.mark.parametrize("transform", ["none", "rank"])
def test_threads_change_no_byte(erawise: Erawise, wide: tuple[Path, Path, Table],
                                transform: str) -> None:
    data, model, _ = wide
    outputs = {erawise.predict(data, model, "--threads", threads, "--transform", transform)
               for threads in (1, 2, 4, 0)}
    assert len(outputs) == 1


@pytest.mark.parametrize("transform", ["none", "rank"])
def test_caps_change_no_byte_and_are_kept(erawise: Erawise, wide: tuple[Path, Path, Table],
                                          sanitized: bool, tmp_path: Path,
                                          transform: str) -> None:
    data, model, _ = wide
    outputs = {erawise.predict(data, model, "--transform", transform)}
    extra = 1024 if sanitized else 0  # MiB: shadow memory
    for mebibytes in (48, 64, 128, 256):
        for threads in (1, 2):
            report = tmp_path / "report.json"
            outputs.add(erawise.predict(
                data, model, "--memory-limit", f"{mebibytes + extra}MiB", "--threads", threads,
                "--transform", transform, "--report", report))
            told = read_report(report)
            assert told["memory_limit_bytes"] <= (mebibytes + extra) * 2**20
            if not sanitized:
                assert told["peak_rss_bytes"] <= told["memory_limit_bytes"]
    assert len(outputs) == 1


def test_standard_output_gets_the_same_bytes_and_nothing_else(
        erawise: Erawise, data: Path, model: Path) -> None:
    result = erawise("predict", "--data", data, "--model", model, "--output", "-")
    result.expect(EXIT_DONE)
    assert result.stdout == erawise.predict(data, model)
    assert files_below(erawise.folder) == set()


def test_standard_output_that_is_full_is_an_error_of_the_disk(
        erawise: Erawise, data: Path, model: Path) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        result = erawise("predict", "--data", data, "--model", model, "--output", "-",
                         stdout=full)
    finally:
        os.close(full)
    result.expect(EXIT_DISK, "standard output")


def test_the_default_output_is_a_file_in_the_current_folder(
        erawise: Erawise, data: Path, model: Path) -> None:
    erawise("predict", "--data", data, "--model", model).expect(EXIT_DONE)
    assert files_below(erawise.folder) == {"predictions.csv"}


def test_an_older_file_is_replaced(erawise: Erawise, data: Path, model: Path) -> None:
    older = erawise.folder / "predictions.csv"
    older.write_text("old\n" * 100_000)
    assert b"old" not in erawise.predict(data, model)


def test_the_name_of_the_column_can_be_chosen(erawise: Erawise, data: Path,
                                              model: Path) -> None:
    content = erawise.predict(data, model, "--prediction-column", "prediction_kazutsugi")
    assert content.startswith(b"id,prediction_kazutsugi\n")
    assert content.split(b"\n", 1)[1] == erawise.predict(data, model).split(b"\n", 1)[1]


class TestRank:
    """--transform rank: (rank - 0.5) / n within each era, as pandas ranks."""

    def check(self, erawise: Erawise, data: Path, model: Path, table: Table) -> pd.DataFrame:
        output = read_output(erawise.predict(data, model, "--transform", "rank"))
        assert list(output["id"]) == table.ids
        expected = ranks(table, predict(model, table))
        np.testing.assert_allclose(output["prediction"], expected, rtol=1e-15, atol=0)
        assert output["prediction"].between(0, 1, inclusive="neither").all()
        return output

    def test_eras_are_ranked_each_on_its_own(self, erawise: Erawise, data: Path, model: Path,
                                             table: Table) -> None:
        self.check(erawise, data, model, table)

    def test_an_era_larger_than_a_batch(self, erawise: Erawise,
                                        wide: tuple[Path, Path, Table]) -> None:
        self.check(erawise, *wide)

    def test_ties_share_their_average(self, erawise: Erawise, data: Path, table: Table,
                                      tmp_path: Path) -> None:
        model = tmp_path / "stump.ubj"
        train(table, n_estimators=1, max_depth=2).save_model(model)
        output = self.check(erawise, data, model, table)
        assert output["prediction"].nunique() < 40

    def test_an_era_of_one_row(self, erawise: Erawise, model: Path, table: Table,
                               tmp_path: Path) -> None:
        data = tmp_path / "data.csv"
        single = table.rows(0, 100).with_eras(["era1"] * 50 + ["era2"] + ["eraX"] * 49)
        data.write_bytes(to_csv(single))
        output = self.check(erawise, data, model, single)
        assert output["prediction"][50] == 0.5


@pytest.mark.parametrize("rows", [1, 2, 63, 64, 65, 511, 512, 513, 1024, 1025])
def test_odd_numbers_of_rows(erawise: Erawise, table: Table, model: Path, data: Path,
                             tmp_path: Path, rows: int) -> None:
    part = tmp_path / "part.csv.xz"
    part.write_bytes(xz(to_csv(table.rows(0, rows).with_eras(["eraX"] * rows))))
    whole = erawise.predict(data, model).split(b"\n")
    assert erawise.predict(part, model).split(b"\n") == [*whole[: rows + 1], b""]


def test_many_tiny_eras(erawise: Erawise, table: Table, model: Path, data: Path,
                        tmp_path: Path) -> None:
    part = tmp_path / "part.csv"
    part.write_bytes(to_csv(table.with_eras([f"era{row // 2}" for row in range(len(table.ids))])))
    assert erawise.predict(part, model) == erawise.predict(data, model)


def test_ids_that_need_quotes_are_quoted(erawise: Erawise, table: Table, model: Path,
                                         tmp_path: Path) -> None:
    part = table.rows(0, 3)
    odd = Table(["a,b", 'say "x"', "plain"], part.eras, part.features, part.values)
    data = tmp_path / "data.csv"
    data.write_bytes(to_csv(odd))
    assert list(read_output(erawise.predict(data, model))["id"]) == odd.ids
