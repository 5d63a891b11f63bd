"""The commands download and submit on their own."""

from pathlib import Path

import pytest

from e2e.support.binary import (
    EXIT_DISK,
    EXIT_DONE,
    EXIT_NETWORK,
    EXIT_REJECTED,
    EXIT_USAGE,
    files_below,
)
from e2e.support.table import Table
from e2e.support.tournament import DATASET, Tournament, assert_no_part_files, sha256

NO_KEY = {"NUMERAI_PUBLIC_ID": None, "NUMERAI_SECRET_KEY": None}


class TestDownload:
    def test_needs_no_key(self, tournament: Tournament, live_data: bytes,
                          tmp_path: Path) -> None:
        folder = tmp_path / "elsewhere"
        tournament.call("download", "--file", DATASET, "--directory", folder, env=NO_KEY).expect(
            EXIT_DONE, "downloaded")
        assert (folder / DATASET).read_bytes() == live_data
        assert tournament.report["bytes_downloaded"] == len(live_data)
        assert not any(r["authorization"] for r in tournament.requests())
        assert_no_part_files(folder)

    def test_again_takes_nothing(self, tournament: Tournament) -> None:
        for downloaded in (True, False):
            tournament.call("download", "--file", DATASET, env=NO_KEY).expect(EXIT_DONE)
            assert (tournament.report["bytes_downloaded"] > 0) == downloaded

    @pytest.mark.parametrize("name", ["v1/nothing.csv", "v9/live.csv.xz"])
    def test_of_an_unknown_name_is_refused(self, tournament: Tournament, name: str) -> None:
        tournament.call("download", "--file", name, env=NO_KEY).expect(EXIT_REJECTED, name)
        assert files_below(tournament.data) == set()

    @pytest.mark.parametrize("name", ["../live.csv", "/etc/passwd", "v1/../../x", "v1//x", "", "."])
    def test_of_a_name_that_leaves_the_folder_is_refused(self, tournament: Tournament,
                                                         name: str) -> None:
        tournament.call("download", "--file", name, env=NO_KEY).expect(EXIT_USAGE)
        assert tournament.requests() == []

    def test_between_rounds_says_so(self, tournament: Tournament) -> None:
        tournament.sandbox.set_round("closed")
        tournament.call("download", "--file", DATASET, env=NO_KEY).expect(
            EXIT_REJECTED, "no round is open")

    def test_that_is_given_up_leaves_the_older_file(self, tournament: Tournament) -> None:
        older = tournament.data / DATASET
        older.parent.mkdir(parents=True)
        older.write_text("older")
        tournament.fault("status", method="GET", status=503, times=None)
        tournament.call("download", "--file", DATASET,
                        env={"ERAWISE_RETRY_BUDGET_SECONDS": "0.3"}).expect(EXIT_NETWORK)
        assert older.read_text() == "older"

    def test_that_is_given_up_is_continued_by_the_next(self, tournament: Tournament,
                                                       live_data: bytes) -> None:
        tournament.fault("cut", method="GET", after_bytes=1000)
        tournament.fault("status", method="GET", status=503, times=None, nth=2)
        tournament.call("download", "--file", DATASET,
                        env={"ERAWISE_RETRY_BUDGET_SECONDS": "0.3"}).expect(EXIT_NETWORK)
        tournament.sandbox.faults.clear()
        tournament.call("download", "--file", DATASET).expect(EXIT_DONE)
        assert (tournament.data / DATASET).read_bytes() == live_data
        assert tournament.report["bytes_downloaded"] == len(live_data) - 1000
        assert tournament.requests(method="GET")[-1]["range"] == "bytes=1000-"
        assert_no_part_files(tournament.data)

    def test_dry_run_keeps_nothing(self, tournament: Tournament, live_data: bytes) -> None:
        tournament.call("download", "--file", DATASET, "--dry-run").expect(EXIT_DONE)
        assert tournament.report["bytes_downloaded"] == len(live_data)
        assert files_below(tournament.data) == set()


class TestSubmit:
    @pytest.fixture
    def predictions(self, table: Table, tmp_path: Path) -> Path:
        path = tmp_path / "predictions.csv"
        count = len(table.ids)
        rows = [f"{i},{(n + 0.5) / count}" for n, i in enumerate(table.ids)]
        path.write_text("\n".join(["id,prediction", *rows]) + "\n")
        return path

    def call(self, tournament: Tournament, predictions: Path, name: str = "example_model",
             **keys: object):
        return tournament.call("submit", "--predictions", predictions, "--model-name", name,
                               **keys)

    def test_sends_the_file_as_it_is(self, tournament: Tournament, predictions: Path) -> None:
        self.call(tournament, predictions).expect(EXIT_DONE)
        [submission] = tournament.submissions
        assert submission["sha256"] == sha256(predictions.read_bytes())
        [told] = tournament.report["submissions"]
        assert (told["id"], told["model"], told["round"], told["status"]) == (
            submission["id"], "example_model", 1100, "accepted")

    def test_again_sends_nothing(self, tournament: Tournament, predictions: Path) -> None:
        self.call(tournament, predictions).expect(EXIT_DONE)
        self.call(tournament, predictions).expect(EXIT_DONE, "already")
        assert [s["status"] for s in tournament.report["submissions"]] == ["unchanged"]
        assert len(tournament.submissions) == 1

    def test_without_a_folder_for_receipts_is_a_warning(self, tournament: Tournament,
                                                        predictions: Path) -> None:
        self.call(tournament, predictions, env={"ERAWISE_OUTPUT_DIRECTORY": "/proc/none"}).expect(
            EXIT_DONE, "WARN", "no receipt is kept")
        assert len(tournament.submissions) == 1

    def test_passes_ids_on(self, tournament: Tournament, predictions: Path) -> None:
        self.call(tournament, predictions, env={
            "TRIGGER_ID": "t-1", "NUMERAI_COMPUTE_ID": "c-1"}).expect(EXIT_DONE)
        assert [s["triggerId"] for s in tournament.submissions] == ["t-1"]
        assert [u["computeId"] for u in tournament.uploads] == ["c-1"]

    @pytest.mark.parametrize(("text", "message"), [
        ("", "empty"),
        ("id,prediction\n", "no rows"),
        ("id,value\na,0.5\n", "headers"),
        ("id,prediction\na,0.5\nb,1.5\n", "between 0 and 1 exclusive (line 3)"),
        ("id,prediction\na,0.5\nb,\n", "NaNs (line 3)"),
        ("id,prediction\na,0.5\nb,high\n", "numbers (line 3)"),
        ("id,prediction\na,0.5\na,0.6\n", "lines 2 and 3"),
        ("id,prediction\na,0.5\nb,0.5\n", "standard deviation"),
        ("id,prediction\na,0.5,7\n", "two fields"),
    ], ids=range(9))
    def test_checks_the_official_rules_before_anything_is_sent(
            self, tournament: Tournament, tmp_path: Path, text: str, message: str) -> None:
        path = tmp_path / "bad.csv"
        path.write_text(text)
        self.call(tournament, path).expect(EXIT_REJECTED, "bad.csv", message)
        assert tournament.requests() == []

    def test_without_the_live_ids_is_refused_by_numerai(self, tournament: Tournament,
                                                        tmp_path: Path) -> None:
        path = tmp_path / "other.csv"
        path.write_text("id,prediction\na,0.4\nb,0.5\n")
        self.call(tournament, path).expect(EXIT_REJECTED, "Not enough stocks submitted")

    def test_of_other_ids_than_the_named_live_data_is_refused_before_anything_is_sent(
            self, tournament: Tournament, predictions: Path, live_data: bytes,
            tmp_path: Path) -> None:
        live = tmp_path / "live.csv.xz"
        live.write_bytes(live_data)
        call = ("submit", "--model-name", "example_model", "--data", live, "--predictions")
        short = tmp_path / "short.csv"
        short.write_text("".join(predictions.read_text().splitlines(keepends=True)[:-1]))
        tournament.call(*call, short).expect(EXIT_REJECTED, "Not enough stocks submitted")
        assert tournament.requests() == []
        tournament.call(*call, predictions).expect(EXIT_DONE)
        assert len(tournament.submissions) == 1

    def test_of_other_ids_than_those_that_run_downloaded_is_refused(
            self, tournament: Tournament, predictions: Path) -> None:
        tournament.run().expect(EXIT_DONE)
        lines = predictions.read_text().splitlines(keepends=True)
        predictions.write_text("".join([*lines[:-1], "another,0.5\n"]))
        uploads = tournament.uploads
        self.call(tournament, predictions).expect(EXIT_REJECTED, "not those of the live data")
        assert tournament.uploads == uploads
        tournament.sandbox.set_round("open", number=1101)  # whose data is not there
        self.call(tournament, predictions).expect(EXIT_REJECTED)
        assert len(tournament.uploads) == len(uploads) + 1

    def test_to_an_unknown_model_names_those_that_are_there(self, tournament: Tournament,
                                                            predictions: Path) -> None:
        self.call(tournament, predictions, "unheard").expect(
            EXIT_REJECTED, "no model 'unheard'", "example_model")
        assert tournament.uploads == []

    def test_of_a_file_that_is_not_there(self, tournament: Tournament, tmp_path: Path) -> None:
        self.call(tournament, tmp_path / "nothing.csv").expect(EXIT_DISK, "nothing.csv")
        assert tournament.requests() == []

    def test_between_rounds_is_refused(self, tournament: Tournament, predictions: Path) -> None:
        tournament.sandbox.set_round("closed")
        self.call(tournament, predictions).expect(EXIT_REJECTED, "no round is open")

    def test_dry_run_checks_and_sends_nothing(self, tournament: Tournament,
                                              predictions: Path) -> None:
        tournament.call("submit", "--predictions", predictions, "--model-name", "example_model",
                        "--dry-run", env=NO_KEY).expect(EXIT_DONE, "nothing is sent")
        assert tournament.requests() == []
