"""The sandbox's own time, which tests can move."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def system_time() -> datetime:
    """The current time with its zone, UTC."""
    return datetime.now(UTC)


class Clock:
    """Time of rounds, signatures and submissions: the system's, plus what was advanced."""

    def __init__(self, source: Callable[[], datetime] = system_time) -> None:
        self._source = source
        self._offset = timedelta()

    def now(self) -> datetime:
        return self._source() + self._offset

    def advance(self, seconds: float) -> None:
        """Moves the clock; a negative number moves it back."""
        self._offset += timedelta(seconds=seconds)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with whole seconds, as the API writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
