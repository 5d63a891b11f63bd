"""The memory cap: what is too small is refused at once, with a number that does."""

import re
from pathlib import Path

import pytest

from e2e.support.binary import (
    EXIT_DONE,
    EXIT_MEMORY,
    Erawise,
    files_below,
    read_report,
)
from e2e.support.packing import xz
from e2e.support.table import Table, to_csv

@pytest.fixture(params=["csv", "xz", "xz_large_dictionary"])
def packed(request: pytest.FixtureRequest, data: Path, tmp_path: Path) -> Path:
    if request.param == "csv":
        return data
    path = tmp_path / "data.csv.xz"
    options = ("-1",) if request.param == "xz" else ("--lzma2=preset=0,dict=64MiB",)
    path.write_bytes(xz(data.read_bytes(), *options))
    return path


@pytest.mark.parametrize("engine", ["auto", "xgboost"])
@pytest.mark.parametrize("threads", [1, 2])
def test_the_number_that_is_named_does(erawise: Erawise, packed: Path, model: Path,
                                       sanitized: bool, tmp_path: Path, threads: int,
                                       engine: str) -> None:
    arguments = ["predict", "--data", packed, "--model", model, "--threads", threads,
                 "--engine", engine, "--transform", "rank"]
    refused = erawise(*arguments, "--memory-limit", "2MiB").expect(EXIT_MEMORY)
    assert files_below(erawise.folder) == set()
    limit = refused.named_limit
    report = tmp_path / "report.json"
    erawise(*arguments, "--memory-limit", limit, "--report", report).expect(EXIT_DONE)
    if not sanitized:
        told = read_report(report)
        assert told["peak_rss_bytes"] <= told["memory_limit_bytes"]


def test_a_plan_is_logged_and_reported(erawise: Erawise, data: Path, model: Path,
                                       tmp_path: Path) -> None:
    report_file = tmp_path / "report.json"
    result = erawise("predict", "--data", data, "--model", model, "--memory-limit", "2GiB",
                     "--log-level", "debug", "--report", report_file).expect(
                         EXIT_DONE, "memory plan: total", "memory plan: cap")
    report = read_report(report_file)
    assert report["memory_limit_bytes"] <= 2 * 2**30
    for entry in ("program", "models", "decoding", "era batches"):
        assert report["memory_plan"][entry] > 0
        assert f"memory plan: {entry} " in result.log


def test_a_plan_takes_one_line_unless_more_is_asked_for(erawise: Erawise, data: Path,
                                                        model: Path) -> None:
    result = erawise("predict", "--data", data, "--model", model, "--memory-limit", "2GiB")
    lines = [line for line in result.log.splitlines() if "memory plan" in line]
    assert len(lines) == 1 and re.search(r"plan: [\d.]+ MiB of 2.0 GiB \(flag", lines[0])


def test_an_era_too_large_for_its_ranks_is_refused_with_the_remedy(
        erawise: Erawise, table: Table, model: Path, sanitized: bool, tmp_path: Path) -> None:
    if sanitized:
        pytest.skip("the shadow memory hides the limit")
    data = tmp_path / "data.csv.xz"
    text = to_csv(table.with_eras(["eraX"] * len(table.ids)))
    body = text.split(b"\n", 1)[1]
    data.write_bytes(xz(text) + xz(body) * 60)
    arguments = ["predict", "--data", data, "--model", model, "--threads", 1]
    tight = erawise(*arguments, "--transform", "rank", "--memory-limit", "2MiB").named_limit
    erawise(*arguments, "--transform", "rank", "--memory-limit", tight).expect(
        EXIT_MEMORY, "era 'eraX'", "raise the limit", "--transform none")
    assert files_below(erawise.folder) == set()
    erawise(*arguments, "--memory-limit", tight).expect(EXIT_DONE)


def test_a_dictionary_beyond_the_cap_is_refused_before_it_is_allocated(
        erawise: Erawise, data: Path, model: Path, sanitized: bool, tmp_path: Path) -> None:
    packed = tmp_path / "data.csv.xz"
    packed.write_bytes(xz(data.read_bytes(), "--lzma2=preset=0,dict=512MiB"))
    report = tmp_path / "report.json"
    erawise("predict", "--data", packed, "--model", model, "--memory-limit", "128MiB",
            "--report", report).expect(EXIT_MEMORY)
    if not sanitized:
        assert read_report(report)["peak_rss_bytes"] < 64 * 2**20
