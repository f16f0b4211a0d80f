"""The client's flows over scripted links: connecting, repeating, errors, closing."""

from __future__ import annotations

import math
from typing import Any

import pytest

from gridgain_proto.client.runtime import run_blocking
from gridgain_proto.events import ResponseReceived
from gridgain_proto.exceptions import (
    AuthenticationError,
    AuthorizationError,
    CacheError,
    CacheExists,
    CacheNotFound,
    ClientClosed,
    ConnectionFailed,
    DecodeError,
    EncodeError,
    LocalProtocolError,
    NotSupportedByClusterError,
    OutcomeUnknown,
    ParameterError,
    ReconnectError,
    RequestTimeout,
)
from gridgain_proto.failover import RetryPolicy

from .scripted import Script, ScriptedClient, answer, failure

LONG_42 = b"\x04" + (42).to_bytes(8, "little")
TRUE = b"\x01"


def connected(
    *dialled: Script | Exception, nodes: Any = "node:1", **options: Any
) -> ScriptedClient:
    client = ScriptedClient(**options)
    client.runtime.dialled += dialled
    run_blocking(client.connect(nodes).__aenter__())
    return client


def error(status: int, message: str | None = "words") -> Script:
    return lambda op_code, request: ResponseReceived(1, status, message, b"", 0)


# -- connecting ------------------------------------------------------------------------------------


def test_the_first_node_that_answers_is_taken() -> None:
    client = connected(
        ConnectionFailed("a:1: refused"), answer(LONG_42), nodes=["a:1", ("b", 2), "c:3"]
    )
    assert str(client) == "b:2"
    assert [config.node for config in client.runtime.configs] == ["a:1", "b:2"]


def test_every_address_of_a_name_is_tried() -> None:
    client = connected(ConnectionFailed("refused"), answer(), nodes="both:1")
    assert [config.node for config in client.runtime.configs] == [
        "both:1 (::1)",
        "both:1 (127.0.0.1)",
    ]


def test_no_node_can_be_reached() -> None:
    causes = ConnectionFailed("a:1: refused"), ConnectionFailed("b:2: silent")
    with pytest.raises(
        ReconnectError, match=r"unknown:10800: .*; a:1: refused; b:2: silent"
    ) as info:
        connected(*causes, nodes=["unknown", "a:1", "b:2"])
    assert info.value.attempts[1:] == causes
    assert not isinstance(info.value, OSError)


def test_a_refused_password_ends_the_search() -> None:
    with pytest.raises(AuthenticationError, match="refused"):
        connected(AuthenticationError("a:1 refused"), answer(), nodes=["a:1", "b:2"])


def test_a_failed_connect_can_be_tried_again() -> None:
    client = ScriptedClient()
    client.runtime.dialled += [ConnectionFailed("refused"), answer()]
    with pytest.raises(ReconnectError):
        run_blocking(client.connect("a:1").__aenter__())
    run_blocking(client.connect("a:1").__aenter__())
    assert str(client) == "a:1"


def test_connecting_twice_is_an_error() -> None:
    client = connected(answer())
    with pytest.raises(LocalProtocolError, match="already connected to node:1"):
        run_blocking(client.connect("other:1").__aenter__())


def test_where_it_is_connected_shows() -> None:
    client = ScriptedClient()
    assert (str(client), repr(client)) == ("no node", "<Client not connected>")
    client = connected(answer())
    assert f"Connected to {client}" == "Connected to node:1"
    assert repr(client) == "<Client connected to node:1 (Apache Ignite, protocol 1.7.0)>"


# -- a lost connection -----------------------------------------------------------------------------


def test_what_was_not_sent_goes_to_another_node() -> None:
    client = connected(failure(ConnectionFailed("gone")), answer(), nodes=["a:1", "b:2"])
    client.runtime.dialled.append(answer())
    run_blocking(client.get_cache("c").put(1, 2))
    assert [len(link.requests) for link in client.runtime.links] == [1, 1]


def test_a_read_is_repeated_if_it_may_have_been_sent() -> None:
    client = connected(failure(OutcomeUnknown("gone")), answer(LONG_42))
    assert run_blocking(client.get_cache("c").get(1)) == 42


@pytest.mark.parametrize("call", ["put", "remove_key"])
def test_a_change_is_not_repeated_if_it_may_have_been_carried_out(call: str) -> None:
    client = connected(failure(OutcomeUnknown("gone")), answer(TRUE))
    cache: Any = client.get_cache("c")
    args = (1, 2) if call == "put" else (1,)
    with pytest.raises(OutcomeUnknown) as info:
        run_blocking(getattr(cache, call)(*args))
    assert isinstance(info.value, OSError)
    # The next call finds a live node.
    assert run_blocking(cache.contains_key(1)) is True


def test_the_policy_none_repeats_nothing() -> None:
    client = connected(failure(OutcomeUnknown("gone")), retry_policy=RetryPolicy.NONE)
    with pytest.raises(OutcomeUnknown):
        run_blocking(client.get_cache("c").get(1))


def test_the_policy_all_repeats_changes_too() -> None:
    client = connected(failure(OutcomeUnknown("gone")), answer(TRUE), retry_policy=RetryPolicy.ALL)
    assert run_blocking(client.get_cache("c").remove_key(1)) is True


def test_a_node_that_drops_every_connection_is_given_up() -> None:
    client = connected(*[failure(ConnectionFailed(f"gone {i}")) for i in range(10)])
    with pytest.raises(ConnectionFailed, match="gone"):
        run_blocking(client.get_cache("c").get(1))
    assert len(client.runtime.links) == 3


def test_no_node_is_left() -> None:
    client = connected(failure(ConnectionFailed("gone")), ConnectionFailed("refused"))
    with pytest.raises(ReconnectError, match="refused"):
        run_blocking(client.get_cache("c").get(1))


# -- errors ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (1, CacheError),
        (1000, CacheNotFound),
        (1001, CacheExists),
        (1012, AuthorizationError),
        (4711, CacheError),
    ],
)
def test_errors_of_the_server(status: int, kind: type[CacheError]) -> None:
    client = connected(error(status, "first line\n\tat a.stack.trace"))
    with pytest.raises(kind, match=rf"CACHE_GET: first line \(status {status}\)$") as info:
        run_blocking(client.get_cache("c").get(1))
    assert info.value.status == status


def test_an_error_without_words() -> None:
    client = connected(error(1, None))
    with pytest.raises(CacheError, match="gave no reason"):
        run_blocking(client.get_cache("c").get(1))


def test_an_operation_that_the_server_does_not_know() -> None:
    client = connected(error(2, "Invalid request op code: 1000"))
    with pytest.raises(NotSupportedByClusterError, match="op code"):
        run_blocking(client.get_cache("c").get(1))


def test_bytes_left_over_are_an_error() -> None:
    client = connected(answer(LONG_42 + b"\x00"))
    with pytest.raises(DecodeError, match="CACHE_GET: 1 bytes are left over"):
        run_blocking(client.get_cache("c").get(1))


def test_an_answer_that_ends_early_is_an_error() -> None:
    client = connected(answer(LONG_42[:-1]))
    with pytest.raises(DecodeError):
        run_blocking(client.get_cache("c").get(1))


def test_nothing_is_sent_if_a_value_cannot_be_encoded() -> None:
    client = connected(answer())
    with pytest.raises(EncodeError):
        run_blocking(client.get_cache("c").put(2**63, 1))
    with pytest.raises(EncodeError):
        run_blocking(client.get_cache("c").put_all({1: object()}))
    assert client.runtime.links[0].requests == []


@pytest.mark.parametrize("name", ["", None, 5, b"bytes"])
def test_a_cache_needs_a_name(name: Any) -> None:
    with pytest.raises(ParameterError, match="not the name of a cache"):
        ScriptedClient().get_cache(name)


@pytest.mark.parametrize(
    "bad", [lambda c: c.get_all("abc"), lambda c: c.get_all(5), lambda c: c.put_all([(1, 2)])]
)
def test_collections_are_checked(bad: Any) -> None:
    client = connected(answer())
    with pytest.raises(ParameterError):
        run_blocking(bad(client.get_cache("c")))
    assert client.runtime.links[0].requests == []


# -- time ------------------------------------------------------------------------------------------


def test_deadlines_are_absolute() -> None:
    client = connected(answer(LONG_42), timeout=7)
    cache = client.get_cache("c")
    run_blocking(cache.get(1))
    run_blocking(cache.get(1, timeout=0.5))
    run_blocking(cache.get(1, timeout=math.inf))
    assert [deadline for _, _, deadline in client.runtime.links[0].requests] == [
        107.0,
        100.5,
        math.inf,
    ]


def test_without_a_timeout_there_is_no_deadline() -> None:
    client = connected(answer(LONG_42))
    run_blocking(client.get_cache("c").get(1))
    assert client.runtime.links[0].requests[0][2] is None


def test_a_timeout_says_what_timed_out() -> None:
    client = connected(failure(RequestTimeout("node:1 did not answer in time")), timeout=2.5)
    with pytest.raises(RequestTimeout, match=r"CACHE_GET: node:1 did not") as info:
        run_blocking(client.get_cache("c").get(1))
    assert isinstance(info.value, TimeoutError)


@pytest.mark.parametrize("timeout", [0, -1, math.nan, "5", True])
def test_a_timeout_has_to_be_a_time(timeout: Any) -> None:
    client = connected(answer(LONG_42))
    with pytest.raises(ParameterError, match="timeout"):
        run_blocking(client.get_cache("c").get(1, timeout=timeout))
    with pytest.raises(ParameterError, match="timeout"):
        ScriptedClient(timeout=timeout)


# -- closing ---------------------------------------------------------------------------------------


def test_use_before_connecting() -> None:
    with pytest.raises(ClientClosed, match="not connected; call connect"):
        run_blocking(ScriptedClient().get_cache("c").get(1))


def test_use_after_closing() -> None:
    client = connected(answer())
    run_blocking(client.close())
    run_blocking(client.close())
    assert client.runtime.links[0].closed
    with pytest.raises(ClientClosed, match="is closed"):
        run_blocking(client.get_cache("c").get(1))


def test_leaving_the_block_closes() -> None:
    client = ScriptedClient()
    client.runtime.dialled.append(answer())

    async def block() -> None:
        async with client.connect("a:1") as entered:
            assert entered is client
        assert client.runtime.links[0].closed

    run_blocking(block())


def test_it_can_be_connected_again_after_closing() -> None:
    client = connected(answer())
    run_blocking(client.close())
    client.runtime.dialled.append(answer(LONG_42))
    run_blocking(client.connect("b:2").__aenter__())
    assert run_blocking(client.get_cache("c").get(1)) == 42
