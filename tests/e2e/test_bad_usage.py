"""Wrong flags, variables, files: exit 2 before anything is touched, and the remedy."""

import json
from pathlib import Path

import pytest

from e2e.support.binary import EXIT_DISK, EXIT_DONE, EXIT_USAGE, Erawise, files_below

KEYS = {"NUMERAI_PUBLIC_ID": "PUBLIC", "NUMERAI_SECRET_KEY": "SECRET-OF-THE-USER"}


@pytest.fixture
def predict_arguments(data: Path, model: Path) -> list[object]:
    return ["predict", "--data", data, "--model", model]


def refused(erawise: Erawise, arguments: list[object], *texts: str,
            env: dict[str, str] | None = None) -> None:
    before = files_below(erawise.folder)
    result = erawise(*arguments, env=env).expect(EXIT_USAGE, *texts)
    assert files_below(erawise.folder) == before
    assert result.stdout == b""
    assert KEYS["NUMERAI_SECRET_KEY"] not in result.log


@pytest.mark.parametrize(("flags", "texts"), [
    (["--outptu", "x.csv"], ["--outptu", "did you mean --output?"]),
    (["--trehads", "2"], ["--trehads", "did you mean --threads?"]),
    (["--threads", "many"], ["--threads", '"many"', "whole number"]),
    (["--threads", "-1"], ["--threads", '"-1"']),
    (["--memory-limit", "64 potatoes"], ["--memory-limit", '"64 potatoes"', "64MiB"]),
    (["--memory-limit", "1KiB"], ["--memory-limit", "at least 1MiB"]),
    (["--transform", "gaussian"], ["--transform", '"gaussian"', "auto, none"]),
    (["--engine", "lightgbm"], ["--engine", '"lightgbm"', "xgboost"]),
    (["--log-level", "loud"], ["--log-level", '"loud"', "trace"]),
    (["--prediction-column", "a,b"], ["--prediction-column", '"a,b"']),
    (["--threads", "1", "--threads", "2"], ["--threads"]),
    (["--wait", "1h"], ["--wait", "erawise predict"]),
    (["--secret-key", "SECRET-OF-THE-USER"], ["--secret-key", "NUMERAI_SECRET_KEY"]),
    (["--config", "nothing.json"], ["nothing.json", "No such file"]),
    (["surplus"], ["surplus", "flags only"]),
])
def test_flags(erawise: Erawise, predict_arguments: list[object], flags: list[str],
               texts: list[str]) -> None:
    refused(erawise, [*predict_arguments, *flags], *texts)


@pytest.mark.parametrize(("variable", "value", "texts"), [
    ("ERAWISE_THREDS", "2", ["ERAWISE_THREDS", "did you mean ERAWISE_THREADS?"]),
    ("ERAWISE_ANYTHING", "2", ["ERAWISE_ANYTHING", "unknown variable"]),
    ("ERAWISE_THREADS", "two", ["ERAWISE_THREADS", '"two"']),
    ("ERAWISE_SECRET_KEY", "SECRET-OF-THE-USER", ["ERAWISE_SECRET_KEY"]),
    ("ERAWISE_API_URL", "http://example.com", ["ERAWISE_API_URL", "https://"]),
    ("ERAWISE_API_URL", "https://u:SECRET-OF-THE-USER@example.com", ["ERAWISE_API_URL"]),
])
def test_environment(erawise: Erawise, predict_arguments: list[object], variable: str, value: str,
                     texts: list[str]) -> None:
    refused(erawise, predict_arguments, *texts, env={variable: value})


@pytest.mark.parametrize(("value", "why"), [
    ('"SECRET-OF-THE-USER"', "has quotes around it: docker --env-file"),
    ("'SECRET-OF-THE-USER'\n", "has quotes around it"),
    (" SECRET-OF-THE-USER", "white space around it"),
    ("SECRET-OF\r\n-THE-USER", "has several lines"),
    ("Token SECRET-OF-THE-USER", "without Authorization and Token"),
    ("PUBLIC$SECRET-OF-THE-USER", "holds both halves of a key"),
])
@pytest.mark.parametrize("as_file", [False, True])
@pytest.mark.parametrize("command", [["run"], ["doctor"]])
def test_a_key_that_is_none(erawise: Erawise, command: list[object], value: str, why: str,
                            as_file: bool, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(value, newline="")
    name = "NUMERAI_SECRET_KEY" + ("_FILE" if as_file else "")
    refused(erawise, command, f"{name} ", why, env={
        "NUMERAI_PUBLIC_ID": "PUBLIC", name: str(file) if as_file else value})


@pytest.mark.parametrize(("config", "texts"), [
    ({"memory_limt": "64MiB"}, ["memory_limt", "did you mean memory_limit?"]),
    ({"data": {"versoin": "v5"}}, ["data.versoin", "did you mean data.version?"]),
    ({"threads": "2"}, ["threads"]),
    ({"threads": 2.5}, ["threads", "2.5"]),
    ({"threads": None}, ["threads"]),
    ({"retry": {"initial_seconds": 60, "maximum_seconds": 1}}, ["retry.initial_seconds"]),
    ({"secret_key": "SECRET-OF-THE-USER"}, ["secret_key", "environment"]),
    ({"submissions": [{"model": "a"}]}, ["submissions[0].ensemble"]),
    ([], ["bad.json"]),
], ids=range(9))
def test_config_files(erawise: Erawise, predict_arguments: list[object], tmp_path: Path,
                      config: object, texts: list[str]) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(config))
    refused(erawise, [*predict_arguments, "--config", path], "bad.json", *texts)


def test_config_files_that_are_no_json(erawise: Erawise, predict_arguments: list[object],
                                       tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    for text in ("", "{", '{"threads": 1, "threads": 2}', "threads: 2", "\xff"):
        path.write_bytes(text.encode("latin-1"))
        refused(erawise, [*predict_arguments, "--config", path], "bad.json")


def test_all_problems_are_told_at_once(erawise: Erawise, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text('{"threads": -1, "colour": "red"}')
    refused(erawise, ["predict", "--nonsense", "--config", path, "--transform", "x"],
            "--nonsense", "--data", "--model", "threads", "colour", "--transform", "ERAWISE_NO",
            env={"ERAWISE_NO": "1"})


@pytest.mark.parametrize("arguments", [
    [], ["prophesy"], ["--threads", "2", "predict"], ["predict"], ["download"], ["inspect"]])
def test_incomplete_command_lines(erawise: Erawise, arguments: list[str]) -> None:
    refused(erawise, arguments)


@pytest.mark.parametrize("environment", [
    {}, {"NUMERAI_PUBLIC_ID": "PUBLIC"}, {**KEYS, "NUMERAI_SECRET_KEY_FILE": "/dev/null"},
    {"NUMERAI_PUBLIC_ID": "PUBLIC", "NUMERAI_SECRET_KEY_FILE": "/nothing/here"},
    {**KEYS, "MODEL_ID": "two words"}], ids=range(5))
def test_run_needs_a_whole_key_pair(erawise: Erawise, environment: dict[str, str]) -> None:
    refused(erawise, ["run", "--models-directory", ".", "--data-directory", "data"],
            "MODEL_ID" if "MODEL_ID" in environment else "NUMERAI_", env=environment)


def test_run_needs_models(erawise: Erawise, tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("no model")
    for folder in (tmp_path / "nothing", tmp_path):
        refused(erawise, ["run", "--models-directory", folder, "--data-directory", "data"],
                str(folder), "model", env=KEYS)


class TestUnwritableFolders:
    """What cannot be written is exit 5, with the path and the reason."""

    def test_the_folder_of_the_output(self, erawise: Erawise,
                                      predict_arguments: list[object]) -> None:
        erawise(*predict_arguments, "--output", "nothing/here/p.csv").expect(
            EXIT_DISK, "nothing/here/p.csv", "No such file", "create the folder")

    def test_an_output_that_is_a_folder(self, erawise: Erawise,
                                        predict_arguments: list[object]) -> None:
        target = erawise.folder / "folder"
        target.mkdir()
        erawise(*predict_arguments, "--output", target).expect(EXIT_DISK, str(target))
        assert files_below(erawise.folder) == set()

    def test_the_folder_of_the_report(self, erawise: Erawise,
                                      predict_arguments: list[object]) -> None:
        erawise(*predict_arguments, "--report", "nothing/here/r.json").expect(
            EXIT_DISK, "nothing/here/r.json")
        assert files_below(erawise.folder) == {"predictions.csv"}

    def test_the_folder_of_downloads(self, erawise: Erawise, model: Path) -> None:
        (erawise.folder / "file").write_text("")
        erawise("run", "--models-directory", model.parent, "--data-directory", "file/data",
                env=KEYS).expect(EXIT_DISK, "file/data")


def test_an_empty_variable_counts_as_not_set(erawise: Erawise,
                                             predict_arguments: list[object]) -> None:
    erawise(*predict_arguments, env={"ERAWISE_THREADS": "", "MODEL_ID": ""}).expect(EXIT_DONE)
