"""Dates and times: instants on the wire, wall clocks in Python.

The wire carries milliseconds since 1970 in UTC. A naive ``datetime``, a ``date`` and a ``time`` are
wall-clock values in one zone: the process's own, or the one that the client was told the server's
SQL uses. An aware ``datetime`` is exact and needs no zone.

All arithmetic is in integers; floats would lose milliseconds.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from datetime import time as dt_time
from typing import Final

from . import typecodes as tc
from .values import RawDate, RawTime, RawTimestamp, SqlDate, Timestamp

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY: Final = _EPOCH.toordinal()
_DAY_MS: Final = 86_400_000
_FIRST_MS: Final = (date.min.toordinal() - _EPOCH_DAY) * _DAY_MS
_END_MS: Final = (date.max.toordinal() - _EPOCH_DAY + 1) * _DAY_MS
#: In this range, some 136 years from 1970 on, a float holds microseconds without an error.
_FLOAT_END_US: Final = (1 << 32) * 1_000_000
_MIDNIGHT: Final = dt_time()
#: Between 1700 and 2240, say, nothing is near the ends of the calendar.
_NEAR_MS: Final = (1 << 33) * 1000
_FAILURES: Final = (ValueError, OverflowError, OSError)


class Unfit(Exception):
    """A date or time has no exact form on the wire; the text says why."""


def _microseconds(delta: timedelta) -> int:
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def _is_steady(zone: tzinfo | None) -> bool:
    """Whether a zone is of a kind that does not change its offset twice within days."""
    if zone is None or type(zone) is timezone:
        return True
    # Not imported for those who have no such zone: it takes longer than most of the client.
    zoneinfo = sys.modules.get("zoneinfo")
    return zoneinfo is not None and type(zone) is zoneinfo.ZoneInfo


class Clock:
    """How instants become Python's dates and times.

    Args:
        zone: the zone of naive values; None for the process's own.
        returned: the zone of the ``datetime`` values handed back; None for naive ones.

    Attributes:
        first_midnight: midnight of 1970-01-01, in milliseconds: times of day count from there.
        is_steady: whether the zones' offsets are known not to change twice within days.
    """

    __slots__ = ("_is_naive", "_shown", "first_midnight", "is_steady", "returned", "zone")

    def __init__(self, zone: tzinfo | None, returned: tzinfo | None) -> None:
        self.zone = zone
        self.returned = returned
        self._shown = returned or zone
        self._is_naive = returned is None
        self.is_steady = _is_steady(zone) and _is_steady(returned)
        # Midnight of 1970-01-01: the wire counts a time of day from there.
        self.first_midnight = self._naive_us(datetime(1970, 1, 1)) // 1000

    def _naive_us(self, when: datetime) -> int:
        zone = self.zone
        if zone is not None:
            return _microseconds(when.replace(tzinfo=zone) - _EPOCH)
        if when.microsecond:
            return int(when.replace(microsecond=0).timestamp()) * 1_000_000 + when.microsecond
        return int(when.timestamp()) * 1_000_000

    def microseconds(self, when: datetime) -> int:
        """Microseconds from 1970 to a ``datetime``.

        Raises:
            Unfit: the platform cannot say when that was.
        """
        try:
            if when.tzinfo is None or when.utcoffset() is None:
                return self._naive_us(when.replace(tzinfo=None))
            return _microseconds(when - _EPOCH)
        except _FAILURES as exc:
            raise Unfit(f"{when!r} has no instant in the time zone: {exc}") from None

    def timestamp(self, when: datetime) -> tuple[int, int]:
        """Milliseconds since 1970, and nanoseconds within the millisecond."""
        ms, rest = divmod(self.microseconds(when), 1000)
        return ms, rest * 1000 + getattr(when, "nanosecond", 0)

    def milliseconds(self, when: datetime) -> int:
        """Milliseconds since 1970, of a ``datetime`` that has no finer digits.

        Raises:
            Unfit: it has.
        """
        ms, rest = self.timestamp(when)
        if rest:
            raise Unfit(f"{when!r} is finer than the milliseconds that this type holds")
        return ms

    def midnight(self, day: date) -> int:
        """The instant at which a day begins, in milliseconds."""
        if self.zone is UTC:
            return (day.toordinal() - _EPOCH_DAY) * _DAY_MS
        try:
            return self._naive_us(datetime(day.year, day.month, day.day)) // 1000
        except _FAILURES as exc:
            raise Unfit(f"{day!r} has no instant in the time zone: {exc}") from None

    def time(self, when: dt_time | timedelta) -> int:
        """A time of day in milliseconds on the first of January 1970.

        Raises:
            Unfit: it is finer than milliseconds, or has a zone of its own.
        """
        if isinstance(when, timedelta):
            us = _microseconds(when)
        else:
            if when.tzinfo is not None:
                raise Unfit(f"{when!r} has a time zone, which this type does not hold")
            us = ((when.hour * 60 + when.minute) * 60 + when.second) * 1_000_000
            us += when.microsecond
        ms, rest = divmod(us, 1000)
        if rest:
            raise Unfit(f"{when!r} is finer than the milliseconds that this type holds")
        return ms + self.first_midnight

    def read_timestamp(self, ms: int, nanos: int) -> datetime | RawTimestamp:
        """The ``datetime`` of an instant; nanoseconds are those within the millisecond."""
        us, below = divmod(nanos, 1000)
        us += ms * 1000
        try:
            if 0 <= us < _FLOAT_END_US:
                when = datetime.fromtimestamp(us / 1_000_000, self._shown)
                if self._is_naive and self._shown is not None:
                    when = when.replace(tzinfo=None)
            else:
                when = self._read_slowly(us)
        except _FAILURES:
            return RawTimestamp(ms, nanos)
        return Timestamp.of(when, below) if below else when

    def _read_slowly(self, us: int) -> datetime:
        zone = self._shown
        if zone is None:
            seconds, rest = divmod(us, 1_000_000)
            return datetime.fromtimestamp(seconds).replace(microsecond=rest)
        when = (_EPOCH + timedelta(microseconds=us)).astimezone(zone)
        return when.replace(tzinfo=None) if self._is_naive else when

    def read_date(self, ms: int) -> datetime | RawDate:
        """The ``datetime`` of a java.util.Date."""
        when = self.read_timestamp(ms, 0)
        return RawDate(ms) if isinstance(when, RawTimestamp) else when

    def read_sql_date(self, ms: int, checksum: bytes) -> date | RawDate:
        """The ``date`` of a java.sql.Date."""
        if not _FIRST_MS <= ms < _END_MS:
            return RawDate(ms, True, checksum)
        try:
            if self.is_steady and ms % 1000 == 0 and -_NEAR_MS < ms < _NEAR_MS:
                # The midnight that a day begins with, as dates usually are.
                when = datetime.fromtimestamp(ms // 1000, self.zone)
                if when.time() == _MIDNIGHT and not when.fold and checksum == tc.SQL_DATE_CHECKSUM:
                    return when.date()
            if self.zone is UTC:
                day = date.fromordinal(ms // _DAY_MS + _EPOCH_DAY)
            elif self.zone is None:
                day = date.fromtimestamp(ms // 1000)
            else:
                instant = _EPOCH + timedelta(milliseconds=ms)
                day = instant.astimezone(self.zone).date()
            exact = self.midnight(day) == ms
        except (*_FAILURES, Unfit):
            return RawDate(ms, True, checksum)
        if exact and checksum == tc.SQL_DATE_CHECKSUM:
            return day
        return SqlDate.of(day, ms, checksum)

    def read_time(self, ms: int) -> dt_time | RawTime:
        """The ``time`` of a java.sql.Time."""
        wall = ms - self.first_midnight
        if not 0 <= wall < _DAY_MS:
            return RawTime(ms)
        seconds, rest = divmod(wall, 1000)
        minutes, second = divmod(seconds, 60)
        return dt_time(minutes // 60, minutes % 60, second, rest * 1000)
