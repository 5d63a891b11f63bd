"""Rows that take more memory than the first ones told: the run goes on within the cap, or is
refused with a limit that does for the whole file."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from e2e.support import scoring
from e2e.support.binary import EXIT_DONE, EXIT_MEMORY, Erawise, Result, read_report
from e2e.support.shapes import ONE_PAGE, ids_of, train_on, write_features
from e2e.support.table import CODES, rows_of

ASKED = "rows take more than the first ones told"
CODED = re.compile(r"(\d+) features \((\d+) with at most 16 values\)")


@dataclass(frozen=True)
class File:
    """Data, a model, and what it predicts."""

    data: Path
    model: Path
    expected: np.ndarray

    def run(self, erawise: Erawise, *arguments: object) -> Result:
        return erawise("predict", "--data", self.data, "--model", self.model, "--output",
                       self.data.parent / "predictions.csv", "--report",
                       self.data.parent / "report.json", *arguments)

    def check(self, sanitized: bool) -> None:
        """Of a run that was done."""
        ids, predictions = rows_of((self.data.parent / "predictions.csv").read_bytes())
        assert ids == ids_of(len(self.expected))
        assert np.array_equal(predictions.view(np.uint32), self.expected.view(np.uint32))
        told = read_report(self.data.parent / "report.json")
        cap = told["memory_limit_bytes"]
        assert sanitized or cap is None or told["peak_rss_bytes"] <= cap

    def named_limit(self, erawise: Erawise, sanitized: bool, *arguments: object) -> int:
        """In MiB. It does, and what is less is refused with the same, before or after planning."""
        limit = int(self.run(erawise, "--memory-limit", "2MiB", *arguments).expect(
            EXIT_MEMORY).named_limit.removesuffix("MiB"))
        self.run(erawise, "--memory-limit", f"{limit}MiB", *arguments).expect(EXIT_DONE)
        self.check(sanitized)
        less = self.run(erawise, "--memory-limit", f"{limit - 4}MiB", *arguments).expect(
            EXIT_MEMORY).named_limit
        assert abs(int(less.removesuffix("MiB")) - limit) <= 1
        return limit


def names_of(features: int) -> list[str]:
    return [f"feature_{i:04d}" for i in range(features)]


def late_columns(features: int, wide: int, parts: tuple[int, ...]) -> np.ndarray:
    """Five values each in the first part; in the others `wide` features have any."""
    draw = np.random.default_rng(features + wide)
    columns = CODES[draw.integers(0, 5, (features, sum(parts)))]
    chosen = draw.permutation(features)[:wide]
    columns[chosen, parts[0]:] = draw.random((wide, sum(parts[1:])), dtype=np.float32)
    return columns


def make_file(folder: Path, columns: np.ndarray,
              write: Callable[[Path, dict[str, pa.Array]], None]) -> File:
    features, rows = columns.shape
    data, model = folder / "data", folder / "model.ubj"
    matrix = np.ascontiguousarray(columns.T)
    booster = train_on(names_of(features), matrix[np.linspace(0, rows - 1, 300).astype(int)])
    booster.save_model(model)
    write(data, dict(zip(names_of(features), map(pa.array, columns), strict=True)))
    return File(data, model, booster.inplace_predict(matrix, validate_features=False))


def in_row_groups(parts: tuple[int, ...], **options: object) -> Callable:
    """A row group per part."""
    def write(path: Path, features: dict[str, pa.Array]) -> None:
        whole = path.with_suffix(".whole")
        write_features(whole, features)
        table = pq.read_table(whole)
        with pq.ParquetWriter(path, table.schema, **options) as writer:
            first = 0
            for rows in parts:
                writer.write_table(table.slice(first, rows), row_group_size=rows)
                first += rows
    return write


def in_pages(rows: int, **options: object) -> Callable:
    """In one row group."""
    def write(path: Path, features: dict[str, pa.Array]) -> None:
        write_features(path, features, max_rows_per_page=rows, **options)
    return write


PARTS = (600, 700)
LAYOUTS = {
    "row-groups": in_row_groups(PARTS),
    "row-groups-without-dictionary": in_row_groups(PARTS, use_dictionary=False),
    "pages-without-dictionary": in_pages(500, use_dictionary=False),
    "zstd": in_row_groups(PARTS, compression="zstd", use_dictionary=False),
}


@pytest.mark.parametrize(("layout", "threads"), [*zip(LAYOUTS, (2, 1, 2, 1), strict=True)])
def test_features_that_get_more_values_later(erawise: Erawise, layout: str, threads: int,
                                             sanitized: bool, tmp_path: Path) -> None:
    """2748 features, as many as a Numerai file has."""
    file = make_file(tmp_path, late_columns(2748, 1800, PARTS), LAYOUTS[layout])
    file.run(erawise, "--threads", threads).expect(EXIT_DONE)
    file.check(sanitized)
    limit = file.named_limit(erawise, sanitized, "--threads", threads)
    assert limit < 64 or sanitized
    told = erawise("inspect", "--data", file.data).expect(EXIT_DONE).stdout.decode()
    assert CODED.search(told).groups() == ("2748", "948")


def test_pages_that_get_longer_later(erawise: Erawise, sanitized: bool, tmp_path: Path) -> None:
    """Of ids as well: in the first row group there is nothing to be seen of them."""
    parts = (100, 500_000)
    columns = late_columns(2, 2, parts)
    file = make_file(tmp_path, columns, in_row_groups(
        parts, compression="zstd", max_rows_per_page=parts[1], **ONE_PAGE))
    for threads in (1, 2):
        file.run(erawise, "--threads", threads).expect(EXIT_DONE)
        file.check(sanitized)
        file.named_limit(erawise, sanitized, "--threads", threads, "--work-directory", tmp_path)


def to_csv(path: Path, features: dict[str, pa.Array]) -> None:
    values = np.column_stack([column.to_numpy() for column in features.values()])
    lines = [f"{name},era1," + ",".join(map(str, row))
             for name, row in zip(ids_of(len(values)), values, strict=True)]
    path.write_text("\n".join([f"id,era,{','.join(features)}", *lines, ""]))


def test_csv_that_gets_more_values_later(erawise: Erawise, sanitized: bool,
                                         tmp_path: Path) -> None:
    file = make_file(tmp_path, late_columns(1200, 1100, (300, 300)), to_csv)
    for threads in (1, 2):
        file.run(erawise, "--threads", threads).expect(EXIT_DONE)
        file.check(sanitized)
        file.named_limit(erawise, sanitized, "--threads", threads)
    told = erawise("inspect", "--data", file.data).expect(EXIT_DONE).stdout.decode()
    assert CODED.search(told).groups() == ("1200", "100")


def test_inspect_plans_for_all_rows(erawise: Erawise, tmp_path: Path) -> None:
    file = make_file(tmp_path, late_columns(2748, 1800, PARTS), LAYOUTS["row-groups"])
    refused = erawise("inspect", "--data", file.data, "--model", file.model, "--memory-limit",
                      "20MiB", "--threads", 2).expect(EXIT_MEMORY)
    limit = file.run(erawise, "--threads", 2, "--memory-limit", "2MiB").named_limit
    assert abs(int(refused.named_limit[:-3]) - int(limit[:-3])) <= 1
    told = erawise("inspect", "--data", file.data, "--model", file.model, "--memory-limit",
                   limit, "--threads", 2).expect(EXIT_DONE).stdout.decode()
    assert "era batches" in told


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> File:
    """As polars and DuckDB write floats."""
    columns = np.random.default_rng(1).random((2200, 1600), dtype=np.float32)
    return make_file(tmp_path_factory.mktemp("wide"), columns,
                     lambda path, features: write_features(path, features, use_dictionary=False))


def test_wide_files_of_floats_are_scored(erawise: Erawise, sanitized: bool, wide: File) -> None:
    target = CODES[np.arange(1600) * 7 % 5].astype(np.float64)
    expected = [scoring.numerai_corr(wide.expected[rows].astype(np.float64), target[rows])
                for rows in np.split(np.arange(1600), 4)]
    own = wide.data.parent / "own.csv"
    limit = 64 + (1024 if sanitized else 0)  # shadow memory
    for cap in ((), ("--memory-limit", f"{limit}MiB")):
        run = erawise("backtest", "--data", wide.data, "--model", wide.model, "--output", own,
                      "--format", "json", *cap).expect(EXIT_DONE)
        score = erawise("score", "--data", wide.data, "--predictions", own, "--format", "json",
                        *cap).expect(EXIT_DONE)
        for (scores,) in (json.loads(run.stdout), json.loads(score.stdout)):
            found = [era["corr"] for era in scores["eras"]]
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@pytest.fixture(scope="module")
def long_era(tmp_path_factory: pytest.TempPathFactory) -> File:
    """The second era is much longer than usual; so are the other features than levels."""
    rows = 40_000
    columns = np.random.default_rng(1).random((60, rows), dtype=np.float32)

    def write(path: Path, features: dict[str, pa.Array]) -> None:
        table = pa.table({"id": ids_of(rows), "era": ["0001"] * 100 + ["0002"] * (rows - 100),
                          **features})
        pq.write_table(table, path)

    file = make_file(tmp_path_factory.mktemp("era"), columns, write)
    sets = {"all": names_of(60)}
    (file.data.parent / "features.json").write_text(json.dumps({"feature_sets": sets}))
    return file


@pytest.mark.parametrize("transform", ["rank", "neutralize:all:0.5,rank"])
def test_an_era_that_is_longer_than_usual_is_refused_with_a_limit_that_does(
        erawise: Erawise, long_era: File, sanitized: bool, transform: str) -> None:
    arguments = ("--transform", transform, "--features-file",
                 long_era.data.parent / "features.json", "--threads", 2)
    long_era.run(erawise, *arguments).expect(EXIT_DONE)
    content = (long_era.data.parent / "predictions.csv").read_bytes()
    limit = "2MiB"
    for _ in range(2):  # the first one by the plan
        limit = long_era.run(erawise, *arguments, "--memory-limit", limit).named_limit
    long_era.run(erawise, *arguments, "--memory-limit", limit).expect(EXIT_DONE)
    assert (long_era.data.parent / "predictions.csv").read_bytes() == content
    told = read_report(long_era.data.parent / "report.json")
    assert sanitized or told["peak_rss_bytes"] <= told["memory_limit_bytes"]
