"""Rounds that open and close."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sandbox.clock import Clock, iso
from sandbox.refusal import Refusal

TOURNAMENT = 8
NOT_OPEN = "Current round not open for submissions"
HOUR = 3600.0


class RoundState(StrEnum):
    """How a script begins; CLOSED and NULL differ in what is answered between rounds."""

    OPEN = "open"
    CLOSED = "closed"
    NULL = "null"


@dataclass(frozen=True)
class Round:
    """One round; times are UTC with whole seconds."""

    number: int
    open_time: datetime
    close_staking_time: datetime
    close_time: datetime
    data_datestamp: int

    def is_open(self, now: datetime) -> bool:
        """Whether submissions are taken, on time or late."""
        return self.open_time <= now < self.close_time

    def is_on_time(self, now: datetime) -> bool:
        return self.open_time <= now < self.close_staking_time

    def status(self, now: datetime) -> str:
        """Name of the RoundStatus."""
        if now < self.open_time:
            return "UPCOMING"
        return "OPEN" if self.is_open(now) else "RESOLVING"

    def as_graphql(self) -> dict[str, object]:
        """The fields of the schema's Round."""
        return {
            "id": str(self.number),
            "number": self.number,
            "tournament": TOURNAMENT,
            "target": "main",
            "isDaily": True,
            "dataDatestamp": self.data_datestamp,
            "openTime": iso(self.open_time),
            "closeTime": iso(self.close_time),
            "closeStakingTime": iso(self.close_staking_time),
            "scoreTime": iso(self.close_time + timedelta(days=1)),
            "resolveTime": iso(self.close_time + timedelta(days=31)),
            "resolvedGeneral": False,
            "resolvedStaking": False,
        }


class Rounds:
    """The scripted round, and what is answered before and after it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.script()

    def script(
        self,
        state: str = RoundState.OPEN,
        *,
        number: int = 1100,
        opens_in: float | None = None,
        closes_in: float | None = None,
        late_window: float | None = None,
        data_datestamp: int | None = None,
    ) -> None:
        """Sets the round; all durations are seconds from now.

        `closes_in` is the end of the on-time window, `late_window` the time from there to the
        end of late submissions. By default the round opened an hour ago, is on time for
        another hour and takes late submissions for a day; in the states closed and null it is
        over altogether, unless `opens_in` lies ahead.
        """
        self._null_between = RoundState(state) is RoundState.NULL
        ahead = opens_in is not None and opens_in > 0
        alive = state == RoundState.OPEN or ahead
        if opens_in is None:
            opens_in = -HOUR if alive else -2 * HOUR
        if closes_in is None:
            closes_in = max(opens_in, 0.0) + HOUR if alive else max(opens_in + 1, -HOUR)
        if late_window is None:
            late_window = 24 * HOUR if alive else 0.0
        if closes_in <= opens_in or late_window < 0:
            raise ValueError("a round must close after it opens, and not be late before that")
        now = self._clock.now().replace(microsecond=0)
        open_time = now + timedelta(seconds=opens_in)
        close_staking = now + timedelta(seconds=closes_in)
        self.scripted = Round(
            number=number,
            open_time=open_time,
            close_staking_time=close_staking,
            close_time=close_staking + timedelta(seconds=late_window),
            data_datestamp=data_datestamp or int(open_time.strftime("%Y%m%d")),
        )

    def current(self) -> Round:
        """The open round; refuses between rounds."""
        if not self.scripted.is_open(self._clock.now()):
            raise Refusal(NOT_OPEN)
        return self.scripted

    def for_data(self, number: int | None) -> Round:
        """The round whose data is asked for; None and 0 mean the current one."""
        if not number:
            return self.current()
        if number != self.scripted.number:
            raise Refusal("Round not found")
        return self.scripted

    def find(self, number: int | None, status: str | None, limit: int | None) -> list[Round | None]:
        """What the query `rounds` lists."""
        now = self._clock.now()
        if number == 0:
            if self._null_between and not self.scripted.is_open(now):
                return [None]
            found = [self.current()]
        else:
            found = [self.scripted] if number in (None, self.scripted.number) else []
        kept = [r for r in found if status is None or r.status(now) == status]
        return list(kept if limit is None else kept[:limit])
