"""Whatever goes wrong, alone or in storms: one submission in the end, nothing twice, no rests."""

import os
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.support.binary import DOCUMENTED, EXIT_DISK, EXIT_DONE, EXIT_NETWORK
from e2e.support.scenarios import IMPATIENT, KEPT, SCENARIOS, Scenario, impostor, play, recover
from e2e.support.tournament import DATASET, SECRET, Tournament

ROOT = Path(__file__).resolve().parents[2]
STORMS = range(16)
KILLS = range(50)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
def test_alone(tournament: Tournament, scenario: Scenario) -> None:
    play(scenario, tournament)


def test_each_is_in_the_document() -> None:
    document = (ROOT / "docs/OPERATIONS.md").read_text()
    missing = [row for row in map(row_of, SCENARIOS) if row not in document]
    assert not missing, "docs/OPERATIONS.md lacks:\n" + "\n".join(missing)
    assert len({s.name for s in SCENARIOS}) == len(SCENARIOS) >= 40


def row_of(scenario: Scenario) -> str:
    return f"| {scenario.name} | {scenario.exit_code} | {scenario.outcome} |"


def test_a_certificate_that_nobody_signed_gets_no_key(tournament: Tournament,
                                                      tmp_path: Path) -> None:
    with impostor(tmp_path) as server:
        url = f"https://localhost:{server.server_address[1]}"
        tournament.run(env={"ERAWISE_API_URL": url, **IMPATIENT}).expect(
            EXIT_NETWORK, "certificate")
        assert not server.reached
    recover(tournament)


@pytest.mark.parametrize("free_bytes", [0, 20_000])
def test_a_full_disk_leaves_nothing_half(tournament: Tournament, free_bytes: int) -> None:
    """On a file system of its own, filled up but for some bytes."""
    with full_disk(free_bytes) as folder:
        result = tournament.run(env={"ERAWISE_DATA_DIRECTORY": str(folder / "data")})
        result.expect(EXIT_DISK, "free some space")
        left = [p for p in (folder / "data").rglob("*") if p.is_file()]
        assert left == []
    assert tournament.submissions == []
    recover(tournament)


class full_disk:
    """A folder on the small file system of /dev/shm, in which only so many bytes are left."""

    def __init__(self, free_bytes: int) -> None:
        self._free_bytes = free_bytes

    def __enter__(self) -> Path:
        self._folder = Path(subprocess.run(
            ["mktemp", "-d", "/dev/shm/full-XXXXXX"], check=True, capture_output=True,
            text=True).stdout.strip())
        space = os.statvfs(self._folder)
        assert space.f_blocks * space.f_frsize <= 2**30, "/dev/shm is not a small file system"
        blocks = space.f_bavail - self._free_bytes // space.f_frsize
        with open(self._folder / "filler", "wb") as filler:
            os.posix_fallocate(filler.fileno(), 0, blocks * space.f_frsize)
        return self._folder

    def __exit__(self, *_exception: object) -> None:
        subprocess.run(["rm", "-rf", str(self._folder)], check=True)


STORM_ACTIONS: list[Callable[[random.Random], dict[str, object]]] = [
    lambda r: {"action": "status", "status": r.choice([408, 429, 500, 502, 503, 504])},
    lambda r: {"action": "reset", "after_request_bytes": r.randrange(30_000)},
    lambda r: {"action": "cut", "after_bytes": r.randrange(70_000), "reset": r.random() < 0.5},
    lambda r: {"action": "truncate", "bytes": r.randrange(70_000)},
    lambda r: {"action": "wrong_length", "delta": r.choice([-50, -1, 1, 50])},
    lambda r: {"action": "drop_reply", "reset": r.random() < 0.5},
    lambda r: {"action": "act_then_status", "status": 500},
    lambda r: {"action": "html", "status": r.choice([200, 502])},
    lambda r: {"action": "ignore_range"},
    lambda r: {"action": "wrong_range"},
    lambda r: {"action": "status", "status": 403, "method": r.choice(["GET", "PUT"])},
    lambda r: {"action": "graphql_errors", "errors": {"detail": "Internal Server Error"}},
]
TARGETS: list[dict[str, object]] = [
    {}, {"method": "GET"}, {"method": "PUT"}, {"operation": "createSubmission"},
    {"operation": "submissionUploadAuth"}, {"operation": "submissions"},
    {"operation": "rounds"}, {"operation": "dataset"}, {"operation": "account"}]


@pytest.mark.parametrize("seed", STORMS)
def test_in_a_storm(tournament: Tournament, seed: int) -> None:
    """Twelve faults at random places; the run may give up, and the next one mends it."""
    generator = random.Random(seed)
    for _ in range(12):
        target = generator.choice(TARGETS)
        action = generator.choice(STORM_ACTIONS)(generator)
        tournament.sandbox.faults.add(
            {"nth": generator.randrange(1, 6), "times": generator.randrange(1, 3), **target,
             **action})
    result = tournament.run()
    assert result.exit_code in DOCUMENTED
    assert len(tournament.submissions) <= 1, result.log
    if result.exit_code == EXIT_DONE:
        assert len(tournament.submissions) == 1
    recover(tournament)


class TestKilled:
    """SIGKILL leaves no time to tidy up: the next run does."""

    @pytest.mark.parametrize("seed", KILLS)
    def test_at_any_moment(self, tournament: Tournament, seed: int, calm_seconds: float) -> None:
        moment = random.Random(seed).uniform(0, calm_seconds)
        tournament.start("run").kill_after(moment)
        assert len(tournament.submissions) <= 1
        recover(tournament)

    @pytest.mark.parametrize("call", [
        {"operation": "apiTokenInfo"}, {"operation": "rounds"}, {"operation": "dataset"},
        {"method": "GET"}, {"method": "GET", "after_bytes": 20_000},
        {"operation": "submissionUploadAuth"}, {"method": "PUT"},
        {"operation": "createSubmission"}, {"operation": "submissions"}], ids=str)
    def test_after_the_server_acted(self, tournament: Tournament,
                                    call: dict[str, object]) -> None:
        """The request has its effect, and the process never learns of it."""
        tournament.fault("stall", seconds=600, **call)
        run = tournament.start("run")
        part = tournament.data / f"{DATASET}.part"
        run.wait_until(lambda: any(f["hits"] for f in tournament.sandbox.state()["faults"])
                       and ("after_bytes" not in call or part.exists()))
        if call.get("operation") == "createSubmission":
            run.wait_until(lambda: tournament.submissions != [])
        run.kill_after(0)
        recover(tournament)


@pytest.fixture(scope="module")
def calm_seconds(binary: Path) -> float:
    """How long a run takes that nothing disturbs, about."""
    return 0.15 if b"__asan_init" not in binary.read_bytes() else 1.0


def test_no_core_and_no_environment_for_others(tournament: Tournament) -> None:
    """The key is in neither: the process may not be dumped, nor looked into by its user."""
    tournament.fault("stall", operation="rounds", seconds=600)
    run = tournament.start("run")
    run.wait_until(lambda: tournament.requests(field="rounds") != [])
    limits = Path(f"/proc/{run.process.pid}/limits").read_text()
    [core] = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    command = Path(f"/proc/{run.process.pid}/cmdline").read_bytes()
    run.kill_after(0)
    assert core.split()[-3:-1] == ["0", "0"]
    assert SECRET.encode() not in command


def test_a_calm_run_takes_little_beyond_transfer_and_prediction(tournament: Tournament,
                                                                sanitized: bool) -> None:
    tournament.run().expect(EXIT_DONE)
    report = tournament.report
    stages = report["stages"]
    beyond = report["wall_seconds"] - stages["predict"] - stages["acquire"]
    assert beyond < (5 if sanitized else 0.3), stages
    assert set(KEPT) == KEPT
