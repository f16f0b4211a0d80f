"""What the servers were asked and answered, byte for byte, for every operation that there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC
from functools import cache
from typing import Any

import pytest

from gridgain_proto.codec import Codec
from gridgain_proto.events import ResponseReceived
from gridgain_proto.exceptions import (
    EncodeError,
    NotSupportedByClusterError,
    ParameterError,
    ServerError,
    UnknownType,
)
from gridgain_proto.operations.layout import header
from gridgain_proto.operations.operation import STATUS_INVALID_OPERATION, Request

from .answers import check_answer, error_of, reply
from .exchanges import HEADER_SIZE, Exchange, exchanges, request_of
from .values import Inexpressible

KEEP_BINARY = 1

Refused = (ParameterError, EncodeError, NotSupportedByClusterError)


def ours(exchange: Exchange) -> tuple[Request[Any], bytes]:
    """Our request for an exchange, and its payload."""
    request, transaction_id = request_of(exchange)
    return request, bytes(
        request.encode(Codec(sql_timezone=UTC), exchange.features, transaction_id)
    )


def theirs(exchange: Exchange, request: Request[Any]) -> bytes:
    """The payload that was captured, made to keep objects binary, as this client always does."""
    payload = bytearray(exchange.request_bytes[HEADER_SIZE:])
    if request.operation.request[:1] == (header,):
        payload[4] |= KEEP_BINARY
    return bytes(payload)


@cache
def outcomes() -> dict[Exchange, str]:
    return {exchange: outcome(exchange) for exchange in exchanges()}


def outcome(exchange: Exchange) -> str:
    try:
        request, payload = ours(exchange)
    except Inexpressible:
        return "inexpressible"
    except Refused:
        return "refused"
    return "same" if payload == theirs(exchange, request) else "different"


# One test for each kind of outcome: two thousand tests would take longer to collect than to run.
def test_requests_are_reproduced() -> None:
    different = [str(exchange) for exchange, out in outcomes().items() if out == "different"]
    assert different == []


def test_how_many_there_are() -> None:
    """So that none is lost by a change of the tests.

    Refused is what would be no use, or would close the connection; inexpressible is what was
    malformed on purpose, and what is only for Java: filters, plugins, objects wrapped by hand.
    """
    assert Counter(outcomes().values()) == {"same": 1992, "refused": 106, "inexpressible": 97}


def test_what_closes_the_connection_is_never_sent() -> None:
    sent = [
        f"{exchange}: {exchange.row['what']}"
        for exchange, out in outcomes().items()
        if out == "same" and exchange.response_bytes is None
    ]
    assert sent == []


def read(exchange: Exchange, request: Request[Any], answer: ResponseReceived) -> tuple[Any, Codec]:
    """What an answer says, and the codec that could read it."""
    codec = Codec(sql_timezone=UTC, timezone=UTC)
    while True:
        try:
            return request.decode(answer, codec, exchange.features), codec
        except UnknownType as exc:  # as it is for a client whom the cluster cannot tell more
            codec = codec.with_types(codec.types.with_missing(exc.type_id, exc.schema_id))


def answered() -> Iterator[tuple[Exchange, Request[Any], ResponseReceived]]:
    for exchange, out in outcomes().items():
        if out == "same":
            request, _ = request_of(exchange)
            answer = reply(exchange)
            if answer is not None:
                yield exchange, request, answer


def test_answers_mean_what_they_say() -> None:
    count = 0
    for exchange, request, answer in answered():
        if error_of(exchange) is not None or "asked with op" in exchange.row["what"]:
            continue
        try:
            result, codec = read(exchange, request, answer)
            check_answer(exchange, codec, result)
        except Exception as exc:
            exc.add_note(f"{exchange}: {exchange.row['what']}")
            raise
        count += 1
    assert count == 1616


def test_errors_say_what_the_server_said() -> None:
    count = 0
    for exchange, request, answer in answered():
        error = error_of(exchange)
        if error is None:
            continue
        status, message = error
        expected = ServerError if status != STATUS_INVALID_OPERATION else NotSupportedByClusterError
        with pytest.raises(expected) as caught:
            request.decode(answer, Codec(), exchange.features)
        words = message.splitlines()[0] if message else "no reason"
        if request.operation.sqlstate and words[5:7] == ": ":
            assert getattr(caught.value, "sqlstate", words[:5]) == words[:5]
            words = words[7:]
        assert words in str(caught.value)
        if isinstance(caught.value, ServerError):
            assert caught.value.status == status
        count += 1
    assert count == 372
