"""What is called of a blocking Python client, ours or a peer's, and what has to come of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from benchmarks.compare import data
from benchmarks.compare.protocol import Turn
from benchmarks.compare.worker.libraries import object_class


class WrongAnswer(Exception):
    """A client answered something else than what is stored."""


def expect(answer: object, expected: object) -> None:
    """Compares.

    Raises:
        WrongAnswer: they differ.
    """
    if answer != expected:
        raise WrongAnswer(f"{str(answer)[:200]} instead of {str(expected)[:200]}")


def plain_row(row: list[Any]) -> list[Any]:
    """A row of SQL as in `data.sql_row`; the peers give timestamps as pairs."""
    values = [value[0] if isinstance(value, tuple) else value for value in row]
    return [
        datetime(*value.timetuple()[:6]) if hasattr(value, "hour") else value for value in values
    ]


class Operations:
    """The calls of one caller.

    Args:
        library: the name of the client's package.
        client: a connected client of it.
        turn: what is to be done.
        caller: the caller's number.
    """

    def __init__(self, library: str, client: Any, turn: Turn, caller: int = 0) -> None:
        self._client = client
        self._rows = turn.rows
        self._key = caller
        self._many = data.entries(turn.rows) if turn.operation in ("get_all", "put_all") else {}
        self._keys = list(self._many)
        if turn.operation.endswith("object") or turn.operation == "scan_objects":
            self._five = object_class(library)
        self._last = sum(data.fields(number)[-1] for number in range(turn.rows))
        self._statement = data.statement(turn.rows)
        cache = client.get_cache
        self._entries = cache(data.entries_cache(max(turn.rows, data.KEYS)))
        self._writes = cache(data.WRITES)
        self._objects = cache(data.OBJECTS)
        self._written_objects = cache(data.WRITTEN_OBJECTS)
        self._transactional = cache(data.TRANSACTIONAL)
        if turn.operation.endswith("object"):
            # Declaring the class to the client, as programs do that read what others wrote.
            self._written_objects.put(0, self._five(*data.fields(0)))

    def of(self, name: str) -> Callable[[], object]:
        """The call of that name."""
        call: Callable[[], object] = getattr(self, name)
        return call

    # -- what is measured --------------------------------------------------------------------------

    def get(self) -> object:
        """One entry."""
        return self._entries.get(data.KEY)

    def get_around(self) -> object:
        """One entry, of another node each time."""
        self._key = (self._key * 31 + 7) % data.KEYS
        return self._entries.get(self._key)

    def put(self) -> object:
        """One entry."""
        return self._writes.put(data.KEY, data.text(data.KEY))

    def get_all(self) -> object:
        """Many entries at once."""
        return self._entries.get_all(self._keys)

    def put_all(self) -> object:
        """Many entries at once."""
        return self._writes.put_all(self._many)

    def scan(self) -> object:
        """All entries of a cache, one after the other."""
        rows = 0
        for _key, _value in self._entries.scan(page_size=data.PAGE):
            rows += 1
        expect(rows, self._rows)
        return rows

    def sql(self) -> object:
        """A query's rows, one after the other."""
        rows = 0
        for _row in self._client.sql(self._statement, page_size=data.PAGE):
            rows += 1
        expect(rows, self._rows)
        return rows

    def get_object(self) -> object:
        """One complex object, of which a field is read."""
        return self._objects.get(data.KEY).e

    def put_object(self) -> object:
        """One complex object, made anew."""
        return self._written_objects.put(data.KEY, self._five(*data.fields(data.KEY)))

    def scan_objects(self) -> object:
        """All complex objects of a cache, of each of which a field is read."""
        total = 0
        for _key, value in self._objects.scan(page_size=data.PAGE):
            total += value.e
        expect(total, self._last)
        return total

    def transaction(self) -> object:
        """Two entries or none."""
        with self._client.tx_start(timeout=data.TX_TIMEOUT) as tx:
            self._transactional.put(1, data.text(1))
            self._transactional.put(2, data.text(2))
            return tx.commit()

    # -- whether it is right -----------------------------------------------------------------------

    def check(self, name: str) -> None:
        """Makes the call of that name once and compares every value.

        Raises:
            WrongAnswer: it is not right.
        """
        getattr(self, f"_check_{name}")()

    def _check_get(self) -> None:
        expect(self.get(), data.text(data.KEY))

    def _check_get_around(self) -> None:
        for _ in range(50):
            answer = self.get_around()
            expect(answer, data.text(self._key))

    def _check_put(self) -> None:
        self._writes.remove_key(data.KEY)
        self.put()
        expect(self._writes.get(data.KEY), data.text(data.KEY))

    def _check_get_all(self) -> None:
        expect(self.get_all(), self._many)

    def _check_put_all(self) -> None:
        self._writes.remove_keys(self._keys)
        self.put_all()
        expect(self._writes.get_all(self._keys), self._many)

    def _check_scan(self) -> None:
        pairs = self._entries.scan(page_size=data.PAGE)
        expect(dict(iter(pairs)), data.entries(self._rows))

    def _check_sql(self) -> None:
        rows = self._client.sql(self._statement, page_size=data.PAGE)
        found = sorted(map(plain_row, rows))
        expect(found, [data.sql_row(number) for number in range(self._rows)])

    def _check_get_object(self) -> None:
        expect(as_fields(self._objects.get(data.KEY)), data.fields(data.KEY))

    def _check_put_object(self) -> None:
        self._written_objects.remove_key(data.KEY)
        self.put_object()
        expect(as_fields(self._written_objects.get(data.KEY)), data.fields(data.KEY))

    def _check_scan_objects(self) -> None:
        pairs = self._objects.scan(page_size=data.PAGE)
        found = {key: as_fields(value) for key, value in pairs}
        expect(found, {number: data.fields(number) for number in range(self._rows)})

    def _check_transaction(self) -> None:
        self._transactional.remove_keys([1, 2])
        self.transaction()
        expect(self._transactional.get_all([1, 2]), {1: data.text(1), 2: data.text(2)})


def as_fields(value: Any) -> tuple[Any, ...]:
    """A complex object's fields."""
    return value.a, value.b, value.c, value.d, value.e
