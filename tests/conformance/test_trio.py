"""What only trio has: scopes, shields, clocks, checkpoints."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import pytest
import trio
import trio.testing

from gridgain_proto.client.task_link import HIGH_WATER
from gridgain_proto.exceptions import (
    ClientClosed,
    EncodeError,
    LocalProtocolError,
    OutcomeUnknown,
    RequestTimeout,
)
from gridgain_trio import Client, open_client

from .harness import connection_of
from .peer import Memory, Peer


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is true."""
    with trio.fail_after(10):
        while not condition():
            await trio.sleep(0.001)


def test_open_client() -> None:
    async def main() -> None:
        with Peer(Memory()) as peer:
            async with open_client(peer.address, timeout=5) as client:
                await client.get_cache("cache").put(1, 2)
            assert repr(client) == "<Client not connected>"

    trio.run(main)


def test_scopes() -> None:
    async def main() -> None:
        with Peer() as peer:
            async with Client().connect(peer.address) as client:
                cache = client.get_cache("cache")
                with trio.move_on_after(0.05) as scope:
                    await cache.get(1)
                assert scope.cancelled_caught
                with pytest.raises(trio.TooSlowError), trio.fail_after(0.05):
                    await cache.get(1)
                assert connection_of(client).abandoned == 2
                assert len(peer.connections) == 1

    trio.run(main)


def test_cancelling_a_nursery_with_the_client_inside() -> None:
    async def main() -> None:
        with Peer() as peer:
            client = Client()

            async def work() -> None:
                async with client.connect(peer.address):
                    await client.get_cache("cache").get(1)

            async with trio.open_nursery() as nursery:
                nursery.start_soon(work)
                await until(lambda: peer.waiting)
                nursery.cancel_scope.cancel()
            assert repr(client) == "<Client not connected>"
            await until(lambda: not peer.open)

    trio.run(main)


def test_a_shielded_call_works_while_everything_is_cancelled() -> None:
    async def main() -> None:
        with Peer(Memory()) as peer, trio.CancelScope() as scope:
            async with Client().connect(peer.address) as client:
                cache = client.get_cache("cache")
                try:
                    scope.cancel()
                    await trio.lowlevel.checkpoint()
                finally:
                    with trio.CancelScope(shield=True):
                        await cache.put(1, 2)
                        assert await cache.get(1) == 2
        assert scope.cancelled_caught

    trio.run(main)


def test_the_exception_of_the_block_wins_over_cancellation() -> None:
    async def main() -> None:
        with Peer(Memory()) as peer, trio.CancelScope() as scope:
            with pytest.raises(KeyError) as caught:
                async with Client().connect(peer.address):
                    scope.cancel()
                    raise KeyError("mine")
            assert caught.value.args == ("mine",)

    trio.run(main)


def test_groups_come_out_as_they_are() -> None:
    async def main() -> None:
        with Peer() as peer:
            with pytest.raises(ExceptionGroup) as caught:
                async with Client().connect(peer.address) as client, trio.open_nursery() as nursery:
                    nursery.start_soon(client.get_cache("cache").get, 1)
                    await until(lambda: peer.waiting)
                    raise KeyError
            assert caught.group_contains(KeyError, depth=1)
            assert len(caught.value.exceptions) == 1

    trio.run(main)


def test_a_lost_connection_cancels_nobody() -> None:
    async def main() -> None:
        with Peer() as peer:
            async with Client().connect(peer.address) as client, trio.open_nursery() as nursery:
                errors: list[Exception] = []

                async def put() -> None:
                    try:
                        await client.get_cache("cache").put(1, 2)
                    except OutcomeUnknown as exc:
                        errors.append(exc)

                nursery.start_soon(put)
                await until(lambda: peer.waiting)
                peer.last.close()
                await until(lambda: errors)
                await trio.lowlevel.checkpoint()  # not cancelled

    trio.run(main)


def test_every_call_is_a_checkpoint() -> None:
    async def checkpoints(call: Callable[[], Awaitable[object]], error: type[Exception]) -> None:
        """It fails, and has let others run before."""
        with pytest.raises(error), trio.testing.assert_checkpoints():
            await call()
        # It is also a place to be cancelled at.
        with trio.CancelScope() as scope:
            scope.cancel()
            await call()
        assert scope.cancelled_caught

    async def main() -> None:
        client = Client()
        cache = client.get_cache("cache")
        await checkpoints(lambda: cache.get(1), ClientClosed)
        with Peer(Memory()) as peer:
            async with client.connect(peer.address):
                await checkpoints(lambda: cache.put(1, object()), EncodeError)
                await checkpoints(lambda: cache.get(1, timeout=1e-9), RequestTimeout)
                again = client.connect(peer.address)
                await checkpoints(again.__aenter__, LocalProtocolError)
                with trio.testing.assert_checkpoints():
                    await cache.put(1, 1)
                with trio.testing.assert_checkpoints():
                    await client.close()
        with trio.testing.assert_checkpoints():
            await client.close()

    trio.run(main)


def test_a_clock_of_the_tests() -> None:
    clock = trio.testing.MockClock()

    async def until_true(condition: Callable[[], object]) -> None:
        # The peer's threads do not go by the clock of the tests.
        for _ in range(5000):
            if condition():
                return
            await trio.to_thread.run_sync(time.sleep, 0.001)
        raise AssertionError("it did not happen")

    async def main() -> None:
        with Peer() as peer:
            client = Client(heartbeat_interval=600, heartbeat_timeout=600, timeout=3600)
            async with client.connect(peer.address), trio.open_nursery() as nursery:
                errors: list[Exception] = []

                async def get() -> None:
                    try:
                        await client.get_cache("cache").get(1)
                    except RequestTimeout as exc:
                        errors.append(exc)

                nursery.start_soon(get)
                await until_true(lambda: peer.waiting)
                clock.jump(700)
                node = peer.last.node
                await until_true(lambda: any(r.op_code == 1 for r in node.own_requests))
                await until_true(lambda: connection_of(client)._heartbeat_sent is None)
                clock.jump(550)
                await trio.testing.wait_all_tasks_blocked()
                assert not errors
                clock.jump(3000)
                await until_true(lambda: errors)

    trio.run(main, clock=clock)


def test_callers_wait_for_room() -> None:
    async def main() -> None:
        with Peer(Memory()) as peer:
            async with Client().connect(peer.address) as client, trio.open_nursery() as nursery:
                cache = client.get_cache("cache")
                await cache.put(0, 0)
                peer.stop_reading()
                value = "x" * (HIGH_WATER // 4)
                done: list[int] = []

                async def put(key: int) -> None:
                    await cache.put(key, value)
                    done.append(key)

                for key in range(200):
                    nursery.start_soon(put, key)
                await trio.testing.wait_all_tasks_blocked(0.05)
                unsent = sum(map(len, connection_of(client)._unsent.values()))
                assert unsent <= 2 * HIGH_WATER
                assert not done
                peer.go_on_reading()
                await until(lambda: len(done) == 200)

    trio.run(main)


def test_nothing_is_left_of_many_clients() -> None:
    async def main() -> None:
        with Peer(Memory()) as peer:
            before = trio.lowlevel.current_statistics().tasks_living
            for number in range(200):
                async with Client().connect(peer.address) as client:
                    await client.get_cache("cache").put(number, number)
            await until(lambda: not peer.open)
            assert trio.lowlevel.current_statistics().tasks_living == before

    trio.run(main)


def test_a_client_may_be_made_outside() -> None:
    client = Client()

    async def work() -> None:
        with Peer(Memory()) as peer:
            async with client.connect(peer.address):
                await client.get_cache("cache").put(1, 2)

    trio.run(work)
    trio.run(work)
