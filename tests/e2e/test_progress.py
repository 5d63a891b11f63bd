"""What a run shows on a terminal and writes into a log."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
from datetime import datetime
from pathlib import Path

import pytest

from e2e.support.binary import EXIT_DONE, PATIENCE_SECONDS, Erawise
from e2e.support.packing import xz
from e2e.support.tournament import Tournament


def on_terminal(binary: Path, arguments: list[object], columns: int = 100,
                env: dict[str, str] | None = None) -> str:
    """Standard error as a terminal of that width gets it."""
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([binary, *map(str, arguments)], stdout=subprocess.DEVNULL,
                               stdin=subprocess.DEVNULL, stderr=side,
                               env={"PATH": os.environ["PATH"], "TERM": "xterm", **(env or {})})
    os.close(side)
    shown = b""
    while True:
        try:
            part = os.read(main, 4096)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        shown += part
    os.close(main)
    assert process.wait(PATIENCE_SECONDS) == EXIT_DONE, shown
    return shown.decode()


@pytest.fixture(scope="module")
def long_data(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Takes long enough for a bar: the rows of `data` again and again, era by era."""
    text = data.read_bytes()
    path = tmp_path_factory.mktemp("long") / "data.csv.xz"
    path.write_bytes(xz(text) + xz(text.split(b"\n", 1)[1] * 20) * 8)
    return path


def bars(shown: str) -> list[str]:
    """Every state of the bar, without colours."""
    plain = re.sub(r"\x1b\[[\d;]*m", "", shown)
    return [state for state in re.split(r"\r\x1b\[K|\r\n", plain) if state.startswith("predict ")]


class TestTerminal:
    def arguments(self, data: Path, model: Path, *more: object) -> list[object]:
        return ["predict", "--data", data, "--model", model, "--output", "-", "--engine",
                "xgboost", "--threads", 1, "--memory-limit", "2GiB", *more]

    def test_a_bar_with_rate_time_and_memory(self, binary: Path, long_data: Path,
                                             model: Path) -> None:
        shown = on_terminal(binary, self.arguments(long_data, model))
        assert bars(shown)
        for bar in bars(shown):
            assert re.fullmatch(r"predict  [━─]+  +\d+ %  [\d,]+ rows/s(  .+ left)?  "
                                r"RSS [\d.]+ MiB of 2.0 GiB", bar), bar
            assert len(bar) < 100
        last = re.split(r"\r\x1b\[K", shown)[-1]
        assert "peak RSS" in last and last.endswith("\r\n")

    @pytest.mark.parametrize("columns", [20, 60, 72])
    def test_a_bar_fits(self, binary: Path, long_data: Path, model: Path, columns: int) -> None:
        shown = on_terminal(binary, self.arguments(long_data, model), columns)
        assert bars(shown) and max(map(len, bars(shown))) < columns

    @pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
    def test_colours_may_be_refused(self, binary: Path, long_data: Path, model: Path,
                                    env: dict[str, str]) -> None:
        shown = on_terminal(binary, self.arguments(long_data, model), env=env)
        assert bars(shown) and not re.search(r"\x1b\[[\d;]*m", shown)
        assert "#" in bars(shown)[-1]

    @pytest.mark.parametrize("more", [("--progress", "never"), ("--log-format", "json")])
    def test_no_bar_where_none_is_wanted(self, binary: Path, long_data: Path, model: Path,
                                         more: tuple[str, str]) -> None:
        assert bars(on_terminal(binary, self.arguments(long_data, model, *more))) == []


class TestLog:
    def test_is_free_of_bars_and_colours(self, erawise: Erawise, long_data: Path,
                                         model: Path) -> None:
        for progress in ("auto", "always", "never"):
            log = erawise("predict", "--data", long_data, "--model", model, "--progress",
                          progress).expect(EXIT_DONE).log
            assert "\x1b" not in log and "\r" not in log

    def test_tells_a_run_in_twenty_lines(self, make_tournament) -> None:
        names = ("alpha", "bravo", "charlie", "delta")
        tournament: Tournament = make_tournament(models=("example_model", *names))
        for name in names:
            tournament.add_model(tournament.models / "example_model.ubj", f"{name}.ubj")
        lines = tournament.run("--memory-limit", "2GiB").expect(EXIT_DONE).log.splitlines()
        assert len(lines) <= 20
        story = "\n".join(lines)
        for part in ("round", "downloaded", "memory plan", "engine", "rows in", "submission",
                     "peak RSS"):
            assert part in story

    @pytest.mark.parametrize("form", ["text", "json"])
    def test_has_a_line_for_each_event_in_utc(self, tournament: Tournament, form: str) -> None:
        for line in tournament.run("--log-format", form).expect(EXIT_DONE).log.splitlines():
            time = json.loads(line)["time"] if form == "json" else line.split(" ")[0]
            assert datetime.fromisoformat(time).utcoffset().total_seconds() == 0
