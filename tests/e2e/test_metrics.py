"""--metrics: what Prometheus' textfile collector reads after a run."""

import re
from pathlib import Path

from e2e.support.binary import EXIT_DISK, EXIT_DONE, EXIT_USAGE, Erawise, files_below
from e2e.support.tournament import PUBLIC, SECRET, Tournament


def read_metrics(path: Path) -> dict[str, float]:
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_of_a_run(tournament: Tournament, tmp_path: Path) -> None:
    file = tmp_path / "metrics" / "erawise.prom"
    file.parent.mkdir()
    result = tournament.run("--memory-limit", "2GiB", "--metrics", file).expect(EXIT_DONE)
    metrics = read_metrics(file)
    assert files_below(file.parent) == {"erawise.prom"}
    assert metrics["erawise_run_success"] == 1 and metrics["erawise_rows"] == 3000
    assert metrics["erawise_memory_limit_bytes"] == 2 << 30
    assert metrics['erawise_submission_success{model="example_model",status="accepted"}'] == 1
    assert metrics['erawise_submission_round{model="example_model"}'] == (
        tournament.submissions[0]["round"])
    logged = re.search(r"peak RSS ([\d.]+) MiB", result.last_line)
    assert logged and abs(metrics["erawise_memory_peak_rss_bytes"] / 2**20 - float(logged[1])) < 0.1
    assert SECRET not in file.read_text() and PUBLIC not in file.read_text()


def test_of_a_run_that_failed(tournament: Tournament, tmp_path: Path) -> None:
    (tournament.models / "example_model.ubj").unlink()
    tournament.run("--metrics", tmp_path / "erawise.prom").expect(EXIT_USAGE)
    metrics = read_metrics(tmp_path / "erawise.prom")
    assert metrics["erawise_run_success"] == 0 and metrics["erawise_run_exit_code"] == EXIT_USAGE


def test_that_cannot_be_written(erawise: Erawise, data: Path, model: Path, tmp_path: Path) -> None:
    erawise("predict", "--data", data, "--model", model, "--metrics",
            tmp_path / "missing" / "erawise.prom").expect(EXIT_DISK, "metrics: ", "missing")
