"""run: what Numerai refuses is exit 11 with its words and the remedy; rounds are waited for."""

from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.support.binary import EXIT_DONE, EXIT_NETWORK, EXIT_REJECTED, files_below
from e2e.support.models import train
from e2e.support.table import Table
from e2e.support.tournament import PUBLIC, SECRET, Tournament
from sandbox.account import SCOPES
from sandbox.rounds import NOT_OPEN


def without(*scopes: str) -> list[str]:
    return [scope for scope in SCOPES if scope not in scopes]


class TestKeys:
    def test_come_from_files_as_well(self, tournament: Tournament, tmp_path: Path) -> None:
        public, secret = tmp_path / "public", tmp_path / "secret"
        public.write_text(PUBLIC)
        secret.write_text(SECRET + "\n")
        tournament.run(env={
            "NUMERAI_PUBLIC_ID": None, "NUMERAI_PUBLIC_ID_FILE": str(public),
            "NUMERAI_SECRET_KEY": None, "NUMERAI_SECRET_KEY_FILE": str(secret)}).expect(EXIT_DONE)
        assert len(tournament.submissions) == 1

    @pytest.mark.parametrize("variable", ["NUMERAI_PUBLIC_ID", "NUMERAI_SECRET_KEY"])
    def test_that_are_wrong(self, tournament: Tournament, variable: str) -> None:
        result = tournament.run(env={variable: "WRONGKEYOFSOMEONE"})
        result.expect(EXIT_REJECTED, "session is invalid", "check NUMERAI_PUBLIC_ID")
        assert "WRONGKEYOFSOMEONE" not in result.log
        assert tournament.uploads == []
        assert len(tournament.requests()) == 1

    @pytest.mark.parametrize("scope", ["upload_submission", "read_user_info"])
    def test_that_lack_a_scope(self, make_tournament: Callable[..., Tournament],
                               scope: str) -> None:
        tournament = make_tournament(scopes=without(scope))
        tournament.run().expect(EXIT_REJECTED, f"lacks the scope {scope}", "create a new one")
        assert tournament.submissions == []
        assert len(tournament.requests()) == 1  # known before the round opens

    def test_that_may_not_read_submissions_are_good_enough(
            self, make_tournament: Callable[..., Tournament]) -> None:
        tournament = make_tournament(scopes=without("read_submission_info"))
        tournament.run().expect(EXIT_DONE, "WARN", "read_submission_info")
        assert len(tournament.submissions) == 1

    def test_with_a_model_id_need_not_read_the_account(
            self, make_tournament: Callable[..., Tournament]) -> None:
        tournament = make_tournament(scopes=without("read_user_info"))
        [target] = tournament.sandbox.account.models
        tournament.run(env={"MODEL_ID": target.id}).expect(EXIT_DONE)
        assert len(tournament.submissions) == 1


class TestRounds:
    @pytest.mark.parametrize("state", ["closed", "null"])
    def test_that_are_closed_are_refused_without_waiting(self, tournament: Tournament,
                                                         state: str) -> None:
        tournament.sandbox.set_round(state)
        tournament.run("--wait", "0s").expect(EXIT_REJECTED, "no round is open", "--wait")
        assert len(tournament.requests(field="rounds")) == 1
        assert tournament.requests(field="dataset") == []
        assert files_below(tournament.data) == set()

    def test_whose_time_is_over_are_refused(self, tournament: Tournament) -> None:
        tournament.sandbox.set_round("open", opens_in=-7200, closes_in=-3600)
        tournament.run("--wait", "0s").expect(EXIT_REJECTED, "round 1100 closed at")

    @pytest.mark.parametrize("answer", ["error", "null"])
    def test_that_open_later_are_waited_for(self, tournament: Tournament, answer: str) -> None:
        if answer == "error":
            tournament.fault("graphql_errors", operation="rounds", errors=[{"message": NOT_OPEN}])
        else:
            tournament.fault("null_data", operation="rounds", in_fields=True)
        tournament.run("--wait", "1s").expect(EXIT_DONE, "no round is open; looking again")
        assert len(tournament.submissions) == 1

    def test_that_do_not_open_in_time_are_given_up(self, tournament: Tournament) -> None:
        tournament.sandbox.set_round("closed", opens_in=3600)
        tournament.run("--wait", "1s").expect(EXIT_REJECTED, "after waiting 1")
        assert len(tournament.requests(field="rounds")) == 2

    def test_an_outage_before_the_round_is_only_one_more_reason_to_wait(
            self, tournament: Tournament) -> None:
        tournament.fault("status", operation="rounds", status=503, times=1)
        tournament.run("--wait", "2s", env={"ERAWISE_RETRY_INITIAL_SECONDS": "3600",
                                             "ERAWISE_RETRY_MAXIMUM_SECONDS": "3600",
                                             "ERAWISE_RETRY_BUDGET_SECONDS": "0.1"}).expect(
            EXIT_DONE, "gave up after", "looking again")
        assert len(tournament.submissions) == 1

    def test_that_close_between_upload_and_creation_are_exit_11(
            self, tournament: Tournament) -> None:
        tournament.fault("graphql_errors", operation="createSubmission",
                         errors=[{"message": NOT_OPEN}])
        tournament.run().expect(EXIT_REJECTED, "no round is open")
        assert tournament.submissions == []


class TestSubmissions:
    def test_that_numerai_refuses_are_told_in_its_words(self, tournament: Tournament,
                                                        table: Table) -> None:
        words = "invalid_submission_ids: Not enough stocks submitted."
        tournament.fault("graphql_errors", operation="createSubmission",
                         errors=[{"message": words}])
        tournament.run().expect(EXIT_REJECTED, words)
        assert len(tournament.requests(field="createSubmission")) == 1
        [told] = tournament.report["submissions"]
        assert (told["status"], told["id"]) == ("failed", None)
        assert words in told["error"]

    def test_that_a_model_makes_constant_are_refused_before_they_are_sent(
            self, tournament: Tournament, table: Table) -> None:
        constant = table.with_values(table.values * 0)
        train(constant).save_model(tournament.models / "example_model.ubj")
        tournament.run().expect(EXIT_REJECTED, "non-zero standard deviation")
        assert tournament.uploads == []

    def test_words_of_the_server_cannot_forge_the_log(self, tournament: Tournament) -> None:
        tournament.fault("graphql_errors", operation="createSubmission",
                         errors=[{"message": "no\n2026-01-01 INFO all is well\x1b[2J"}])
        log = tournament.run().expect(EXIT_REJECTED).log
        assert all(c.isprintable() or c == "\n" for c in log)
        assert not any(line.startswith("2026-01-01 INFO") for line in log.splitlines())


def test_nobody_at_the_address_is_a_network_error(tournament: Tournament) -> None:
    tournament.sandbox.stop()
    tournament.run(env={"ERAWISE_RETRY_BUDGET_SECONDS": "0.3"}).expect(EXIT_NETWORK, "gave up")
