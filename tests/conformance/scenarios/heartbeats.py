"""Heartbeats: they keep a connection, and end one whose node is gone.

Where there are no background tasks they are sent as long as a call waits.
"""

from __future__ import annotations

from gridgain_proto.exceptions import OutcomeUnknown
from tests.core.fake_node import OP_BINARY_CONFIGURATION, OP_HEARTBEAT, OP_IDLE_TIMEOUT, Request

from ..harness import Harness, scenario
from ..peer import Memory, Peer


def own(peer: Peer, *op_codes: int) -> int:
    """How many requests came by the newest connection that no caller had asked for."""
    return sum(request.op_code in op_codes for request in peer.last.node.own_requests)


def beats(peer: Peer) -> int:
    """How many heartbeats came by the newest connection."""
    return own(peer, OP_HEARTBEAT)


@scenario()
async def while_a_call_waits(harness: Harness) -> None:
    with Peer() as peer:
        async with harness.client(heartbeat_interval=0.05).connect(peer.address) as client:
            task = harness.start(client.get_cache("cache").get, 1)
            await harness.until(lambda: len(peer.waiting) == 1 and beats(peer) >= 3)
            peer.last.respond(peer.waiting[0], b"\x65")
            assert await task.result() is None
            assert len(peer.connections) == 1


@scenario(only_if=lambda harness: not harness.blocking)
async def while_nobody_waits(harness: Harness) -> None:
    with Peer(Memory()) as peer:
        async with harness.client(heartbeat_interval=0.05).connect(peer.address):
            await harness.until(lambda: beats(peer) >= 3)
            await harness.sleep(0.2)
            assert len(peer.connections) == 1


@scenario()
async def the_server_is_impatient(harness: Harness) -> None:
    with Peer(idle_timeout=1500) as peer:
        async with harness.client().connect(peer.address) as client:
            task = harness.start(client.get_cache("cache").get, 1)
            await harness.until(lambda: len(peer.waiting) == 1 and beats(peer) >= 1)
            peer.last.respond(peer.waiting[0], b"\x65")
            await task.result()


@scenario()
async def a_node_that_is_gone(harness: Harness) -> None:
    def answer(request: Request) -> bytes | None:
        return b"\x01\x00" if request.op_code == OP_BINARY_CONFIGURATION else None

    with Peer(answer, answers_own=False) as peer:
        client = harness.client(heartbeat_interval=0.1, heartbeat_timeout=0.5)
        async with client.connect(peer.address):
            began = harness.now()
            error = await harness.raised(client.get_cache("cache").put(1, 2))
            assert type(error) is OutcomeUnknown
            assert "no sign of life" in str(error)
            assert 0.49 < harness.now() - began < 5
            peer.node.update(handler=Memory(), answers_own=True)
            await client.get_cache("cache").put(1, 2)
            assert len(peer.connections) == 2


@scenario()
async def none(harness: Harness) -> None:
    with Peer() as peer:
        async with harness.client(heartbeat_interval=None).connect(peer.address) as client:
            task = harness.start(client.get_cache("cache").get, 1)
            await harness.until(lambda: len(peer.waiting) == 1)
            await harness.sleep(0.1)
            assert not own(peer, OP_HEARTBEAT, OP_IDLE_TIMEOUT)
            peer.last.respond(peer.waiting[0], b"\x65")
            await task.result()
