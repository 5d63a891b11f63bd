"""Runs the binary under test and looks at what every run must keep to."""

import contextlib
import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

EXIT_DONE, EXIT_USAGE, EXIT_DATA, EXIT_MODEL, EXIT_DISK = 0, 2, 3, 4, 5
EXIT_NETWORK, EXIT_REJECTED, EXIT_MEMORY, EXIT_SIGINT, EXIT_SIGTERM = 10, 11, 12, 130, 143
DOCUMENTED = {0, 2, 3, 4, 5, 10, 11, 12, 130, 143}

PEAK_LINE = re.compile(r"exit \d+ after [\d.]+ s; peak RSS [\d.]+ \w+")
PATIENCE_SECONDS = 120  # for whatever should happen soon; a sanitizer on a busy machine is slow
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")


@dataclass(frozen=True)
class Result:
    """How a run ended; `log` is standard error."""

    exit_code: int
    stdout: bytes
    log: str

    @property
    def last_line(self) -> str:
        return self.log.rstrip("\n").rsplit("\n", 1)[-1]

    @property
    def errors(self) -> str:
        """The log's error lines."""
        return "\n".join(line for line in self.log.splitlines() if " ERROR " in line)

    @property
    def named_limit(self) -> str:
        """The limit that an exit 12 says would do."""
        found = re.search(r"a limit of (\d+) MiB would do", self.errors)
        assert found, self.log
        return f"{found[1]}MiB"

    def expect(self, exit_code: int, *texts: str) -> "Result":
        """Checks the exit code and that the log holds the texts."""
        assert self.exit_code == exit_code, f"exit {self.exit_code}, not {exit_code}:\n{self.log}"
        for text in texts:
            assert text in self.log, f"'{text}' is not in:\n{self.log}"
        return self


class Running:
    """A run in the background, whose log can be waited for."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()

    def _read_log(self) -> None:
        for line in self.process.stderr:
            with self._changed:
                self._lines.append(line.decode())
                self._changed.notify_all()
        with self._changed:
            self._lines.append("")
            self._changed.notify_all()

    def wait_for_log(self, text: str) -> None:
        """Returns once a line holds the text; fails when the run ends without it."""

        def seen() -> bool:
            return any(text in line for line in self._lines) or "" in self._lines

        with self._changed:
            assert self._changed.wait_for(seen, PATIENCE_SECONDS), f"no '{text}' in {self._lines}"
            assert any(text in line for line in self._lines), f"no '{text}' in {self._lines}"

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Returns once the condition holds; fails when the run ends before it does."""
        for _ in range(PATIENCE_SECONDS * 100):
            if condition():
                return
            try:
                self.process.wait(0.01)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(f"the run ended early: {self._lines}")
        raise AssertionError("the condition never held")

    def kill_after(self, seconds: float) -> None:
        """SIGKILL at that moment, or nothing when the run has ended by then."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        self.process.kill()
        self.process.wait()
        self._reader.join()

    def end(self, with_signal: signal.Signals) -> Result:
        """Sends a signal and waits for the end."""
        self.process.send_signal(with_signal)
        return self.finish()

    def finish(self) -> Result:
        try:
            exit_code = self.process.wait(PATIENCE_SECONDS)
        finally:
            self.process.kill()
        self._reader.join()
        return Result(exit_code, b"", "".join(self._lines))


class Erawise:
    """The binary; each call is a run in an environment of its own."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path = path
        self.folder = folder  # where the runs start

    def __call__(self, *arguments: object, env: Mapping[str, str] | None = None,
                 stdout: int = subprocess.PIPE) -> Result:
        process = subprocess.run(
            self._command(arguments), env=self._environment(env), cwd=self.folder, stdout=stdout,
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=PATIENCE_SECONDS, check=False)
        result = Result(process.returncode, process.stdout or b"", process.stderr.decode())
        assert result.exit_code in DOCUMENTED, f"exit {result.exit_code}:\n{result.log}"
        return result

    def start(self, *arguments: object, env: Mapping[str, str] | None = None,
              stdout: int = subprocess.DEVNULL) -> Running:
        return Running(subprocess.Popen(
            self._command(arguments), env=self._environment(env), cwd=self.folder,
            stdout=stdout, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE))

    def predict(self, data: Path, model: Path, *arguments: object) -> bytes:
        """Predicts into a file, and returns the file's content."""
        output = self.folder / "predictions.csv"
        self("predict", "--data", data, "--model", model, "--output", output,
             *arguments).expect(EXIT_DONE)
        content = output.read_bytes()
        output.unlink()
        return content

    def _command(self, arguments: tuple[object, ...]) -> list[str]:
        return [str(self.path), *map(str, arguments)]

    def _environment(self, given: Mapping[str, str] | None) -> dict[str, str]:
        kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return {**kept, **(given or {})}


def is_sanitized(binary: Path) -> bool:
    """Whether the build carries a sanitizer, whose memory no cap can count."""
    if os.environ.get("ERAWISE_SANITIZED") == "1":
        return True
    content = binary.read_bytes()
    return b"__asan_init" in content or b"__tsan_init" in content


def read_report(path: Path) -> dict:
    return json.loads(path.read_text())


def files_below(folder: Path) -> set[str]:
    """Names of all files of a folder and its folders, relative to it."""
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir()}
