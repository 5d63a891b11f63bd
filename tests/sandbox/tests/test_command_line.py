"""The sandbox as a process of its own."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import sandbox as package

ROOT = Path(package.__file__).parents[1]


def command(datasets: Path, ids: Path, *more: object) -> list[str]:
    fixed = [sys.executable, "-m", "sandbox", "--datasets", datasets, "--live-ids", ids]
    return [str(part) for part in (*fixed, *more)]


def start(*arguments: object) -> tuple[subprocess.Popen[str], str]:
    """The process and the line that it prints once it listens."""
    process = subprocess.Popen(
        command(*arguments), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    return process, process.stdout.readline().strip()


def query(url: str, text: str, headers: dict[str, str] | None = None):
    request = urllib.request.Request(
        url,
        json.dumps({"query": text}).encode(),
        {"Content-Type": "application/json", **(headers or {})},
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)


@pytest.fixture
def ids(tmp_path: Path) -> Path:
    file = tmp_path / "ids.txt"
    file.write_text("a\nb\n")
    return file


def test_it_says_where_it_listens_and_stops_on_sigterm(datasets, ids, tmp_path):
    port_file = tmp_path / "port"
    process, line = start(datasets, ids, "--port-file", port_file)
    url = line.removeprefix("sandbox listening on ")
    assert url == f"http://127.0.0.1:{port_file.read_text().strip()}"
    assert query(url, "{ listDatasets }")["data"] == {"listDatasets": ["v5.3/live.parquet"]}
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=10)
    assert (process.returncode, output, errors) == (0, "", "")


def test_its_options_reach_the_account_the_round_and_the_faults(datasets, ids, tmp_path):
    faults = tmp_path / "faults.json"
    faults.write_text('[{"action": "status", "status": 503, "nth": 2, "operation": "account"}]')
    options = ["--public-id", "P", "--secret-key", "S", "--model", "one", "--model", "two"]
    options += ["--scope", "read_user_info", "--round-state", "null", "--round-number", "77"]
    process, line = start(datasets, ids, *options, "--faults", faults)
    url, key = line.split()[-1], {"Authorization": "Token P$S"}
    try:
        account = query(url, "{ account { models { name } apiTokens { scopes } } }", key)
        assert account["data"]["account"] == {
            "models": [{"name": "one"}, {"name": "two"}],
            "apiTokens": [{"scopes": ["read_user_info"]}],
        }
        assert query(url, "{ rounds(number: 0) { id } }")["data"] == {"rounds": [None]}
        assert query(url, "{ rounds { id } }")["data"] == {"rounds": [{"id": "77"}]}
        with pytest.raises(urllib.error.HTTPError, match="503") as unavailable:
            query(url, "{ account { id } }", key)
        unavailable.value.close()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
    assert process.returncode == 0


@pytest.mark.parametrize(
    "more",
    [["--datasets", "/none"], ["--live-ids", "/none"], ["--faults", "/none"], ["--model", "a=b"]],
)
def test_what_it_cannot_use_is_said_in_one_line(datasets, ids, more):
    done = subprocess.run(
        command(datasets, ids, *more), cwd=ROOT, capture_output=True, text=True, timeout=10
    )
    assert done.returncode == 1
    assert done.stderr.startswith("sandbox: ") and done.stderr.count("\n") == 1


def test_it_leaves_no_files_behind(datasets, ids, tmp_path):
    folder = tmp_path / "temporary"
    folder.mkdir()
    process = subprocess.Popen(
        command(datasets, ids),
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdout.readline()
    assert len(list(folder.iterdir())) == 1
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert list(folder.iterdir()) == []


def test_environment_is_what_a_client_needs(sandbox):
    environment = sandbox.environment
    assert environment.keys() == {"ERAWISE_API_URL", "NUMERAI_PUBLIC_ID", "NUMERAI_SECRET_KEY"}
    key = f"Token {environment['NUMERAI_PUBLIC_ID']}${environment['NUMERAI_SECRET_KEY']}"
    reply = query(
        environment["ERAWISE_API_URL"], "{ apiTokenInfo { name } }", {"Authorization": key}
    )
    assert reply["data"]["apiTokenInfo"] == {"name": "sandbox"}
