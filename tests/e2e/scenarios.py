#!/usr/bin/env python3
"""Plays every scenario against the sandbox and prints a line for each: its name, the exit code of
the run that met the trouble, the submissions after it and after the next run, and what happened.

    PYTHONPATH=tests python3 tests/e2e/scenarios.py [TEXT]     those whose name holds the text

Ends with the time that a calm run takes beyond transfer and prediction. Exit 1 when a scenario
does not end as it should.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from e2e.support.binary import EXIT_DONE, Erawise
from e2e.support.models import train
from e2e.support.packing import xz
from e2e.support.scenarios import SCENARIOS, Scenario, play
from e2e.support.table import make_table, to_csv
from e2e.support.tournament import Tournament, live_ids, make_account, published
from sandbox import Sandbox


class Stage:
    """What all scenarios share: the binary, a table, and a model."""

    def __init__(self, folder: Path) -> None:
        self.binary = Path(os.environ.get("ERAWISE_BINARY", "build/dev/src/erawise")).resolve()
        self.table = make_table(seed=786, rows=3000, features=30, eras=6)
        self.live_data = xz(to_csv(self.table))
        self.model = folder / "example_model.ubj"
        train(self.table).save_model(self.model)

    @contextmanager
    def tournament(self) -> Iterator[Tournament]:
        """A world of its own."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "out").mkdir()
            with Sandbox(published(folder, self.live_data), live_ids(self.table),
                         account=make_account()) as sandbox:
                made = Tournament(Erawise(self.binary, folder / "out"), sandbox, folder)
                made.add_model(self.model)
                yield made


def report(stage: Stage, scenario: Scenario) -> bool:
    """Plays one scenario and prints its line."""
    with stage.tournament() as tournament:
        try:
            result = play(scenario, tournament)
        except AssertionError as error:
            print(f"FAILED  {scenario.name}: {error}")
            return False
        print(f"ok  {scenario.name:<48} exit {result.exit_code:<3} submitted"
              f" {scenario.expected_submissions} -> {len(tournament.submissions)}   "
              f"{scenario.outcome}", flush=True)
        return True


def report_calm_run(stage: Stage) -> None:
    beyond = []
    for _ in range(5):
        with stage.tournament() as tournament:
            tournament.run().expect(EXIT_DONE)
            told = tournament.report
            stages = told["stages"]
            beyond.append(told["wall_seconds"] - stages["predict"] - stages["acquire"])
    print(f"a calm run takes {sorted(beyond)[2]:.3f} s beyond transfer and prediction"
          f" (median of {len(beyond)})")


def main() -> int:
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    chosen = [s for s in SCENARIOS if wanted in s.name]
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        passed = sum(report(stage, scenario) for scenario in chosen)
        report_calm_run(stage)
    print(f"{passed} passed, {len(chosen) - passed} failed")
    return 0 if passed == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
