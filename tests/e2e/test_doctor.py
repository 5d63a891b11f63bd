"""doctor: each line says what is well and what to do; nothing is sent, downloaded or left behind."""

from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.support.binary import (
    EXIT_DISK,
    EXIT_DONE,
    EXIT_NETWORK,
    EXIT_REJECTED,
    EXIT_USAGE,
    Result,
    files_below,
)
from e2e.support.tournament import Tournament
from sandbox.account import SCOPES

SUBJECTS = ["models", "data folder", "output folder", "memory", "round", "clock", "API", "data", "key",
            "scopes", "names"]


def lines_of(result: Result) -> dict[str, tuple[str, str]]:
    """State and text by subject."""
    lines = [line for line in result.stdout.decode().splitlines() if line]
    return {line[9:24].strip(): (line[:8].strip(), line[24:]) for line in lines}


def test_when_all_is_well_every_line_says_so(tournament: Tournament) -> None:
    result = tournament.call("doctor", "--memory-limit", "64MiB").expect(EXIT_DONE)
    lines = lines_of(result)
    assert list(lines) == SUBJECTS
    assert {state for state, _ in lines.values()} == {"ok"}
    [model] = tournament.sandbox.account.models
    assert model.id in lines["names"][1]
    assert "1100 is open for 59 min" in lines["round"][1]


def test_leaves_nothing_and_sends_nothing(tournament: Tournament) -> None:
    tournament.call("doctor").expect(EXIT_DONE)
    assert files_below(tournament.data) == set()
    assert not tournament.data.exists()
    assert {r["method"] for r in tournament.requests()} == {"POST"}
    assert tournament.uploads == tournament.submissions == []


@pytest.mark.parametrize(("env", "subject", "exit_code", "remedy"), [
    ({"NUMERAI_SECRET_KEY": "WRONG"}, "key", EXIT_REJECTED, "check NUMERAI_PUBLIC_ID"),
    ({"NUMERAI_PUBLIC_ID": None, "NUMERAI_SECRET_KEY": None}, "key", EXIT_USAGE,
     "set NUMERAI_PUBLIC_ID"),
    ({"ERAWISE_DATA_DIRECTORY": "/dev/null/none"}, "data folder", EXIT_DISK, "choose another one"),
    ({"ERAWISE_DATA_FILE": "nothing.csv"}, "data", EXIT_REJECTED, "v1/live.csv.xz"),
    ({"ERAWISE_MODELS_DIRECTORY": "/nowhere"}, "models", EXIT_USAGE, "mount it"),
    ({"ERAWISE_API_URL": "http://127.0.0.1:1", "ERAWISE_RETRY_BUDGET_SECONDS": "0.3"}, "round",
     EXIT_NETWORK, "run it again later"),
], ids=["wrong_key", "no_key", "folder", "file", "no_models", "nobody"])
def test_a_problem_is_named_with_its_remedy(
        tournament: Tournament, env: dict[str, str | None], subject: str, exit_code: int,
        remedy: str) -> None:
    result = tournament.call("doctor", env=env).expect(exit_code)
    state, text = lines_of(result)[subject]
    assert state == "problem"
    assert remedy in text


def test_a_missing_scope_and_an_unknown_model_are_both_told(
        make_tournament: Callable[..., Tournament], model: Path) -> None:
    tournament = make_tournament(scopes=[s for s in SCOPES if s != "upload_submission"])
    tournament.add_model(model, "unheard.ubj")
    lines = lines_of(tournament.call("doctor").expect(EXIT_REJECTED))
    assert lines["scopes"][0] == "problem"
    assert "upload_submission" in lines["scopes"][1]
    assert lines["names"][0] == "problem"
    assert "unheard" in lines["names"][1]


def test_a_wrong_clock_and_a_closed_round_are_notes(tournament: Tournament) -> None:
    tournament.sandbox.clock.advance(7200 - 30)
    tournament.sandbox.set_round("closed")
    lines = lines_of(tournament.call("doctor").expect(EXIT_DONE))
    assert lines["clock"][0] == "note" and "1 h 59 min behind" in lines["clock"][1]
    assert lines["round"][0] == "note" and "--wait" in lines["round"][1]
