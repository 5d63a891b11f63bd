"""run: networks fail. What can be tried again is, nothing is submitted twice, all of it in time."""

from pathlib import Path

import pytest

from e2e.support.binary import EXIT_DATA, EXIT_DONE, EXIT_NETWORK, EXIT_REJECTED
from e2e.support.tournament import DATASET, Tournament, assert_no_part_files

CALLS = [
    {"operation": "rounds"}, {"operation": "account"}, {"operation": "dataset"},
    {"operation": "submissionUploadAuth"}, {"operation": "createSubmission"},
    {"operation": "submissions"}, {"method": "GET"}, {"method": "PUT"}]
STORE = [{"method": "GET"}, {"method": "PUT"}]
API = [call for call in CALLS if "operation" in call]


def name_of(value: object) -> str:
    return "_".join(value.values()) if isinstance(value, dict) else str(value)


def assert_submitted_once(tournament: Tournament, live_data: bytes) -> None:
    assert len(tournament.submissions) == 1
    assert (tournament.data / DATASET).read_bytes() == live_data
    assert_no_part_files(tournament.data)
    [told] = tournament.report["submissions"]
    assert told["id"] == tournament.submissions[0]["id"]
    assert sum(f["hits"] for f in tournament.sandbox.state()["faults"]) >= 1


@pytest.mark.parametrize("call", CALLS, ids=name_of)
@pytest.mark.parametrize(("action", "parameters"), [
    ("status", {"status": 503, "times": 2}),
    ("status", {"status": 429, "headers": {"Retry-After": "0"}}),
    ("reset", {}),
    ("drop_reply", {}),
], ids=["503_twice", "429", "reset", "reply_lost"])
def test_any_call_may_fail_and_is_tried_again(
        tournament: Tournament, live_data: bytes, call: dict[str, str], action: str,
        parameters: dict[str, object]) -> None:
    tournament.fault(action, **call, **parameters)
    tournament.run().expect(EXIT_DONE)
    assert_submitted_once(tournament, live_data)


@pytest.mark.parametrize("call", API, ids=name_of)
@pytest.mark.parametrize(("action", "parameters"), [
    ("html", {}),
    ("null_data", {}),
    ("graphql_errors", {"errors": {"detail": "Internal Server Error"}, "status": 500}),
], ids=["html", "null_data", "internal_error"])
def test_answers_that_are_none_are_tried_again(
        tournament: Tournament, live_data: bytes, call: dict[str, str], action: str,
        parameters: dict[str, object]) -> None:
    tournament.fault(action, **call, **parameters)
    tournament.run().expect(EXIT_DONE)
    assert_submitted_once(tournament, live_data)


@pytest.mark.parametrize("field", ["submissionUploadAuth", "createSubmission"])
def test_a_server_that_knows_only_the_older_names_is_asked_by_them(
        tournament: Tournament, live_data: bytes, field: str) -> None:
    tournament.fault("unknown_field", operation=field, times=None)
    tournament.run().expect(EXIT_DONE)
    assert_submitted_once(tournament, live_data)


class TestBudget:
    @pytest.mark.parametrize("call", CALLS[:5] + STORE, ids=name_of)
    def test_a_lasting_outage_is_given_up_in_time(self, tournament: Tournament,
                                                  call: dict[str, str]) -> None:
        tournament.fault("status", **call, status=503, times=None)
        tournament.run(env={"ERAWISE_RETRY_BUDGET_SECONDS": "0.5"}).expect(
            EXIT_NETWORK, "gave up after", "run it again")
        assert tournament.submissions == []
        assert_no_part_files(tournament.data)
        assert tournament.report["exit_code"] == EXIT_NETWORK

    def test_a_server_that_asks_for_more_time_than_there_is_is_given_up_at_once(
            self, tournament: Tournament) -> None:
        tournament.fault("status", operation="dataset", status=503,
                         headers={"Retry-After": "3600"}, times=None)
        tournament.run(env={"ERAWISE_RETRY_BUDGET_SECONDS": "5"}).expect(
            EXIT_NETWORK, "the server asks to wait")
        assert len(tournament.requests(field="dataset")) == 1

    def test_no_verification_is_no_failure(self, tournament: Tournament) -> None:
        tournament.fault("status", operation="submissions", status=503, times=None)
        tournament.run(env={"ERAWISE_RETRY_BUDGET_SECONDS": "0.5"}).expect(
            EXIT_DONE, "WARN", "not verified")
        assert len(tournament.submissions) == 1


class TestLostReplies:
    @pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
    def test_of_the_creation_make_no_second_submission(self, tournament: Tournament,
                                                       live_data: bytes, reset: bool) -> None:
        tournament.fault("drop_reply", operation="createSubmission", reset=reset)
        tournament.run().expect(EXIT_DONE)
        assert_submitted_once(tournament, live_data)
        assert len(tournament.requests(field="createSubmission")) == 1

    def test_of_a_creation_that_never_arrived_are_made_good(self, tournament: Tournament,
                                                            live_data: bytes) -> None:
        tournament.fault("reset", operation="createSubmission")
        tournament.run().expect(EXIT_DONE)
        assert_submitted_once(tournament, live_data)
        assert len(tournament.requests(field="createSubmission")) == 2

    def test_of_the_upload_make_no_second_submission(self, tournament: Tournament,
                                                     live_data: bytes) -> None:
        tournament.fault("drop_reply", method="PUT")
        tournament.run().expect(EXIT_DONE)
        assert_submitted_once(tournament, live_data)

    def test_of_a_creation_whose_arrival_cannot_be_found_out(self, tournament: Tournament,
                                                             live_data: bytes) -> None:
        tournament.fault("drop_reply", operation="createSubmission")
        tournament.fault("status", operation="submissions", status=503, times=2)
        tournament.run().expect(EXIT_DONE)
        assert_submitted_once(tournament, live_data)


class TestPresignedUrls:
    def test_that_are_refused_at_the_download_are_asked_for_again(
            self, tournament: Tournament, live_data: bytes) -> None:
        tournament.fault("status", method="GET", status=403)
        tournament.run().expect(EXIT_DONE, "403")
        assert_submitted_once(tournament, live_data)
        assert len(tournament.requests(field="dataset")) == 2

    def test_that_are_refused_at_the_upload_are_asked_for_again(
            self, tournament: Tournament, live_data: bytes) -> None:
        tournament.fault("status", method="PUT", status=403)
        tournament.run().expect(EXIT_DONE, "403")
        assert_submitted_once(tournament, live_data)
        assert len(tournament.requests(field="submissionUploadAuth")) == 2

    @pytest.mark.parametrize(("status", "tries"), [(404, 1), (400, 3)])
    def test_an_upload_that_the_store_does_not_want_is_not_repeated(
            self, tournament: Tournament, status: int, tries: int) -> None:
        """But S3 answers 400 to slow uploads as well."""
        tournament.fault("status", method="PUT", status=status, times=None)
        tournament.run().expect(EXIT_REJECTED, str(status))
        assert len(tournament.requests(method="PUT")) == tries
        assert tournament.submissions == []


class TestDownloads:
    @pytest.mark.parametrize("bytes_sent", [0, 1, 20_000])
    @pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
    def test_that_are_cut_off_are_repeated(self, tournament: Tournament, live_data: bytes,
                                           bytes_sent: int, reset: bool) -> None:
        tournament.fault("cut", method="GET", after_bytes=bytes_sent, reset=reset)
        tournament.run().expect(EXIT_DONE)
        assert_submitted_once(tournament, live_data)

    def test_that_are_shorter_than_announced_are_repeated(self, tournament: Tournament,
                                                          live_data: bytes) -> None:
        tournament.fault("wrong_length", method="GET", delta=10)
        tournament.run().expect(EXIT_DONE)
        assert_submitted_once(tournament, live_data)

    def test_that_lie_about_their_length_are_repeated(
            self, tournament: Tournament, live_data: bytes) -> None:
        tournament.fault("truncate", method="GET", bytes=len(live_data) - 1000)
        tournament.run().expect(EXIT_DONE, "truncated")
        assert_submitted_once(tournament, live_data)

    def test_that_lie_twice_in_the_same_way_end_as_bad_data(
            self, tournament: Tournament, live_data: bytes) -> None:
        tournament.fault("truncate", method="GET", bytes=len(live_data) - 1000, times=2)
        tournament.run().expect(EXIT_DATA, "truncated", "Numerai's store")
        assert tournament.submissions == []
        tournament.run().expect(EXIT_DONE)
        assert_submitted_once(tournament, live_data)

    def test_a_file_that_was_spoilt_on_the_disk_is_downloaded_again(
            self, tournament: Tournament, live_data: bytes) -> None:
        tournament.run().expect(EXIT_DONE)
        (tournament.data / DATASET).write_bytes(live_data[:5000])
        tournament.run().expect(EXIT_DONE)
        assert (tournament.data / DATASET).read_bytes() == live_data

    def test_a_new_file_of_the_next_round_replaces_the_old_one(
            self, tournament: Tournament, live_data: bytes, tmp_path: Path) -> None:
        tournament.run().expect(EXIT_DONE)
        newer = live_data + bytes(4)
        (tmp_path / "datasets" / DATASET).write_bytes(newer)
        tournament.run().expect(EXIT_DONE)
        assert (tournament.data / DATASET).read_bytes() == newer


@pytest.mark.parametrize("level", ["trace", "debug", "info", "error", "off"])
def test_no_secret_is_shown_at_any_level(tournament: Tournament, level: str) -> None:
    """Tournament.call looks through log, standard output, report and records."""
    for fault in ({"action": "drop_reply", "method": "PUT"},
                  {"action": "status", "method": "GET", "status": 403},
                  {"action": "cut", "method": "GET", "after_bytes": 100},
                  {"action": "reset", "operation": "createSubmission"}):
        tournament.sandbox.faults.add(fault)
    tournament.run("--log-level", level).expect(EXIT_DONE)
    tournament.run("--log-level", level, env={"NUMERAI_PUBLIC_ID": "x"}).expect(EXIT_REJECTED)
    tournament.fault("status", method="PUT", status=403, times=None)
    tournament.run("--force", "--log-level", level, "--log-format", "json",
                   env={"ERAWISE_RETRY_BUDGET_SECONDS": "0.2"}).expect(EXIT_NETWORK)
    tournament.call("run", "--print-config").expect(EXIT_DONE)
