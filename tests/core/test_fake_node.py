"""The node in memory answers as the captured servers did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gridgain_proto import Product

from .captured import (
    CASES,
    GRIDGAIN_AUTH_ID,
    GRIDGAIN_ID,
    HEARTBEAT_TOO_EARLY,
    IGNITE_AUTH_ID,
    IGNITE_ID,
    VECTORS,
)
from .fake_node import (
    GRIDGAIN_VERSIONS,
    IGNITE_VERSIONS,
    Failure,
    FakeNode,
    Greeting,
    Request,
    bitmap,
    read_greeting,
)
from .support import bytewise, frame, response, whole

USERS = {"ignite": "ignite"}
#: Not played: thin clients disabled, other kinds of clients, another security plugin's words.
NOT_PLAYED = ("disabled", "JDBC", "prohibited")


def played() -> list[str]:
    names = []
    for name, case in CASES.items():
        message = str(getattr(case.answer, "message", ""))
        if not any(word in name or word in message for word in NOT_PLAYED):
            names.append(name)
    return names


def node_of(name: str) -> FakeNode:
    options: dict[str, Any] = {}
    is_ignite = name.startswith("ignite")
    guarded = "authentication on" in name or ("credentials" in name and "without" not in name)
    guarded = guarded or "wrong password" in name
    if guarded:
        options["users"] = USERS
    options["node_id"] = (
        (IGNITE_AUTH_ID if guarded else IGNITE_ID)
        if is_ignite
        else (GRIDGAIN_AUTH_ID if guarded else GRIDGAIN_ID)
    )
    options["starting"] = "starting" in name
    options["product"] = Product.IGNITE if is_ignite else Product.GRIDGAIN
    return FakeNode(**options)


@pytest.mark.parametrize("split", [whole, bytewise])
@pytest.mark.parametrize("name", played())
def test_handshakes(name: str, split: Callable[[bytes], list[bytes]]) -> None:
    node = node_of(name)
    for chunk in split(VECTORS[name].request):
        node.receive(chunk)
    assert node.data_to_send() == VECTORS[name].response
    assert node.closed is ("3.0.0" in name)
    assert (node.version is not None) is (
        "accepted" in name or "right" in name or "server without authentication" in name
    )


def test_until_a_handshake_succeeds_every_frame_is_read_as_one() -> None:
    node = FakeNode(product=Product.IGNITE)
    first, second = VECTORS[HEARTBEAT_TOO_EARLY].requests
    node.receive(first)
    node.receive(second)
    refused = node.take_frame()
    assert refused == VECTORS[HEARTBEAT_TOO_EARLY].responses[0]
    node.receive(frame(b"\x02\x01\x00"))
    assert node.closed


def greeted(**options: Any) -> FakeNode:
    node = FakeNode(**options)
    node.receive(VECTORS["gridgain: handshake 1.4.0, accepted"].request)
    assert node.data_to_send()
    return node


def request(op_code: int, request_id: int, payload: bytes = b"") -> bytes:
    return frame(op_code.to_bytes(2, "little") + request_id.to_bytes(8, "little") + payload)


def test_requests_wait_for_their_answers() -> None:
    node = greeted()
    node.receive(request(1000, 1, b"abc") + request(1001, 2)[:7])
    assert node.requests == {1: Request(1000, 1, b"abc")}
    node.receive(request(1001, 2)[7:])
    node.respond(2, b"x")
    node.respond(1, Failure("no", 5))
    node.notify(3, 2007, b"y")
    node.notify(3, 6001, Failure(None))
    assert node.requests == {}
    assert node.take_frame() == response(2, b"x", topology=(1, 0))
    assert node.data_to_send() == (
        response(1, status=5, message="no")
        + response(3, b"y", op_code=2007)
        + response(3, op_code=6001, status=1)
    )
    assert node.take_frame() == b""


def test_a_handler_answers() -> None:
    def handler(request: Request) -> bytes | Failure | None:
        answers: dict[int, bytes | Failure] = {1: b"x", 2: Failure("no")}
        return answers.get(request.request_id)

    node = greeted(handler=handler, topology=(4, 2), idle_timeout=9)
    node.receive(request(1, 9) + request(2, 8) + request(5, 1) + request(5, 2) + request(5, 3))
    assert list(node.requests) == [3]
    assert [own.request_id for own in node.own_requests] == [9, 8]
    assert node.data_to_send() == (
        response(9, topology=(4, 2))
        + response(8, (9).to_bytes(8, "little"))
        + response(1, b"x")
        + response(2, status=1, message="no")
    )


def test_a_newer_topology_is_reported_once() -> None:
    node = greeted(handler=lambda request: b"")
    for request_id in (1, 2):
        node.receive(request(5, request_id))
    node.topology = (2, 0)
    for request_id in (3, 4):
        node.receive(request(5, request_id))
    assert node.data_to_send() == (
        response(1, topology=(1, 0)) + response(2) + response(3, topology=(2, 0)) + response(4)
    )


@pytest.mark.parametrize("data", [frame(b"short"), bytes(4), b"\xff" * 4])
def test_what_is_no_request_closes(data: bytes) -> None:
    node = greeted()
    node.receive(data)
    assert node.closed
    node.receive(request(5, 1))
    assert node.requests == {}


def test_what_is_read_of_a_greeting() -> None:
    name = "handshake 1.7.1, bits 0-9,11,14-17,19,32-34, map {client.timezone: UTC}, accepted"
    greeting = read_greeting(VECTORS[f"gridgain: {name}"].request[4:], Product.GRIDGAIN)
    bits = frozenset({*range(10), 11, *range(14, 18), 19, 32, 33, 34})
    assert greeting == Greeting(GRIDGAIN_VERSIONS[0], 2, bits, {"client.timezone": "UTC"})
    assert bitmap(sorted(bits)) == bytes.fromhex("ffcb0b0007")
    assert IGNITE_VERSIONS[0] == (1, 7, 0)
    assert IGNITE_VERSIONS[-1] == (1, 0, 0)
