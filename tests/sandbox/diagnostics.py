"""Runs of the diagnostics: predictions for validation eras, pending for a while, then scored.

The sandbox has no validation data. Every row that is not live counts as one of a validation era,
500 rows each in the order of the file, and the targets are made up from the ids. So the numbers
are real correlations, the same for the same file, and about zero for an honest model. What would
take the features or a benchmark is null.
"""

import hashlib
import statistics
import threading
import uuid
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from itertools import batched

from sandbox.account import Model
from sandbox.clock import Clock, iso
from sandbox.submission_rules import read_predictions
from sandbox.submissions import Submissions, Upload

ROWS_PER_ERA = 500
FIRST_ERA = 575
NO_ERAS = "No validation eras found in the submitted predictions"

type Era = dict[str, object]


@dataclass(frozen=True)
class Script:
    """How the runs go that are created from now on."""

    # Questions that are answered with the status `pending` before the end comes; None: all.
    looks: int | None = 1
    pending: str = "pending"
    status: str = "done"
    message: str | None = None


@dataclass
class Run:
    """One run; its numbers are known from the start, and told at the end."""

    id: str
    model: Model
    upload: Upload
    script: Script
    inserted_at: str
    eras: list[Era]
    looks: int = 0
    updated_at: str = field(default="")

    @property
    def is_over(self) -> bool:
        return self.script.looks is not None and self.looks > self.script.looks

    @property
    def status(self) -> str:
        if not self.is_over:
            return self.script.pending
        return self.script.status if self.eras else "failed"

    @property
    def message(self) -> str | None:
        return self.script.message or (None if self.eras else NO_ERAS)

    def as_graphql(self) -> dict[str, object]:
        """The fields of the schema's V2Diagnostics."""
        described: dict[str, object] = {
            "id": self.id,
            "filename": self.upload.key,
            "status": self.status,
            "insertedAt": self.inserted_at,
            "updatedAt": self.updated_at,
            "tournament": 8,
        }
        if self.is_over:
            described["message"] = self.message
        if self.status == "done":
            described |= {
                "erasAcceptedCount": len(self.eras),
                "trainedOnVal": False,
                "perEraDiagnostics": self.eras,
                **_summary(self.eras),
            }
        return described

    def as_state(self) -> dict[str, object]:
        return {
            "id": self.id,
            "model": self.model.name,
            "modelId": self.model.id,
            "filename": self.upload.key,
            "sha256": self.upload.sha256,
            "status": self.status,
            "looks": self.looks,
        }


class Diagnostics:
    """Keeps the runs in memory; may be called from several threads."""

    def __init__(
        self, clock: Clock, submissions: Submissions, live_ids: Callable[[], Set[str]]
    ) -> None:
        self._clock = clock
        self._submissions = submissions
        self._live_ids = live_ids
        self._lock = threading.Lock()
        self._runs: list[Run] = []
        self._script = Script()

    def script(self, **keys: object) -> None:
        """Says how the next runs go, see Script; what is left out has its default."""
        self._script = Script(**keys)  # type: ignore[arg-type]

    def create(self, filename: str, model: Model) -> dict[str, object]:
        """Checks an uploaded file and begins; every call makes a new run."""
        upload = self._submissions.uploaded(filename)
        live = self._live_ids()
        rows = [row for row in read_predictions(upload.path) if row[0] not in live]
        now = iso(self._clock.now())
        eras = [_score(number, era) for number, era in enumerate(batched(rows, ROWS_PER_ERA))]
        run = Run(str(uuid.uuid4()), model, upload, self._script, now, eras, updated_at=now)
        with self._lock:
            self._runs.append(run)
        return run.as_graphql()

    def list(self, model: Model | None, id_: str | None) -> list[dict[str, object]]:
        """The runs of a model or of all, newest first; to ask for one by its id is a look at it."""
        with self._lock:
            found = [
                run
                for run in reversed(self._runs)
                if model in (None, run.model) and id_ in (None, run.id)
            ]
            if id_ is not None:
                for run in found:
                    self._look(run)
            return [run.as_graphql() for run in found]

    def state(self) -> dict[str, object]:
        with self._lock:
            return {"diagnostics": [run.as_state() for run in self._runs]}

    def _look(self, run: Run) -> None:
        was_over = run.is_over
        run.looks += 1
        if run.is_over and not was_over:
            run.updated_at = iso(self._clock.now())


def _made_up_target(identifier: str, salt: str) -> float:
    """0, 0.25, 0.5, 0.75 or 1, always the same for an id."""
    return hashlib.sha256(f"{salt}{identifier}".encode()).digest()[0] % 5 / 4


def _correlation(rows: tuple[tuple[str, float], ...], salt: str) -> float | None:
    targets = [_made_up_target(identifier, salt) for identifier, _ in rows]
    try:
        return statistics.correlation([value for _, value in rows], targets)
    except statistics.StatisticsError:  # too few rows, or all of them alike
        return None


def _score(number: int, rows: tuple[tuple[str, float], ...]) -> Era:
    return {
        "era": f"{FIRST_ERA + number:04d}",
        "validationCorr": _correlation(rows, "target"),
        "validationMmc": _correlation(rows, "beside the meta model"),
    }


def _numbers(eras: list[Era], name: str) -> Iterator[float]:
    for era in eras:
        if isinstance(number := era[name], float):
            yield number


def _drawdown(numbers: list[float]) -> float:
    """The deepest fall of the cumulated numbers below an earlier height; 0 or less."""
    total = height = deepest = 0.0
    for number in numbers:
        total += number
        height = max(height, total)
        deepest = min(deepest, total - height)
    return deepest


def _summary(eras: list[Era]) -> dict[str, float]:
    summary = {}
    for name in ("validationCorr", "validationMmc"):
        numbers = list(_numbers(eras, name))
        if not numbers:
            continue
        mean, deviation = statistics.fmean(numbers), statistics.pstdev(numbers)
        summary |= {f"{name}Mean": mean, f"{name}Std": deviation}
        if deviation > 0:
            summary[f"{name}Sharpe"] = mean / deviation
    summary["validationMaxDrawdown"] = _drawdown(list(_numbers(eras, "validationCorr")))
    return summary
