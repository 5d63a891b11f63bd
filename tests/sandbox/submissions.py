"""Uploads and the submissions made of them."""

import hashlib
import itertools
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sandbox.account import Model
from sandbox.clock import Clock, iso
from sandbox.refusal import Refusal
from sandbox.rounds import Round
from sandbox.submission_rules import Accepted, validate


@dataclass(frozen=True)
class Upload:
    """One finished PUT; a second one to the same key replaces the first."""

    key: str
    path: Path
    size: int
    sha256: str
    md5: str
    compute_id: str | None

    def as_state(self) -> dict[str, object]:
        return {
            "filename": self.key,
            "size": self.size,
            "sha256": self.sha256,
            "computeId": self.compute_id,
        }


@dataclass(frozen=True)
class Submission:
    """One accepted submission."""

    id: str
    model: Model
    round: Round
    upload: Upload
    status: str
    inserted_at: str
    accepted: Accepted
    trigger_id: str | None
    source: str | None
    data_datestamp: int | None

    def as_graphql(self, selected: bool) -> dict[str, object]:
        """The fields of the schema's V2Submission."""
        return {
            "id": self.id,
            "filename": self.upload.key,
            "insertedAt": self.inserted_at,
            "status": self.status,
            "selected": selected,
            "dataDatestamp": self.data_datestamp,
            "filteredCount": self.accepted.filtered_count,
            "submittedCount": self.accepted.submitted_count,
            "invalidTickers": self.accepted.invalid_ids,
            "triggerId": self.trigger_id,
            "sourcePlatform": self.source,
            "round": self.round.as_graphql(),
        }

    def as_latest(self) -> dict[str, object]:
        """The fields of the schema's LatestSubmission."""
        return {
            "id": self.id,
            "roundNumber": self.round.number,
            "roundOpen": iso(self.round.open_time),
            "roundCloseStaking": iso(self.round.close_staking_time),
            "roundClose": iso(self.round.close_time),
            "filename": self.upload.key,
            "status": self.status,
            "timestamp": self.inserted_at,
        }

    def as_state(self) -> dict[str, object]:
        return {
            "id": self.id,
            "model": self.model.name,
            "modelId": self.model.id,
            "filename": self.upload.key,
            "triggerId": self.trigger_id,
            "source": self.source,
            "status": self.status,
            "sha256": self.upload.sha256,
            "round": self.round.number,
            "dataDatestamp": self.data_datestamp,
            "submittedCount": self.accepted.submitted_count,
            "filteredCount": self.accepted.filtered_count,
        }


class Submissions:
    """Keeps uploads on disk and submissions in memory; may be called from several threads."""

    def __init__(self, clock: Clock, live_ids: Callable[[], Set[str]]) -> None:
        self._clock = clock
        self._live_ids = live_ids
        self._folder = tempfile.TemporaryDirectory(prefix="sandbox-")
        self._serial = itertools.count()
        self._lock = threading.Lock()
        self._expected: set[str] = set()
        self._uploads: list[Upload] = []
        self._submissions: list[Submission] = []

    def authorise(self, filename: str) -> str:
        """The server-side name for a file that may now be uploaded."""
        name = PurePosixPath(filename)
        if name.name != filename or not filename.strip():
            raise Refusal("filename must be a base name")
        key = f"{name.stem}-{uuid.uuid4().hex[:12]}{name.suffix}"
        with self._lock:
            self._expected.add(key)
        return key

    def store(self, key: str, chunks: Iterable[bytes], compute_id: str | None) -> Upload:
        """Takes an upload; nothing is kept unless all of its bytes arrive."""
        path = Path(self._folder.name) / str(next(self._serial))
        sha256, md5, size = hashlib.sha256(), hashlib.md5(), 0
        try:
            with open(path, "wb") as file:
                for chunk in chunks:
                    file.write(chunk)
                    sha256.update(chunk)
                    md5.update(chunk)
                    size += len(chunk)
        except BaseException:
            path.unlink()
            raise
        upload = Upload(key, path, size, sha256.hexdigest(), md5.hexdigest(), compute_id)
        with self._lock:
            self._uploads.append(upload)
        return upload

    def create(
        self,
        filename: str,
        model: Model,
        round_: Round,
        *,
        trigger_id: str | None,
        source: str | None,
        data_datestamp: int | None,
    ) -> Submission:
        """Validates an uploaded file and records the submission; every call makes a new one."""
        upload = self.uploaded(filename)
        accepted = validate(upload.path, self._live_ids())
        now = self._clock.now()
        submission = Submission(
            id=str(uuid.uuid4()),
            model=model,
            round=round_,
            upload=upload,
            status="on-time" if round_.is_on_time(now) else "late",
            inserted_at=iso(now),
            accepted=accepted,
            trigger_id=trigger_id,
            source=source,
            data_datestamp=data_datestamp,
        )
        with self._lock:
            self._submissions.append(submission)
        return submission

    def uploaded(self, filename: str) -> Upload:
        """The upload of this server-side name; refuses one that was never authorised or sent."""
        with self._lock:
            if filename not in self._expected:
                raise Refusal(f"Unknown submission file: {filename}")
            for upload in reversed(self._uploads):
                if upload.key == filename:
                    return upload
        raise Refusal(f"Submission file was not uploaded: {filename}")

    def of(self, model: Model) -> list[dict[str, object]]:
        """The submissions of a model, newest first."""
        with self._lock:
            own = [s for s in reversed(self._submissions) if s.model == model]
        newest = {s.round.number: s for s in reversed(own)}
        return [s.as_graphql(selected=newest[s.round.number] is s) for s in own]

    def latest(self, model: Model) -> list[dict[str, object]]:
        with self._lock:
            own = [s for s in reversed(self._submissions) if s.model == model]
        return [s.as_latest() for s in own[:1]]

    def state(self) -> dict[str, object]:
        with self._lock:
            return {
                "uploads": [u.as_state() for u in self._uploads],
                "submissions": [s.as_state() for s in self._submissions],
            }

    def close(self) -> None:
        """Removes the uploads from disk."""
        self._folder.cleanup()
