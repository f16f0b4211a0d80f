"""Nodes in memory that record what they are asked, and fail on demand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, overload

from gridgain_proto.codec import Codec, TypeRegistry
from gridgain_proto.exceptions import DecodeError
from gridgain_proto.node import Cut, Delay, Drop, Fail, Fault, Kill, Received, Refusal
from gridgain_proto.node.cluster import Cluster
from gridgain_proto.node.names import operation_code
from gridgain_proto.node.reading import RequestReader
from gridgain_sync.node import EmbeddedCluster, EmbeddedNode

__all__ = ["ObservedCluster", "ObservedNode", "RecordedRequest", "Requests"]

#: Requests that a client makes of its own accord.
_HOUSEKEEPING: Final = frozenset((1, 2, 1101, 3000, 3001, 3002, 3003, 3004, 5102))

_ONE_VALUE: Final = frozenset((1000, 1007, 1011, 1014, 1016, 1021))
_TWO_VALUES: Final = frozenset((1001, 1002, 1005, 1006, 1008, 1009, 1017))
_VALUES: Final = frozenset((1003, 1012, 1015, 1018))


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request that a node has received.

    Attributes:
        name: the operation's name in the protocol, such as ``CACHE_PUT``.
        code: its code.
        connection: the number of the connection; equal numbers are the same connection.
        port: the port of the node that received it.
        cache: the name of the cache, if the operation is on one that exists.
        payload: the bytes that came.
        args: keys and values of an operation on keys, decoded; the statement and its arguments of
            an SQL query; else nothing.
    """

    name: str
    code: int
    connection: int
    port: int
    cache: str | None
    payload: bytes
    args: tuple[Any, ...]


class Requests:
    """Requests in the order in which they came; a sequence that others may add to.

    What clients ask of their own accord (types, partitions, nodes, heartbeats) is left out, unless
    it is asked for by name.
    """

    def __init__(self) -> None:
        self._all: list[RecordedRequest] = []
        self._lock = threading.Lock()

    def add(self, request: RecordedRequest) -> None:
        """Add one."""
        with self._lock:
            self._all.append(request)

    def all(self) -> list[RecordedRequest]:
        """All of them, a client's own housekeeping included."""
        with self._lock:
            return list(self._all)

    def named(self, *operations: str | int) -> list[RecordedRequest]:
        """Those of some operations.

        Args:
            operations: their names or codes.

        Raises:
            ParameterError: there is no operation of that name.
        """
        codes = {operation_code(operation) for operation in operations}
        return [request for request in self.all() if request.code in codes]

    def names(self) -> list[str]:
        """The names of the operations."""
        return [request.name for request in self]

    def clear(self) -> None:
        """Forget what has come so far."""
        with self._lock:
            self._all.clear()

    def _shown(self) -> list[RecordedRequest]:
        return [request for request in self.all() if request.code not in _HOUSEKEEPING]

    def __iter__(self) -> Iterator[RecordedRequest]:
        return iter(self._shown())

    def __len__(self) -> int:
        return len(self._shown())

    @overload
    def __getitem__(self, index: int) -> RecordedRequest: ...

    @overload
    def __getitem__(self, index: slice) -> list[RecordedRequest]: ...

    def __getitem__(self, index: int | slice) -> RecordedRequest | list[RecordedRequest]:
        return self._shown()[index]

    def __repr__(self) -> str:
        return f"<Requests {self.names()}>"


@dataclass(slots=True)
class _Planned:
    """A fault that waits for its requests."""

    code: int | None
    fault: Fault
    left: int | None
    skip: int
    cache: str | None


class _Observer:
    """Records requests and carries out the planned faults. Called by the nodes' thread."""

    def __init__(self, cluster: Cluster) -> None:
        self.requests = Requests()
        self._cluster = cluster
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()

    def __call__(self, received: Received) -> Fault | None:
        request = self._record(received)
        self.requests.add(request)
        with self._lock:
            for planned in self._planned:
                fits = (
                    request.code not in _HOUSEKEEPING
                    if planned.code is None
                    else request.code == planned.code
                )
                if not fits or planned.cache not in (None, request.cache):
                    continue
                if planned.skip:
                    planned.skip -= 1
                    continue
                if planned.left is not None:
                    planned.left -= 1
                    if not planned.left:
                        self._planned.remove(planned)
                return planned.fault
        return None

    def plan(self, planned: _Planned) -> None:
        """Add a fault."""
        with self._lock:
            self._planned.append(planned)

    def forgive(self) -> None:
        """Take all planned faults back."""
        with self._lock:
            self._planned.clear()

    def _record(self, received: Received) -> RecordedRequest:
        cache = None
        args: tuple[Any, ...] = ()
        code = received.code
        try:
            reader = RequestReader(received.payload, 0)
            if 1000 <= code <= 1021 or code in (1055, 2000, 2004, 2006):
                cache = self._header(reader)
            args = self._args(code, reader)
        except (DecodeError, Refusal):
            pass  # the node itself answers what is malformed, or more than it can keep
        return RecordedRequest(
            received.name,
            code,
            received.connection,
            received.port,
            cache,
            received.payload,
            args,
        )

    def _header(self, reader: RequestReader) -> str | None:
        cache = self._cluster.caches.get(reader.int32())
        flags = reader.int8()
        if flags & 4:
            reader.pos += 24
        if flags & 2:
            reader.pos += 4
        return None if cache is None else cache.settings.name

    def _args(self, code: int, reader: RequestReader) -> tuple[Any, ...]:
        codec = Codec(TypeRegistry(self._cluster.binary.types.values()))
        if code in _ONE_VALUE:
            return (codec.decode(reader.value()),)
        if code in _TWO_VALUES:
            return (codec.decode(reader.value()), codec.decode(reader.value()))
        if code == 1010:
            return tuple(codec.decode(reader.value()) for _ in range(3))
        if code in _VALUES:
            return ([codec.decode(value) for value in reader.values()],)
        if code == 1004:
            pairs = reader.pairs()
            return ([(codec.decode(key), codec.decode(value)) for key, value in pairs],)
        if code == 2004:
            reader.string()
            reader.pos += 8
            statement = reader.string()
            return (statement, *(codec.decode(value) for value in reader.values()))
        return ()


class _Observed:
    """What an observed node and an observed cluster have in common."""

    _observer: _Observer

    @property
    def requests(self) -> Requests:
        """What has been asked so far."""
        return self._observer.requests

    def inject(
        self,
        fault: Fault,
        operation: str | int | None = None,
        *,
        times: int | None = 1,
        after: int = 0,
        cache: str | None = None,
    ) -> None:
        """Have something go wrong.

        Args:
            fault: what.
            operation: with which operation, by its name in the protocol or its code; None for any
                that is not a client's own housekeeping.
            times: how many times; None for always.
            after: how many requests go well before.
            cache: only with that cache.

        Raises:
            ParameterError: there is no operation of that name.
        """
        code = None if operation is None else operation_code(operation)
        self._observer.plan(_Planned(code, fault, times, after, cache))

    def delay(self, operation: str | int | None, seconds: float, **which: Any) -> None:
        """Have the answer come late. The arguments are those of `inject`."""
        self.inject(Delay(seconds), operation, **which)

    def drop(
        self, operation: str | int | None = None, *, execute: bool = True, **which: Any
    ) -> None:
        """Have no answer come, whether the request is carried out or not."""
        self.inject(Drop(execute), operation, **which)

    def cut(self, operation: str | int | None = None, *, sent: int = 7, **which: Any) -> None:
        """End the connection in the middle of the answer, after so many bytes of it."""
        self.inject(Cut(sent), operation, **which)

    def fail(
        self,
        operation: str | int | None = None,
        *,
        status: int = 1,
        message: str | None = "a fault on demand",
        **which: Any,
    ) -> None:
        """Answer with an error instead of doing it."""
        self.inject(Fail(status, message), operation, **which)

    def kill_connection(
        self, operation: str | int | None = None, *, execute: bool = False, **which: Any
    ) -> None:
        """End the connection without an answer, whether the request is carried out or not."""
        self.inject(Kill(execute), operation, **which)

    def forgive(self) -> None:
        """Take back all faults that have not come about yet."""
        self._observer.forgive()


class ObservedNode(_Observed, EmbeddedNode):
    """A node in memory that records and fails on demand.

    Args:
        options: those of `gridgain_sync.node.EmbeddedNode`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._observer = _observe(self)


class ObservedCluster(_Observed, EmbeddedCluster):
    """Several nodes in memory that record and fail on demand.

    Args:
        nodes: how many.
        options: those of `gridgain_sync.node.EmbeddedCluster`.
    """

    def __init__(self, nodes: int = 3, **options: Any) -> None:
        super().__init__(nodes, **options)
        self._observer = _observe(self)


def _observe(cluster: EmbeddedCluster) -> _Observer:
    observer = _Observer(cluster.cluster)
    own: Callable[[Received], Fault | None] | None = cluster.cluster.interceptor

    def intercept(received: Received) -> Fault | None:
        fault = observer(received)
        if fault is None and own is not None:
            fault = own(received)
        return fault

    cluster.cluster.interceptor = intercept
    return observer
