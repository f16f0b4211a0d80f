"""Load on a cluster whose nodes are killed, frozen and restarted, over connections that break.

Everything is read back at the end: no acknowledged write is lost while a copy survived, no
transaction is half applied, nothing that is not safe to repeat was repeated, and every error is one
that the documentation names.

``GRIDGAIN_CHAOS_SECONDS`` says how long it takes, ``GRIDGAIN_CHAOS_SEED`` repeats a run's faults.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Awaitable
from typing import Any

import pytest

from gridgain_proto.client.cache import AsyncCache
from gridgain_proto.client.client import AsyncClient
from gridgain_proto.datatypes.cache_config import CacheAtomicityMode, WriteSynchronizationMode
from gridgain_proto.datatypes.prop_codes import (
    PROP_BACKUPS_NUMBER,
    PROP_CACHE_ATOMICITY_MODE,
    PROP_NAME,
    PROP_WRITE_SYNCHRONIZATION_MODE,
)
from gridgain_proto.exceptions import (
    CacheError,
    ConnectionFailed,
    OutcomeUnknown,
    ReconnectError,
    RequestTimeout,
    TransactionError,
)
from tests.conformance.harness import Harness
from tests.conformance.in_threads import ThreadHarness
from tests.conformance.in_trio import TrioHarness
from tests.ignite.cluster import IgniteCluster

from .proxy import Proxy

SECONDS = float(os.environ.get("GRIDGAIN_CHAOS_SECONDS", "15"))
SEED = int(os.environ.get("GRIDGAIN_CHAOS_SEED", "0")) or random.randrange(1, 2**32)

#: How long one call may take, and what it may take beyond that.
TIMEOUT = 8.0
GRACE = 0.5

ACCOUNTS = 12
FUNDS = 1000

#: How a call may end, by what the documentation says; whatever else comes is a failure.
NAMED = (
    CacheError,
    ConnectionFailed,
    OutcomeUnknown,
    ReconnectError,
    RequestTimeout,
    TransactionError,
)


class Faults(threading.Thread):
    """Breaks things, one after the other, and mends them."""

    def __init__(self, cluster: IgniteCluster, proxies: list[Proxy], seed: int) -> None:
        super().__init__(daemon=True)
        self._cluster = cluster
        self._proxies = proxies
        self._rng = random.Random(seed)
        self._end = threading.Event()
        self.done: Counter[str] = Counter()

    def stop(self) -> None:
        """Break nothing more; come back when all is mended."""
        self._end.set()
        self.join(60)

    def run(self) -> None:
        """Break and mend."""
        self._end.wait(1.0)
        order = ["kill", "cut", "freeze", "swallow", "delay"]
        self._rng.shuffle(order)
        while not self._end.is_set():
            for fault in order:
                if self._end.is_set():
                    return
                self.done[fault] += 1
                getattr(self, fault)()
            self._rng.shuffle(order)

    def kill(self) -> None:
        """Kill a node; restart it; wait until its copies are made again."""
        node = self._rng.choice(self._cluster)
        node.kill()
        self._end.wait(2.0 + self._rng.random())
        self._cluster.restart(node)
        self._end.wait(6.0)

    def freeze(self) -> None:
        """Stop a node for a moment."""
        node = self._rng.choice(self._cluster)
        node.freeze()
        time.sleep(0.5 + 1.5 * self._rng.random())
        node.thaw()

    def cut(self) -> None:
        """Break the connections to one node."""
        self._rng.choice(self._proxies).cut()
        self._end.wait(0.5)

    def swallow(self) -> None:
        """Let nothing through to one node for a moment."""
        self._rng.choice(self._proxies).swallow(0.5 + self._rng.random())

    def delay(self) -> None:
        """Make one connection slow for a moment."""
        proxy = self._rng.choice(self._proxies)
        proxy.delay = 0.05
        self._end.wait(1.0)
        proxy.delay = 0.0


class Chaos:
    """What callers do, and what they remember of it."""

    def __init__(self, harness: Harness, client: AsyncClient, end: float) -> None:
        self.harness = harness
        self.client = client
        self.end = end
        self.outcomes: Counter[str] = Counter()
        self.problems: list[str] = []
        self.slowest = 0.0
        #: By key: the values that may be there.
        self.possible: dict[int, set[int | None]] = {}
        self.counted: Counter[int] = Counter()
        self.in_doubt: Counter[int] = Counter()

    async def timed(self, name: str, call: Awaitable[Any]) -> Any:
        """Make a call, and note how it ended and how long it took."""
        began = time.monotonic()
        try:
            result = await call
        except NAMED as exc:
            self.outcomes[f"{name}: {type(exc).__name__}"] += 1
            raise
        else:
            self.outcomes[name] += 1
            return result
        finally:
            self.slowest = max(self.slowest, time.monotonic() - began)

    async def keep(self, cache: AsyncCache[Any, Any], caller: int) -> None:
        """Put, get and remove keys of one's own."""
        rng = random.Random(caller)
        count = 0
        while self.harness.now() < self.end:
            count += 1
            key = caller * 100 + rng.randrange(20)
            possible = self.possible.setdefault(key, {None})
            what = rng.choice(("put", "put", "get", "remove"))
            try:
                if what == "get":
                    found = await self.timed("get", cache.get(key))
                    if found not in possible:
                        self.problems.append(f"key {key} is {found}, not one of {possible}")
                    self.possible[key] = {found}
                elif what == "put":
                    self.possible[key] = possible | {count}
                    await self.timed("put", cache.put(key, count))
                    self.possible[key] = {count}
                else:
                    self.possible[key] = possible | {None}
                    await self.timed("remove", cache.remove_key(key))
                    self.possible[key] = {None}
            except NAMED:
                pass
            await self.harness.sleep(0)

    async def count(self, cache: AsyncCache[Any, Any], caller: int) -> None:
        """Increment counters that are everybody's, in transactions."""
        rng = random.Random(caller)
        while self.harness.now() < self.end:
            key = rng.randrange(5)
            committing = False
            try:
                async with self.client.tx_start(timeout=3000) as tx:
                    value = await self.timed("read", cache.get(key))
                    await self.timed("write", cache.put(key, value + 1))
                    committing = True
                    await self.timed("commit", tx.commit())
                self.counted[key] += 1
            except (OutcomeUnknown, RequestTimeout):
                if committing:
                    self.in_doubt[key] += 1
            except NAMED:
                await self.harness.sleep(0.01)

    async def transfer(self, cache: AsyncCache[Any, Any], caller: int) -> None:
        """Move money between accounts, in transactions; the sum stays."""
        rng = random.Random(caller)
        while self.harness.now() < self.end:
            source, sink = sorted(rng.sample(range(100, 100 + ACCOUNTS), 2))
            amount = rng.randrange(1, 20)
            try:
                async with self.client.tx_start(timeout=3000) as tx:
                    here: Any = await cache.get(source)
                    there: Any = await cache.get(sink)
                    await cache.put(source, here - amount)
                    await cache.put(sink, there + amount)
                    await self.timed("transfer", tx.commit())
            except NAMED:
                await self.harness.sleep(0.01)

    async def scan(self, cache: AsyncCache[Any, Any]) -> None:
        """Read everything, over and over."""
        while self.harness.now() < self.end:
            try:
                async with cache.scan(page_size=50) as cursor:
                    async for _ in cursor:
                        pass
                self.outcomes["scan"] += 1
            except NAMED as exc:
                self.outcomes[f"scan: {type(exc).__name__}"] += 1
            await self.harness.sleep(0.2)


def settings(name: str, atomicity: CacheAtomicityMode) -> dict[int, Any]:
    return {
        PROP_NAME: name,
        PROP_BACKUPS_NUMBER: 1,
        PROP_CACHE_ATOMICITY_MODE: atomicity,
        PROP_WRITE_SYNCHRONIZATION_MODE: WriteSynchronizationMode.FULL_SYNC,
    }


@pytest.mark.stress
@pytest.mark.timeout(SECONDS + 150)
@pytest.mark.parametrize("runtime", [ThreadHarness, TrioHarness], ids=lambda one: one.name)
def test_nothing_is_lost(failover_cluster: IgniteCluster, runtime: type[Harness]) -> None:
    print(f"seed {SEED}")
    proxies = [
        Proxy(node.host, node.port, SEED + number) for number, node in enumerate(failover_cluster)
    ]
    faults = Faults(failover_cluster, proxies, SEED)
    harness = runtime({})
    report: list[Chaos] = []

    async def run(harness: Harness) -> None:
        # The cluster's own addresses are not asked for: everything is to pass the proxies.
        options: dict[str, Any] = {"timeout": TIMEOUT, "discovery": False}
        async with harness.client(**options).connect([p.address for p in proxies]) as client:
            plain = await client.create_cache(
                settings(f"plain {harness.name}", CacheAtomicityMode.ATOMIC)
            )
            money = await client.create_cache(
                settings(f"money {harness.name}", CacheAtomicityMode.TRANSACTIONAL)
            )
            for key in range(5):
                await money.put(key, 0)
            for key in range(100, 100 + ACCOUNTS):
                await money.put(key, FUNDS)
            chaos = Chaos(harness, client, harness.now() + SECONDS)
            report.append(chaos)
            faults.start()
            tasks = [harness.start(chaos.keep, plain, caller) for caller in range(4)]
            tasks += [harness.start(chaos.count, money, caller) for caller in range(3)]
            tasks += [harness.start(chaos.transfer, money, caller) for caller in range(3)]
            tasks += [harness.start(chaos.scan, plain)]
            for task in tasks:
                await task.result()
            faults.stop()
            await harness.sleep(3)
            for key, possible in chaos.possible.items():
                found = await plain.get(key)
                if found not in possible:
                    chaos.problems.append(f"at the end key {key} is {found}, not in {possible}")
            for key in range(5):
                value: Any = await money.get(key)
                least = chaos.counted[key]
                if not least <= value <= least + chaos.in_doubt[key]:
                    chaos.problems.append(
                        f"counter {key} is {value}, acknowledged {least}, "
                        f"unknown {chaos.in_doubt[key]}"
                    )
            accounts = await money.get_all(range(100, 100 + ACCOUNTS))
            if sum(accounts.values()) != ACCOUNTS * FUNDS:
                chaos.problems.append(f"the accounts hold {sum(accounts.values())}")
            await plain.destroy()
            await money.destroy()
        for proxy in proxies:
            proxy.close()  # the harness looks for threads that are left over

    try:
        harness.run(run)
    finally:
        faults.stop()
        for proxy in proxies:
            proxy.close()
    (chaos,) = report
    print(dict(faults.done), dict(chaos.outcomes), f"slowest {chaos.slowest:.2f} s")
    print(f"counted {sum(chaos.counted.values())}, in doubt {sum(chaos.in_doubt.values())}")
    assert not chaos.problems
    assert chaos.slowest < TIMEOUT + GRACE
    assert chaos.outcomes["put"] > 100
    assert chaos.outcomes["commit"] > 10
