"""Connecting: addresses, what answers there, and what a client that is not connected says."""

from __future__ import annotations

import contextlib
from typing import Any

from gridgain_proto.exceptions import (
    ClientClosed,
    ConnectionFailed,
    HandshakeError,
    LocalProtocolError,
    ParameterError,
    ReconnectError,
    RequestTimeout,
)

from ..harness import Harness, scenario
from ..peer import Memory, Peer, nobody
from .losing import until_noticed


@scenario(basic=True)
async def host_and_port(harness: Harness) -> None:
    with Peer(Memory()) as peer:
        client = harness.client()
        assert str(client) == "no node"
        assert repr(client) == "<Client not connected>"
        async with client.connect(peer.host, peer.port) as connected:
            assert connected is client or harness.blocking
            assert str(client) == peer.address
            assert repr(client).startswith(f"<Client connected to {peer.address} (GridGain")
            await client.get_cache("cache").put(1, 2)
            assert await client.get_cache("cache").get(1) == 2
        assert str(client) == "no node"
        assert repr(client) == "<Client not connected>"
        await harness.until(lambda: not peer.open, "the connection is closed")


@scenario(basic=True)
async def ways_to_name_a_node(harness: Harness) -> None:
    with Peer(Memory()) as peer:
        for node in (
            peer.address,
            (peer.host, peer.port),
            [peer.address],
            [(peer.host, peer.port)],
        ):
            async with harness.client().connect(node) as client:
                assert str(client) == peer.address
        async with harness.client().connect("localhost", peer.port) as client:
            assert str(client) == f"localhost:{peer.port} (127.0.0.1)"
            await client.get_cache("cache").put(1, 2)


@scenario(basic=True)
async def the_first_address_is_dead(harness: Harness) -> None:
    with Peer(Memory()) as peer, nobody() as dead:
        async with harness.client().connect([dead, peer.address]) as client:
            assert str(client) == peer.address


@scenario(basic=True)
async def all_addresses_are_dead(harness: Harness) -> None:
    with nobody() as dead, nobody() as other:
        error = await harness.raised(harness.client().connect([dead, other]).__aenter__())
        assert type(error) is ReconnectError
        assert [type(attempt) for attempt in error.attempts] == [ConnectionFailed] * 2
        assert f"{dead}: Connection refused" in str(error)
        assert f"{other}: Connection refused" in str(error)


@scenario()
async def a_name_that_is_not_known(harness: Harness) -> None:
    error = await harness.raised(harness.client().connect("no-such-name.invalid").__aenter__())
    assert type(error) is ReconnectError
    assert "no-such-name.invalid:10800: the name is not known" in str(error)


@scenario(basic=True)
async def wrong_arguments(harness: Harness) -> None:
    wrong: list[Any] = [("", 1), ("host", 0), ("host:port",), ([],), (["host"], 1)]
    for arguments in wrong:
        try:
            harness.client().connect(*arguments)
            if harness.blocking:
                await harness.client().connect(*arguments).__aenter__()
        except ParameterError:
            continue
        raise AssertionError(f"{arguments} were accepted")
    with contextlib.suppress(ParameterError):
        harness.client(no_such_option=1)  # type: ignore[call-arg]
        raise AssertionError("an unknown option was accepted")


@scenario(basic=True)
async def before_and_after(harness: Harness) -> None:
    client = harness.client()
    error = await harness.raised(client.get_cache_names())
    assert type(error) is ClientClosed
    assert "not connected" in str(error)
    with Peer(Memory()) as peer:
        async with client.connect(peer.address):
            pass
        error = await harness.raised(client.get_cache_names())
        assert type(error) is ClientClosed
        assert str(error) == "the client is closed"
        await client.close()  # nothing happens
        async with client.connect(peer.address):  # and it can be used again
            await client.get_cache("cache").put(1, 2)


@scenario(basic=True)
async def twice(harness: Harness) -> None:
    with Peer(Memory()) as peer:
        client = harness.client()
        async with client.connect(peer.address):
            error = await harness.raised(client.connect(peer.address).__aenter__())
            assert type(error) is LocalProtocolError
            assert "already connected" in str(error)
            await client.get_cache("cache").put(1, 2)
            peer.last.close()
            await until_noticed(harness, client)
            assert await client.get_cache("cache").get(1) == 2  # it can still dial
        assert len(peer.connections) == 2


@scenario(basic=True)
async def the_block_raises(harness: Harness) -> None:
    class Mine(Exception):
        pass

    with Peer(Memory()) as peer:
        mine = Mine()
        try:
            async with harness.client().connect(peer.address) as client:
                await client.get_cache("cache").put(1, 2)
                raise mine
        except Mine as exc:
            came = exc
        assert came is mine
        await harness.until(lambda: not peer.open, "the connection is closed")


@scenario()
async def a_silent_peer(harness: Harness) -> None:
    with Peer(starting=True) as peer:
        began = harness.now()
        connecting = harness.client().connect(peer.address, timeout=0.1)
        error = await harness.raised(connecting.__aenter__())
        assert type(error) is RequestTimeout
        assert peer.address in str(error)
        connecting = harness.client(handshake_timeout=0.1).connect(peer.address)
        error = await harness.raised(connecting.__aenter__())
        assert type(error) is ReconnectError
        assert type(error.attempts[0]) is HandshakeError
        assert "did not answer the handshake within 0.1 s" in str(error)
        assert 0.19 < harness.now() - began < 5
        await harness.until(lambda: not peer.open, "both connections are closed")


@scenario()
async def a_peer_that_closes_at_once(harness: Harness) -> None:
    with Peer(versions=()) as peer:
        peer.node["starting"] = True
        task = harness.start(_connect, harness, peer.address)
        await harness.until(lambda: peer.connections and peer.last.node.greetings)
        peer.last.close()
        error = await harness.raised(task.result())
        assert type(error) is ReconnectError
        assert "closed the connection before it answered" in str(error)


async def _connect(harness: Harness, address: str) -> None:
    async with harness.client().connect(address):
        pass
