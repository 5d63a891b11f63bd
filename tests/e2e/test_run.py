"""run: the whole journey against the sandbox, and what crosses the wire on it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.support.binary import (
    EXIT_DATA,
    EXIT_DONE,
    EXIT_MODEL,
    EXIT_NETWORK,
    EXIT_REJECTED,
    EXIT_USAGE,
    files_below,
)
from e2e.support.models import predict, train
from e2e.support.packing import xz
from e2e.support.table import Table, ranks, to_csv
from e2e.support.tournament import (
    DATASET,
    Tournament,
    assert_no_part_files,
    assert_ranks,
    live_ids,
    sha256,
)

REPORT_KEYS = [
    "command", "version", "started_at", "exit_code", "error", "rows", "eras", "features_used",
    "engine", "kernel", "wall_seconds", "stages", "bytes_downloaded", "bytes_spilled",
    "peak_rss_bytes", "cgroup_peak_bytes", "memory_limit_bytes", "memory_limit_source",
    "memory_plan", "submissions", "scores", "diagnostics"]


def test_ends_with_an_accepted_submission(tournament: Tournament, table: Table, model: Path,
                                          live_data: bytes) -> None:
    result = tournament.run().expect(EXIT_DONE, "round 1100")
    [submission] = tournament.submissions
    [upload] = tournament.uploads
    assert submission["model"] == "example_model"
    assert submission["status"] == "on-time"
    assert submission["submittedCount"] == len(table.ids)
    assert submission["submittedCount"] - submission["filteredCount"] == len(live_ids(table))
    assert submission["id"] in result.log
    assert (tournament.data / DATASET).read_bytes() == live_data
    content = (tournament.output / "example_model.csv").read_bytes()
    assert upload["sha256"] == submission["sha256"] == sha256(content)
    assert_ranks(content, table, ranks(table, predict(model, table)))
    assert_no_part_files(tournament.data)


def test_the_report_has_every_documented_key(tournament: Tournament, table: Table,
                                             live_data: bytes) -> None:
    tournament.run().expect(EXIT_DONE)
    report = tournament.report
    [submission] = tournament.submissions
    assert list(report) == REPORT_KEYS
    assert (report["command"], report["exit_code"], report["error"]) == ("run", 0, None)
    assert (report["rows"], report["eras"], report["features_used"]) == (len(table.ids), 6, 30)
    assert report["bytes_downloaded"] == len(live_data)
    assert report["wall_seconds"] > 0 and report["peak_rss_bytes"] > 2**20
    assert {"wait", "acquire", "decode", "infer", "output", "submit"} <= set(report["stages"])
    assert sum(report["memory_plan"].values()) > 2**20
    assert report["submissions"] == [{
        "model": "example_model", "round": 1100, "id": submission["id"], "status": "accepted",
        "sha256": submission["sha256"], "error": None}]


def test_the_key_goes_to_the_api_and_never_to_the_store(tournament: Tournament) -> None:
    tournament.run().expect(EXIT_DONE)
    store = [r for r in tournament.requests() if r["path"] != "/"]
    assert [r["method"] for r in store] == ["GET", "PUT"]
    assert not any(r["authorization"] for r in store)
    for field in ("apiTokenInfo", "account", "submissionUploadAuth", "createSubmission"):
        assert [r["authorization"] for r in tournament.requests(field=field)] == [True]
    assert [r["authorization"] for r in tournament.requests(field="dataset")] == [False]
    assert [r["authorization"] for r in tournament.requests(field="rounds")] == [False, False]


def test_the_upload_says_how_long_it_is(tournament: Tournament) -> None:
    """The store refuses a PUT without Content-Length, and takes as many bytes as it says."""
    tournament.run().expect(EXIT_DONE)
    [put] = tournament.requests(method="PUT")
    assert put["status"] == 200
    assert put["requestBytes"] == (tournament.output / "example_model.csv").stat().st_size


def test_the_submission_is_verified(tournament: Tournament) -> None:
    tournament.run().expect(EXIT_DONE)
    fields = [f for r in tournament.requests() for f in r["fields"]]
    assert fields.index("createSubmission") < fields.index("submissions")


def test_trigger_and_compute_id_are_passed_on(tournament: Tournament) -> None:
    tournament.run(env={"TRIGGER_ID": "trigger-17", "NUMERAI_COMPUTE_ID": "compute-42"}).expect(
        EXIT_DONE)
    assert [s["triggerId"] for s in tournament.submissions] == ["trigger-17"]
    assert [u["computeId"] for u in tournament.uploads] == ["compute-42"]


def test_without_them_none_are_sent(tournament: Tournament) -> None:
    tournament.run().expect(EXIT_DONE)
    assert [s["triggerId"] for s in tournament.submissions] == [None]
    assert [u["computeId"] for u in tournament.uploads] == [None]


def test_a_second_run_does_not_download_what_is_there(tournament: Tournament) -> None:
    tournament.run().expect(EXIT_DONE)
    first = (tournament.output / "example_model.csv").read_bytes()
    tournament.run().expect(EXIT_DONE, "is current")
    assert tournament.report["bytes_downloaded"] == 0
    assert (tournament.output / "example_model.csv").read_bytes() == first


def test_a_rerun_in_the_same_round_sends_nothing_and_says_so(tournament: Tournament) -> None:
    tournament.run().expect(EXIT_DONE)
    [first] = tournament.report["submissions"]
    tournament.run().expect(EXIT_DONE, "is submitted to round 1100 already", "--force")
    [again] = tournament.report["submissions"]
    assert again == {**first, "status": "unchanged"}
    assert len(tournament.submissions) == len(tournament.uploads) == 1
    tournament.run("--force").expect(EXIT_DONE)
    assert len(tournament.submissions) == 2


def test_the_receipt_says_what_was_submitted(tournament: Tournament) -> None:
    tournament.run().expect(EXIT_DONE)
    [submission] = tournament.submissions
    receipt = json.loads((tournament.output / "receipts/1100-example_model.json").read_text())
    assert (receipt["submission_id"], receipt["sha256"], receipt["state"], receipt["round"]) == (
        submission["id"], submission["sha256"], "accepted", 1100)


def test_the_next_round_is_submitted_to_again(tournament: Tournament, tmp_path: Path,
                                              live_data: bytes) -> None:
    tournament.run().expect(EXIT_DONE)
    tournament.sandbox.set_round(number=1101)
    (tmp_path / "datasets" / DATASET).write_bytes(live_data + bytes(4))
    tournament.run().expect(EXIT_DONE)
    assert [s["round"] for s in tournament.submissions] == [1100, 1101]


def test_two_processes_at_once_submit_once(tournament: Tournament) -> None:
    tournament.fault("stall", operation="createSubmission", seconds=1)
    first = tournament.start("run")
    first.wait_until(lambda: tournament.submissions != [])
    second = tournament.run().expect(EXIT_DONE, "another process submits", "already")
    assert "INFO" in second.log
    first.finish().expect(EXIT_DONE)
    assert len(tournament.submissions) == len(tournament.uploads) == 1


def test_a_process_that_never_ends_is_waited_for_until_the_round_closes(
        tournament: Tournament) -> None:
    tournament.fault("stall", operation="createSubmission", seconds=60)
    first = tournament.start("run")
    first.wait_until(lambda: tournament.submissions != [])
    tournament.sandbox.set_round(closes_in=2)
    second = tournament.run().expect(EXIT_NETWORK, "another process submits", "at the longest",
                                     "the round's close")
    assert f"process {first.process.pid} of" in second.log
    assert len(tournament.submissions) == 1
    first.kill_after(0)


def test_dry_run_sends_nothing_and_needs_no_key(tournament: Tournament) -> None:
    tournament.run("--dry-run", env={"NUMERAI_PUBLIC_ID": None, "NUMERAI_SECRET_KEY": None,
                                     "MODEL_ID": "00000000-0000-0000-0000-000000000000"}
                   ).expect(EXIT_DONE, "nothing is sent")
    self_checked = tournament.report["submissions"]
    assert [(s["model"], s["status"], s["id"]) for s in self_checked] == [
        ("example_model", "skipped", None)]
    assert tournament.requests(method="PUT") == tournament.uploads == tournament.submissions == []
    assert tournament.requests(field="submissionUploadAuth") == []


def test_dry_run_without_key_and_model_id(tournament: Tournament) -> None:
    tournament.run("--dry-run", env={"NUMERAI_PUBLIC_ID": None, "NUMERAI_SECRET_KEY": None}
                   ).expect(EXIT_DONE)
    assert tournament.submissions == []


class TestModels:
    """Each file is submitted to the model of its stem, each on its own."""

    def test_all_files_of_the_folder(self, make_tournament: Callable[..., Tournament],
                                     table: Table) -> None:
        tournament = make_tournament(models=("beta", "example_model", "other"))
        train(table, max_depth=2, n_estimators=20).save_model(tournament.models / "beta.json")
        (tournament.models / "notes.txt").write_text("not a model")
        tournament.run().expect(EXIT_DONE)
        assert sorted(s["model"] for s in tournament.submissions) == ["beta", "example_model"]
        assert [s["model"] for s in tournament.report["submissions"]] == ["beta", "example_model"]
        assert len(tournament.requests(method="GET")) == 1
        content = (tournament.output / "beta.csv").read_bytes()
        path = tournament.models / "beta.json"
        assert_ranks(content, table, ranks(table, predict(path, table)))

    @pytest.mark.parametrize("broken", [b"garbage", b"{"], ids=["garbage", "cut_off"])
    def test_a_broken_model_does_not_stop_the_others(
            self, make_tournament: Callable[..., Tournament], broken: bytes) -> None:
        tournament = make_tournament(models=("alpha", "example_model", "zeta"))
        for name in ("alpha.ubj", "zeta.ubj"):
            (tournament.models / name).write_bytes(broken)
        tournament.run().expect(EXIT_MODEL, "alpha", "zeta")
        assert [s["model"] for s in tournament.submissions] == ["example_model"]
        told = {s["model"]: s["status"] for s in tournament.report["submissions"]}
        assert told == {"alpha": "failed", "zeta": "failed", "example_model": "accepted"}
        assert len(tournament.requests(method="GET")) == 1
        assert all(s["error"] for s in tournament.report["submissions"] if s["id"] is None)

    def test_each_is_reported_when_none_is_left(
            self, make_tournament: Callable[..., Tournament]) -> None:
        tournament = make_tournament(models=("alpha", "example_model"))
        for name in ("alpha.ubj", "example_model.ubj"):
            (tournament.models / name).write_bytes(b"garbage")
        tournament.run().expect(EXIT_MODEL)
        assert [(s["model"], s["status"]) for s in tournament.report["submissions"]] == [
            ("alpha", "failed"), ("example_model", "failed")]

    def test_the_worst_error_is_the_exit_code(self, make_tournament: Callable[..., Tournament],
                                              model: Path) -> None:
        """A key that lacks a model outweighs a file that is broken."""
        tournament = make_tournament(models=("alpha", "example_model"))
        (tournament.models / "alpha.ubj").write_bytes(b"garbage")
        tournament.add_model(model, "unheard.ubj")
        tournament.run().expect(EXIT_REJECTED, "alpha", "no model 'unheard'")
        assert [s["model"] for s in tournament.submissions] == ["example_model"]

    def test_a_model_that_the_account_lacks_does_not_stop_the_others(
            self, make_tournament: Callable[..., Tournament], model: Path) -> None:
        tournament = make_tournament(models=("beta", "example_model"))
        tournament.add_model(model, "unheard.ubj")
        tournament.run().expect(EXIT_REJECTED, "no model 'unheard'", "beta, example_model")
        assert [s["model"] for s in tournament.submissions] == ["example_model"]

    def test_a_model_that_the_account_lacks_when_it_is_the_only_one(
            self, make_tournament: Callable[..., Tournament]) -> None:
        tournament = make_tournament(models=("beta", "gamma"))
        tournament.run().expect(EXIT_REJECTED, "no model 'example_model'", "beta, gamma")
        assert tournament.uploads == []
        assert tournament.requests(method="GET") == []

    def test_two_files_for_one_model_are_refused(self, tournament: Tournament,
                                                 model: Path) -> None:
        tournament.add_model(model, "example_model.json")
        tournament.run().expect(EXIT_USAGE, "example_model.json", "example_model.ubj")
        assert tournament.requests() == []

    def test_model_id_names_the_target_of_the_only_file(
            self, make_tournament: Callable[..., Tournament]) -> None:
        tournament = make_tournament(models=("first", "second"))
        target = tournament.sandbox.account.models[1]
        tournament.run(env={"MODEL_ID": target.id}).expect(EXIT_DONE)
        assert [s["model"] for s in tournament.submissions] == ["second"]

    def test_model_id_with_two_files_is_refused(self, tournament: Tournament,
                                                model: Path) -> None:
        tournament.add_model(model, "second.ubj")
        tournament.run(env={"MODEL_ID": "1"}).expect(EXIT_USAGE, "MODEL_ID")
        assert tournament.requests() == []

    def test_configured_submissions(self, make_tournament: Callable[..., Tournament],
                                    table: Table, tmp_path: Path) -> None:
        tournament = make_tournament(models=("alpha", "beta"))
        order = table.features[::-1]
        mirrored = Table(table.ids, table.eras, order, table.values[:, ::-1])
        file = tournament.models / "unnamed.ubj"
        train(mirrored, named=False).save_model(file)
        config = tmp_path / "config.json"
        config.write_text(json.dumps({"submissions": [
            {"model": "alpha", "ensemble": [{"file": "example_model.ubj"}]},
            {"model": "beta", "ensemble": [{"file": "unnamed.ubj"}], "features": order}]}))
        tournament.run("--config", config).expect(EXIT_DONE)
        assert [s["model"] for s in tournament.submissions] == ["alpha", "beta"]
        content = (tournament.output / "beta.csv").read_bytes()
        assert_ranks(content, table, ranks(table, predict(file, mirrored)))


@pytest.mark.parametrize("damage", ["cut", "era"])
def test_nothing_is_submitted_of_damaged_data(make_tournament: Callable[..., Tournament],
                                              table: Table, live_data: bytes,
                                              damage: str) -> None:
    twice = table.with_eras(["era1"] * 10 + ["eraX"] * 10 + ["era1"] * (len(table.ids) - 20))
    content = live_data[:-100] if damage == "cut" else xz(to_csv(twice))
    tournament = make_tournament(content=content)
    tournament.run().expect(EXIT_DATA)
    assert tournament.uploads == []
    kept = set() if damage == "cut" else {DATASET, f"{DATASET}.meta.json"}
    assert files_below(tournament.data) == kept
    assert [(s["model"], s["status"]) for s in tournament.report["submissions"]] == [
        ("example_model", "skipped")]
    assert tournament.report["exit_code"] == EXIT_DATA
    assert "live.csv.xz" in tournament.report["error"]


def test_shards_divide_the_models(make_tournament) -> None:
    names = ("alpha", "bravo", "charlie")
    tournament = make_tournament(models=("example_model", *names))
    model = tournament.models / "example_model.ubj"
    for name in names:
        tournament.add_model(model, f"{name}.ubj")
    model.unlink()
    sent = []
    for index in range(4):
        result = tournament.run("--shard", "/4", env={"JOB_COMPLETION_INDEX": str(index)})
        result.expect(EXIT_DONE, f"shard {index}/4: {1 if index < 3 else 0} of 3 models")
        sent.append([s["model"] for s in tournament.report["submissions"]])
    assert sent == [["alpha"], ["bravo"], ["charlie"], []]
    assert sorted(s["model"] for s in tournament.submissions) == sorted(names)
