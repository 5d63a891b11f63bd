"""Signals end a run soon, with their exit code, and leave no half-written file."""

import fcntl
import os
import select
import signal
import sys
import termios
from pathlib import Path

import pytest

from e2e.support.binary import EXIT_SIGINT, EXIT_SIGTERM, PEAK_LINE, Erawise, files_below
from e2e.support.packing import xz
from e2e.support.table import Table, to_csv
from e2e.support.tournament import DATASET, Tournament, assert_no_part_files

SIGNALS = [(signal.SIGTERM, EXIT_SIGTERM), (signal.SIGINT, EXIT_SIGINT)]
STREAMS = 20_000  # of 3000 equal rows each: packed a few MiB, unpacked more than is ever read


@pytest.fixture(scope="module")
def endless(table: Table, fixtures: Path) -> Path:
    """Data that takes minutes to predict, in one era."""
    path = fixtures / "endless.csv.xz"
    header, row = to_csv(table.rows(0, 1)).splitlines(keepends=True)
    path.write_bytes(xz(header) + xz(row * 3000) * STREAMS)
    return path


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("number", "exit_code"), SIGNALS)
def test_while_predicting(erawise: Erawise, endless: Path, model: Path, tmp_path: Path,
                          number: signal.Signals, exit_code: int, threads: int) -> None:
    report = tmp_path / "report.json"
    run = erawise.start("predict", "--data", endless, "--model", model, "--threads", threads,
                        "--report", report)

    def is_writing() -> bool:
        return any(f.stat().st_size > 0 for f in erawise.folder.glob("predictions.csv.tmp*"))

    run.wait_until(is_writing)
    result = run.end(number).expect(exit_code, number.name)
    assert PEAK_LINE.search(result.last_line)
    assert files_below(erawise.folder) == set()
    assert f'"exit_code": {exit_code}' in report.read_text()


@pytest.mark.parametrize(("number", "exit_code"), SIGNALS)
def test_while_an_era_waits_for_its_ranks(erawise: Erawise, endless: Path, model: Path,
                                          number: signal.Signals, exit_code: int) -> None:
    run = erawise.start("predict", "--data", endless, "--model", model, "--transform", "rank")
    run.wait_until(lambda: any(erawise.folder.glob("predictions.csv.tmp*")))
    run.end(number).expect(exit_code)
    assert files_below(erawise.folder) == set()


@pytest.mark.parametrize("threads", [1, 2])
def test_while_nobody_reads_standard_output(erawise: Erawise, endless: Path, model: Path,
                                            threads: int) -> None:
    reader, writer = os.pipe()
    run = erawise.start("predict", "--data", endless, "--model", model, "--output", "-",
                        "--threads", threads, stdout=writer)
    os.close(writer)
    capacity = fcntl.fcntl(reader, fcntl.F_GETPIPE_SZ)
    run.wait_until(lambda: waiting_bytes(reader) > capacity - 2 * select.PIPE_BUF)
    run.end(signal.SIGTERM).expect(EXIT_SIGTERM)
    os.close(reader)


def waiting_bytes(reader: int) -> int:
    """How much a pipe holds that nobody has read."""
    return int.from_bytes(fcntl.ioctl(reader, termios.FIONREAD, bytes(4)), sys.byteorder)


@pytest.mark.parametrize(("number", "exit_code"), SIGNALS)
def test_while_waiting_for_a_round(tournament: Tournament, number: signal.Signals,
                                   exit_code: int) -> None:
    tournament.sandbox.set_round("closed")
    run = tournament.start("run", "--wait", "1h")
    run.wait_for_log("looking again in")
    result = run.end(number).expect(exit_code)
    assert PEAK_LINE.search(result.last_line)
    assert tournament.submissions == []


def test_while_waiting_for_a_retry(tournament: Tournament) -> None:
    tournament.fault("status", operation="dataset", status=503, headers={"Retry-After": "600"},
                     times=None)
    run = tournament.start("run", env={"ERAWISE_RETRY_BUDGET_SECONDS": "7200"})
    run.wait_for_log("attempt 2 follows in")
    run.end(signal.SIGTERM).expect(EXIT_SIGTERM)


@pytest.mark.parametrize("after_bytes", [None, 10_000], ids=["no_answer", "half_a_body"])
def test_while_downloading(tournament: Tournament, after_bytes: int | None) -> None:
    tournament.fault("stall", method="GET", seconds=600, after_bytes=after_bytes)
    run = tournament.start("run")
    part = tournament.data / f"{DATASET}.part"
    run.wait_until(lambda: tournament.requests(method="GET") != []
                   and (after_bytes is None or part.exists()))
    run.end(signal.SIGTERM).expect(EXIT_SIGTERM)
    assert not (tournament.data / DATASET).exists()
    assert_no_part_files(tournament.data)


@pytest.mark.parametrize("call", [{"operation": "account"}, {"method": "PUT"},
                                  {"operation": "createSubmission"}], ids=str)
def test_while_numerai_does_not_answer(tournament: Tournament, call: dict[str, str]) -> None:
    tournament.fault("stall", seconds=600, **call)
    run = tournament.start("run")
    run.wait_until(lambda: any(f["hits"] for f in tournament.sandbox.state()["faults"]))
    run.end(signal.SIGTERM).expect(EXIT_SIGTERM)
    assert_no_part_files(tournament.data)


def test_inspecting_is_stopped_as_well(erawise: Erawise, endless: Path) -> None:
    run = erawise.start("inspect", "--data", endless, "--report", "report.json")
    run.wait_until(lambda: reads(run.process.pid, endless))
    run.end(signal.SIGTERM).expect(EXIT_SIGTERM)


def reads(pid: int, file: Path) -> bool:
    """Whether a process has the file open."""
    return any(link.resolve() == file for link in Path(f"/proc/{pid}/fd").iterdir())
