"""Operations as data: their codes, their layouts, and what is safe to do with them.

An `Operation` called with its arguments is a `Request`, which can be encoded for any
connection as often as it takes, and which reads its answer.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from struct import error as StructError
from typing import Any, Generic, TypeAlias, TypeVar

from ..codec import Codec, Output
from ..events import ResponseReceived
from ..exceptions import (
    AuthorizationError,
    CacheExists,
    CacheNotFound,
    DecodeError,
    NotSupportedByClusterError,
    ParameterError,
    ServerError,
    SQLError,
)
from ..features import Feature, Features

R_co = TypeVar("R_co", covariant=True)

STATUS_INVALID_OPERATION = 2
STATUS_CACHE_DOES_NOT_EXIST = 1000
STATUS_CACHE_EXISTS = 1001
STATUS_SECURITY_VIOLATION = 1012

_BY_STATUS: dict[int, type[ServerError]] = {
    STATUS_CACHE_DOES_NOT_EXIST: CacheNotFound,
    STATUS_CACHE_EXISTS: CacheExists,
    STATUS_SECURITY_VIOLATION: AuthorizationError,
}


class Repeat(enum.Enum):
    """What happens if a request is sent again because its answer was lost."""

    SAFE = "safe"
    "It only reads: nothing."
    CONVERGES = "converges"
    "The same state is stored, but a value that another client wrote in between is lost."
    NEVER = "never"
    "Effect or result may differ."


class Transactional(enum.Enum):
    """What an operation does while a transaction is open."""

    JOINS = "joins"
    "It is part of the transaction."
    OUTSIDE = "outside"
    "It only reads, outside of the transaction, whose own changes it does not see."
    REFUSED = "refused"
    "It would take effect at once and not be rolled back, so it is refused here."


class Writer(Output):
    """What a request's fields are written to: the bytes so far, and what decides about the others.

    Attributes:
        codec: how values are encoded.
        features: what the connection speaks that the request is written for.
        transaction_id: the transaction that the request is part of, or None.
    """

    __slots__ = ("codec", "features", "transaction_id")

    def __init__(self, codec: Codec, features: Features, transaction_id: int | None) -> None:
        self.new_types = []
        self.new_classes = []
        self.codec = codec
        self.features = features
        self.transaction_id = transaction_id


class Reader:
    """What an answer is read from.

    Attributes:
        data: the whole frame.
        pos: where the next field begins.
        codec: how values are decoded.
        features: what the connection speaks that the answer came by.
        args: the arguments of the request, where the answer's layout depends on them.
    """

    __slots__ = ("args", "codec", "data", "features", "pos")

    def __init__(
        self, data: bytes, pos: int, codec: Codec, features: Features, args: tuple[Any, ...]
    ) -> None:
        self.args = args
        self.data = data
        self.pos = pos
        self.codec = codec
        self.features = features


#: Writes one argument of a request.
Field: TypeAlias = Callable[[Writer, Any], None]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Operation(Generic[R_co]):
    """One operation of the protocol.

    Args:
        name: its name in the protocol.
        code: its code on the wire.
        request: what is written for each argument, in order.
        response: reads the answer's payload.
        repeat: whether it may be sent again.
        error: what an error of the server is raised as, unless its status says more.
        key: the place among the arguments of the key by which it can be sent to the node that owns
            the key; None if any node will do.
        feature: the feature that has to be negotiated for it, if any.
        transactional: what it does while a transaction is open.
        sqlstate: whether an error's message begins with an SQLSTATE.
        undo: reads from the answer what request closes what was opened by it, if anything was.
    """

    name: str
    code: int
    request: tuple[Field, ...]
    response: Callable[[Reader], R_co]
    repeat: Repeat
    error: type[ServerError]
    key: int | None = None
    feature: Feature | None = None
    transactional: Transactional = Transactional.OUTSIDE
    sqlstate: bool = False
    undo: Callable[[Reader], Request[None]] | None = None

    def __call__(self, *args: Any) -> Request[R_co]:
        """The request with these arguments, one for each field."""
        return Request(self, args)


class Request(Generic[R_co]):
    """One operation with its arguments.

    Attributes:
        operation: what to do.
        args: with what.
    """

    __slots__ = ("args", "operation")

    def __init__(self, operation: Operation[R_co], args: tuple[Any, ...]) -> None:
        self.operation = operation
        self.args = args

    def encode(self, codec: Codec, features: Features, transaction_id: int | None = None) -> Output:
        """The request's payload for a connection that speaks ``features``.

        Args:
            codec: how values are encoded.
            features: what the connection speaks.
            transaction_id: the connection's transaction that it is part of, or None.

        Raises:
            EncodeError: an argument cannot be sent.
            NotSupportedByClusterError: the connection does not know the operation.
        """
        operation = self.operation
        if operation.feature is not None and operation.feature not in features:
            raise NotSupportedByClusterError(
                f"{operation.name} needs the feature {operation.feature.value!r}, "
                f"which the node does not have ({features})"
            )
        writer = Writer(codec, features, transaction_id)
        for write, arg in zip(operation.request, self.args, strict=True):
            write(writer, arg)
        return writer

    def decode(self, reply: ResponseReceived, codec: Codec, features: Features) -> R_co:
        """What the answer says.

        Raises:
            ServerError: the node answered with an error.
            DecodeError: the answer is not what the protocol says.
            UnknownType: the answer holds an object of a type that has to be fetched first.
        """
        if reply.status:
            raise self._error(reply.status, reply.message)
        reader = Reader(reply.data, reply.offset, codec, features, self.args)
        try:
            result = self.operation.response(reader)
        except StructError:
            raise DecodeError(f"{self.operation.name}: the answer ends early") from None
        if reader.pos != len(reader.data):
            raise DecodeError(
                f"{self.operation.name}: {len(reader.data) - reader.pos} bytes are left over"
            )
        return result

    def undone(
        self, reply: ResponseReceived, codec: Codec, features: Features
    ) -> Request[None] | None:
        """What closes what the answer says was opened; None if nothing was."""
        undo = self.operation.undo
        if undo is None or reply.status:
            return None
        try:
            return undo(Reader(reply.data, reply.offset, codec, features, self.args))
        except DecodeError:
            return None

    def _error(self, status: int, message: str | None) -> Exception:
        operation = self.operation
        # A server may append its stack trace; the first line says what went wrong.
        words = message.splitlines()[0] if message else "the server gave no reason"
        sqlstate = None
        if operation.sqlstate and words[5:7] == ": ":
            sqlstate, words = words[:5], words[7:]
        text = f"{operation.name}: {words} (status {status})"
        if status == STATUS_INVALID_OPERATION:
            return NotSupportedByClusterError(text)
        kind = _BY_STATUS.get(status, operation.error)
        if issubclass(kind, SQLError):
            return kind(text, status, sqlstate)
        return kind(text, status)


def check_int(value: object, low: int, high: int, what: str) -> int:
    """An integer argument within its range.

    Raises:
        ParameterError: it is none, or out of range.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ParameterError(f"{what}: {value!r} is not an integer from {low} to {high}")
    return value
