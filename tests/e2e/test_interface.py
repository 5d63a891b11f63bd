"""inspect, help, configuration and logs: what the program says about itself."""

import json
import re
from pathlib import Path

import pytest

from e2e.support.binary import (
    EXIT_DATA,
    EXIT_DISK,
    EXIT_DONE,
    EXIT_MODEL,
    EXIT_USAGE,
    PEAK_LINE,
    Erawise,
    files_below,
)
from e2e.support.models import train_with_early_stopping
from e2e.support.packing import xz
from e2e.support.table import Table
from e2e.support.tournament import Tournament

COMMANDS = ("run", "predict", "download", "submit", "inspect", "diagnose")


class TestInspect:
    def test_data(self, erawise: Erawise, data: Path, table: Table) -> None:
        text = erawise("inspect", "--data", data).expect(EXIT_DONE).stdout.decode()
        assert f"data {data}" in text
        assert "34, of which 30 features (30 with at most 16 values)" in text
        assert f"{len(table.ids)} in 6 eras" in text
        for era in set(table.eras):
            assert re.search(rf"^ +{era} +{table.eras.count(era)}$", text, re.MULTILINE)

    def test_compressed_data(self, erawise: Erawise, data: Path, tmp_path: Path) -> None:
        packed = tmp_path / "data.csv.xz"
        packed.write_bytes(xz(data.read_bytes(), "-6"))
        text = erawise("inspect", "--data", packed).expect(EXIT_DONE).stdout.decode()
        assert "3000 in 6 eras" in text
        assert re.search(r"decompression takes [89]\.\d MiB", text)

    @pytest.mark.parametrize("suffix", ["ubj", "json"])
    def test_models(self, erawise: Erawise, table: Table, tmp_path: Path, suffix: str) -> None:
        path = tmp_path / f"model.{suffix}"
        model = train_with_early_stopping(table)
        model.save_model(path)
        text = erawise("inspect", "--model", path).expect(EXIT_DONE).stdout.decode()
        trees = model.get_booster().num_boosted_rounds()
        for expected in (f"model {path}", "gbtree", "reg:squarederror", f"{trees} of depth",
                         f"iteration {model.best_iteration}", "30, with names", "engine"):
            assert expected in text

    def test_both_with_the_plan(self, erawise: Erawise, data: Path, model: Path) -> None:
        text = erawise("inspect", "--data", data, "--model", model, "--memory-limit",
                       "2GiB").expect(EXIT_DONE).stdout.decode()
        for entry in ("memory plan", "program", "models", "era batches", "total", "cap"):
            assert entry in text

    def test_what_cannot_be_read(self, erawise: Erawise, data: Path, model: Path,
                                 tmp_path: Path) -> None:
        erawise("inspect", "--data", model).expect(EXIT_DATA, str(model))
        erawise("inspect", "--model", data).expect(EXIT_MODEL, str(data))
        erawise("inspect", "--data", tmp_path / "nothing").expect(EXIT_DISK, "nothing")


class TestHelp:
    def test_of_the_program(self, erawise: Erawise) -> None:
        text = erawise("--help").expect(EXIT_DONE).stdout.decode()
        for command in COMMANDS:
            assert f"\n  {command} " in text
        for code in (0, 1, 2, 3, 4, 5, 10, 11, 12, 130, 143):
            assert re.search(rf"^ +{code}  \w", text, re.MULTILINE)

    @pytest.mark.parametrize("command", COMMANDS)
    def test_of_a_command(self, erawise: Erawise, command: str) -> None:
        text = erawise(command, "--help").expect(EXIT_DONE).stdout.decode()
        for expected in (f"Usage: erawise {command}", "Example:", "--memory-limit", "--report"):
            assert expected in text
        assert max(map(len, text.splitlines())) <= 100

    @pytest.mark.parametrize("arguments", [["--version"], ["predict", "--version"]])
    def test_version(self, erawise: Erawise, arguments: list[str]) -> None:
        text = erawise(*arguments).expect(EXIT_DONE).stdout.decode()
        assert re.match(r"erawise \d+\.\d+\.\d+ \(commit \w+\)\n", text)
        assert "liblzma" in text and "libcurl" in text

    def test_no_command_is_answered_with_help(self, erawise: Erawise) -> None:
        result = erawise().expect(EXIT_USAGE, "Usage: erawise COMMAND")
        assert result.stdout == b""


class TestConfiguration:
    def test_origins_in_the_order_of_precedence(self, erawise: Erawise, tmp_path: Path) -> None:
        config = tmp_path / "erawise.json"
        config.write_text('{ // a comment\n "threads": 1, "transform": "rank",'
                          ' "memory_limit": "64MiB", "data": {"version": "v4"} }')
        text = erawise("predict", "--config", config, "--memory-limit", "96MiB", "--print-config",
                       env={"ERAWISE_TRANSFORM": "none", "ERAWISE_MEMORY_LIMIT": "80MiB"}
                       ).expect(EXIT_DONE).stdout.decode()
        lines = {line.split(" = ")[0]: line for line in text.splitlines() if " = " in line}
        assert re.search(r"= 96(\.0)? ?MiB +\(flag --memory-limit\)", lines["memory_limit"])
        assert re.search(r"= none +\(.*ERAWISE_TRANSFORM\)", lines["transform"])
        assert re.search(r"= 1 +\(.*erawise\.json.*\)", lines["threads"])
        assert re.search(r"= v4 +\(.*erawise\.json.*\)", lines["data.version"])
        assert re.search(r"= auto +\(default\)", lines["engine"])

    @pytest.mark.parametrize("command", COMMANDS)
    def test_can_be_checked_and_printed_without_anything_else(self, erawise: Erawise,
                                                              command: str) -> None:
        secret = {"NUMERAI_PUBLIC_ID": "THEPUBLICPART", "NUMERAI_SECRET_KEY": "THESECRETPART"}
        assert "valid" in erawise(command, "--check-config", env=secret).expect(
            EXIT_DONE).stdout.decode()
        text = erawise(command, "--print-config", env=secret).expect(EXIT_DONE).stdout.decode()
        assert "NUMERAI_SECRET_KEY: set" in text
        assert "THEPUBLICPART" not in text and "THESECRETPART" not in text
        assert files_below(erawise.folder) == set()

    def test_that_is_wrong_is_not_called_valid(self, erawise: Erawise) -> None:
        erawise("run", "--check-config", "--threads", "x").expect(EXIT_USAGE, "--threads")

    def test_the_example_file_is_valid(self, erawise: Erawise) -> None:
        example = Path(__file__).parents[2] / "config" / "erawise.json"
        erawise("run", "--config", example, "--check-config").expect(EXIT_DONE)


class TestLog:
    @pytest.fixture(params=["predict", "inspect", "data", "model", "disk", "memory"])
    def arguments(self, request: pytest.FixtureRequest, data: Path, model: Path) -> list[object]:
        return {
            "predict": ["predict", "--data", data, "--model", model],
            "inspect": ["inspect", "--data", data],
            "data": ["predict", "--data", model, "--model", model],
            "model": ["predict", "--data", data, "--model", data],
            "disk": ["predict", "--data", "/nothing", "--model", model],
            "memory": ["predict", "--data", data, "--model", model, "--memory-limit", "1MiB"],
        }[request.param]

    def test_the_last_line_is_the_peak_rss(self, erawise: Erawise,
                                           arguments: list[object]) -> None:
        result = erawise(*arguments, "--memory-limit", "1MiB") if "1MiB" not in arguments \
            else erawise(*arguments)
        assert PEAK_LINE.search(result.last_line)
        assert f" exit {result.exit_code} after" in result.last_line
        assert " of 1.0 MiB" in result.last_line

    def test_every_line_can_be_json(self, erawise: Erawise, arguments: list[object]) -> None:
        log = erawise(*arguments, "--log-format", "json").log
        lines = [json.loads(line) for line in log.splitlines()]
        assert lines and all(set(line) == {"time", "level", "message"} for line in lines)
        assert PEAK_LINE.search(lines[-1]["message"])

    def test_the_last_line_of_the_network_commands(self, tournament: Tournament) -> None:
        for arguments in (["run"], ["download", "--file", "v1/live.csv.xz"],
                          ["download", "--file", "v1/nothing"],
                          ["submit", "--predictions", "nothing", "--model-name", "x"]):
            assert PEAK_LINE.search(tournament.call(*arguments).last_line)

    def test_off_is_silent(self, erawise: Erawise, data: Path, model: Path) -> None:
        result = erawise("predict", "--data", data, "--model", model, "--log-level", "off")
        assert result.expect(EXIT_DONE).log == ""


@pytest.mark.parametrize("transform", ["none", "rank"])
def test_predict_dry_run_keeps_no_result(erawise: Erawise, data: Path, model: Path,
                                         transform: str) -> None:
    arguments = ["predict", "--data", data, "--model", model, "--transform", transform]
    erawise(*arguments, "--dry-run").expect(EXIT_DONE, "3000 rows")
    assert files_below(erawise.folder) == set()
    whole = erawise(*arguments, "--output", "-").stdout
    assert erawise(*arguments, "--output", "-", "--dry-run").stdout == whole
