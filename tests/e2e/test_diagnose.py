"""diagnose: validation predictions to Numerai's diagnostics, and their numbers back."""

import re
import signal
from pathlib import Path

import pytest

from e2e.support.binary import (
    EXIT_DATA,
    EXIT_DISK,
    EXIT_DONE,
    EXIT_NETWORK,
    EXIT_REJECTED,
    EXIT_SIGTERM,
    EXIT_USAGE,
    Result,
    files_below,
)
from e2e.support.table import Table
from e2e.support.tournament import Tournament, live_ids, sha256

CREATE = "createDiagnostics"
PUT = {"method": "PUT"}


def write_predictions(path: Path, ids: list[str]) -> Path:
    rows = [f"{i},{(n * 7919 % len(ids) + 0.5) / len(ids)}" for n, i in enumerate(ids)]
    path.write_text("\n".join(["id,prediction", *rows]) + "\n")
    return path


@pytest.fixture
def predictions(table: Table, tmp_path: Path) -> Path:
    """All rows that are not live: five eras of 500."""
    live = set(live_ids(table))
    return write_predictions(tmp_path / "validation.csv", [i for i in table.ids if i not in live])


@pytest.fixture
def live_predictions(table: Table, tmp_path: Path) -> Path:
    return write_predictions(tmp_path / "live.csv", live_ids(table))


def diagnose(tournament: Tournament, predictions: Path, *arguments: object,
             **keys: object) -> Result:
    return tournament.call("diagnose", "--predictions", predictions, "--model-name",
                           "example_model", *arguments, **keys)


def runs(tournament: Tournament) -> list[dict]:
    return tournament.sandbox.state()["diagnostics"]


class TestCalm:
    def test_the_numbers_are_printed_and_reported(self, tournament: Tournament,
                                                  predictions: Path) -> None:
        result = diagnose(tournament, predictions).expect(EXIT_DONE, "are done")
        [run] = runs(tournament)
        assert run["sha256"] == sha256(predictions.read_bytes())
        told = tournament.report["diagnostics"]
        assert (told["id"], told["model"], told["status"], told["eras_accepted"]) == (
            run["id"], "example_model", "done", 5)
        assert (told["trained_on_validation"], told["message"], told["sha256"]) == (
            False, None, run["sha256"])
        eras = told["eras"]
        assert [era["era"] for era in eras] == ["0575", "0576", "0577", "0578", "0579"]
        mean = sum(era["corr"] for era in eras) / 5
        assert told["summary"]["corr_mean"] == pytest.approx(mean)
        assert eras[0]["bmc"] is None and told["summary"]["bmc_mean"] is None

        text = result.stdout.decode()
        assert f"diagnostics {run['id']} of example_model: done" in text
        assert re.search(r"^era +corr +mmc$", text, re.MULTILINE)
        for era in eras:
            assert re.search(rf"^{era['era']} +{era['corr']:.4f} +{era['mmc']:.4f}$", text,
                             re.MULTILINE)
        assert re.search(rf"^  corr mean +{mean:.4f}$", text, re.MULTILINE)
        assert re.search(r"^  eras accepted +5$", text, re.MULTILINE)
        assert "bmc" not in text

    def test_every_number_is_documented(self, tournament: Tournament, predictions: Path) -> None:
        document = (Path(__file__).resolve().parents[2] / "docs" / "REPORT.md").read_text()
        diagnose(tournament, predictions).expect(EXIT_DONE)
        told = tournament.report["diagnostics"]
        assert [key for key in told if f"| `diagnostics.{key}` |" not in document] == []
        assert [key for key in (*told["summary"], *told["eras"][0])
                if f"`{key}`" not in document] == []

    def test_nothing_is_submitted_and_no_round_is_needed(self, tournament: Tournament,
                                                         predictions: Path) -> None:
        tournament.sandbox.set_round("closed")
        diagnose(tournament, predictions).expect(EXIT_DONE)
        assert tournament.submissions == []
        assert files_below(tournament.data) == set()

    def test_it_looks_until_the_end(self, tournament: Tournament, predictions: Path) -> None:
        tournament.sandbox.diagnostics.script(looks=4)
        diagnose(tournament, predictions).expect(EXIT_DONE, "looking again in")
        assert [run["looks"] for run in runs(tournament)] == [5]

    def test_an_unknown_status_is_not_yet_the_end(self, tournament: Tournament,
                                                  predictions: Path) -> None:
        tournament.sandbox.diagnostics.script(looks=3, pending="brewing")
        result = diagnose(tournament, predictions).expect(EXIT_DONE)
        assert result.log.count("'brewing' is not known") == 1

    def test_ids_are_passed_on(self, tournament: Tournament, predictions: Path) -> None:
        model = tournament.sandbox.account.models[0].id
        diagnose(tournament, predictions, env={
            "MODEL_ID": model, "NUMERAI_COMPUTE_ID": "c-1"}).expect(EXIT_DONE)
        assert [run["modelId"] for run in runs(tournament)] == [model]
        assert [u["computeId"] for u in tournament.uploads] == ["c-1"]
        assert tournament.requests(field="account") == []

    def test_dry_run_checks_and_sends_nothing(self, tournament: Tournament,
                                              predictions: Path) -> None:
        result = diagnose(tournament, predictions, "--dry-run", env={
            "NUMERAI_PUBLIC_ID": None, "NUMERAI_SECRET_KEY": None}).expect(
            EXIT_DONE, "2500 rows are ready", "nothing is sent")
        assert (tournament.requests(), result.stdout) == ([], b"")
        assert tournament.report["diagnostics"]["id"] is None


class TestRefused:
    @pytest.mark.parametrize(("text", "message"), [
        ("", "empty"),
        ("id,value\na,0.5\n", "headers"),
        ("id,prediction\na,0.5\na,0.6\n", "lines 2 and 3"),
        ("id,prediction\na,0.5\nb,1.5\n", "between 0 and 1 exclusive (line 3)"),
        ("id,prediction\na,0.5\nb,high\n", "numbers (line 3)"),
    ], ids=range(5))
    def test_a_file_that_breaks_the_rules_is_not_sent(self, tournament: Tournament, tmp_path: Path,
                                                      text: str, message: str) -> None:
        path = tmp_path / "bad.csv"
        path.write_text(text)
        diagnose(tournament, path).expect(EXIT_DATA, "bad.csv", message, "nothing was sent")
        assert tournament.requests() == []

    def test_a_file_that_is_not_there(self, tournament: Tournament, tmp_path: Path) -> None:
        diagnose(tournament, tmp_path / "nothing.csv").expect(EXIT_DISK, "nothing.csv")
        assert tournament.requests() == []

    def test_a_file_of_live_rows(self, tournament: Tournament, live_predictions: Path) -> None:
        result = diagnose(tournament, live_predictions).expect(
            EXIT_REJECTED, "No validation eras found", "predictions for the validation data")
        [run] = runs(tournament)
        assert run["id"] in result.errors
        told = tournament.report["diagnostics"]
        assert (told["id"], told["status"]) == (run["id"], "failed")
        assert result.stdout == b""

    def test_a_refusal_in_numerais_words(self, tournament: Tournament, predictions: Path) -> None:
        tournament.fault("graphql_errors", operation=CREATE,
                         errors=[{"message": "not for this tournament"}])
        diagnose(tournament, predictions).expect(EXIT_REJECTED, "not for this tournament")
        assert runs(tournament) == []

    def test_an_unknown_model(self, tournament: Tournament, predictions: Path) -> None:
        tournament.call("diagnose", "--predictions", predictions, "--model-name", "unheard").expect(
            EXIT_REJECTED, "no model 'unheard'", "example_model")
        assert tournament.uploads == []

    def test_a_key_that_may_not_read(self, make_tournament, predictions: Path) -> None:
        tournament = make_tournament(scopes=("upload_submission", "read_user_info"))
        result = diagnose(tournament, predictions).expect(
            EXIT_REJECTED, "lacks the scope read_submission_info")
        assert runs(tournament)[0]["id"] in result.errors

    def test_no_key(self, tournament: Tournament, predictions: Path) -> None:
        diagnose(tournament, predictions, env={"NUMERAI_SECRET_KEY": None}).expect(
            EXIT_USAGE, "NUMERAI_SECRET_KEY")


class TestTrouble:
    @pytest.mark.parametrize("wait", ["0s", "1s"])
    def test_a_run_that_takes_too_long(self, tournament: Tournament, predictions: Path,
                                       wait: str) -> None:
        tournament.sandbox.diagnostics.script(looks=None)
        result = diagnose(tournament, predictions, "--wait", wait).expect(
            EXIT_NETWORK, "not done after", "pending", "--wait DURATION")
        [run] = runs(tournament)
        assert run["id"] in result.errors
        assert run["looks"] == 1 if wait == "0s" else run["looks"] > 1
        told = tournament.report["diagnostics"]
        assert (told["id"], told["status"]) == (run["id"], "pending")

    def test_an_api_that_is_down_while_it_waits(self, tournament: Tournament,
                                                predictions: Path) -> None:
        tournament.fault("status", operation="diagnostics", status=503, times=None)
        result = diagnose(tournament, predictions, "--wait", "1s").expect(
            EXIT_NETWORK, "Numerai cannot be reached")
        assert runs(tournament)[0]["id"] in result.errors

    def test_an_outage_is_waited_for(self, tournament: Tournament, predictions: Path) -> None:
        tournament.fault("status", operation="diagnostics", status=502, times=3)
        diagnose(tournament, predictions).expect(EXIT_DONE)
        assert len(runs(tournament)) == 1

    def test_an_upload_that_is_refused_is_authorised_again(self, tournament: Tournament,
                                                           predictions: Path) -> None:
        tournament.fault("status", **PUT, status=403)
        diagnose(tournament, predictions).expect(EXIT_DONE, "refuses the presigned URL (HTTP 403)")
        assert len(tournament.requests(field="diagnosticsUploadAuth")) == 2
        assert (len(tournament.uploads), len(runs(tournament))) == (1, 1)

    @pytest.mark.parametrize("fault", [("drop_reply", {}), ("drop_reply", {"reset": True}),
                                       ("act_then_status", {"status": 500})], ids=range(3))
    def test_a_lost_reply_creates_nothing_twice(self, tournament: Tournament, predictions: Path,
                                                fault: tuple[str, dict]) -> None:
        tournament.fault(fault[0], operation=CREATE, **fault[1])
        diagnose(tournament, predictions).expect(EXIT_DONE, "the answer was lost")
        [run] = runs(tournament)
        assert tournament.report["diagnostics"]["id"] == run["id"]
        assert len(tournament.requests(field=CREATE)) == 1

    def test_a_lost_request_is_sent_again(self, tournament: Tournament, predictions: Path) -> None:
        tournament.fault("reset", operation=CREATE)
        diagnose(tournament, predictions).expect(EXIT_DONE)
        assert len(runs(tournament)) == 1
        assert [r["fields"] for r in tournament.requests() if {CREATE, "diagnostics"}
                & set(r["fields"])][:3] == [[CREATE], ["diagnostics"], [CREATE]]

    def test_names_in_snake_case(self, tournament: Tournament, predictions: Path) -> None:
        tournament.fault("unknown_field", times=None, operation=["diagnosticsUploadAuth", CREATE])
        diagnose(tournament, predictions).expect(EXIT_DONE)
        assert len(runs(tournament)) == 1

    def test_a_signal_ends_the_wait(self, tournament: Tournament, predictions: Path) -> None:
        tournament.sandbox.diagnostics.script(looks=None)
        running = tournament.start("diagnose", "--predictions", predictions, "--model-name",
                                   "example_model")
        running.wait_for_log("looking again")
        running.end(signal.SIGTERM).expect(EXIT_SIGTERM)
        assert tournament.report["diagnostics"]["id"] == runs(tournament)[0]["id"]
