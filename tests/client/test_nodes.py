"""Many nodes over scripted links: connecting to all, routing, losing and finding them again."""

from __future__ import annotations

from collections.abc import Iterable
from struct import pack
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgain_proto.affinity import partition_of
from gridgain_proto.client.nodes import Nodes
from gridgain_proto.client.runtime import run_blocking
from gridgain_proto.codec.hashing import cache_id, long_hash
from gridgain_proto.events import ResponseReceived
from gridgain_proto.exceptions import (
    AuthenticationError,
    CacheError,
    ConnectionFailed,
    OutcomeUnknown,
    ReconnectError,
    RequestTimeout,
)
from gridgain_proto.features import V1_7_0, Feature, Features, Product
from gridgain_proto.operations import cache as operations
from gridgain_proto.scalars import encode_string, raw_uuid

from .scripted import ScriptedClient, ScriptedLink

A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)
PARTITIONS = 8
WITH_DISCOVERY = Features(
    Product.IGNITE,
    V1_7_0,
    frozenset({Feature.BINARY_CONFIGURATION, Feature.NODE_ENDPOINTS}),
)
LONG_42 = b"\x04" + pack("<q", 42)


class ScriptedCluster:
    """Nodes that answer what a cluster of them would."""

    def __init__(self, *ids: UUID, **options: Any) -> None:
        self.ids = list(ids)
        self.version = (len(ids), 0)
        self.alive = set(ids)
        self.log: list[tuple[UUID, int]] = []
        self.fail_next: dict[UUID, Exception] = {}
        self.client = ScriptedClient(**options)
        runtime = self.client.runtime

        async def dial(address: Any, config: Any, *, deadline: float | None) -> ScriptedLink:
            node_id = self.ids[address.sockaddr[1] - 1]
            if node_id not in self.alive:
                raise ConnectionFailed(f"{config.node}: refused")
            link = ScriptedLink(
                config.node,
                lambda op, request: self.answer(node_id, op, request),
                node_id=node_id,
                features=WITH_DISCOVERY,
                topology=self.version,
            )
            runtime.links.append(link)
            return link

        runtime.dial = dial  # type: ignore[method-assign]

    @property
    def nodes(self) -> Nodes:
        return self.client._session.nodes

    def answer(self, node_id: UUID, op_code: int, request: bytes) -> bytes | ResponseReceived:
        if node_id not in self.alive:
            raise OutcomeUnknown(f"{node_id.int} is gone")
        self.log.append((node_id, op_code))
        if op_code == 5102:
            answer = pack("<qi", self.version[0], len(self.alive))
            for one in self.ids:
                if one in self.alive:
                    port = self.ids.index(one) + 1
                    answer += raw_uuid(one) + pack("<ii", port, 1) + encode_string("n")
            return answer + pack("<i", 0)
        if op_code == 1101:
            (wanted,) = (int.from_bytes(request[4:8], "little", signed=True),)
            owners = sorted(self.alive, key=lambda one: one.int)
            answer = pack("<qiibi", *self.version, 1, 1, 1) + pack("<ii", wanted, 0)
            answer += pack("<i", len(owners))
            for index, one in enumerate(owners):
                mine = range(index, PARTITIONS, len(owners))
                answer += b"\x0a" + raw_uuid(one) + pack(f"<i{len(mine)}i", len(mine), *mine)
            return answer
        if node_id in self.fail_next:
            raise self.fail_next.pop(node_id)
        return LONG_42 if op_code == 1000 else b""

    def connect(self, nodes: Any = "n:1") -> None:
        run_blocking(self.client.connect(nodes).__aenter__())

    def settle(self) -> None:
        """Let the background do what is due, and again, until nothing is."""
        cache = self.client.get_cache("c")
        for _ in range(5):
            run_blocking(cache.get(0))
            self.run_background()

    def run_background(self) -> None:
        for background in self.client.runtime.spawned:
            background.run()
        self.client.runtime.spawned.clear()

    def change(self, *, down: Iterable[UUID] = (), up: Iterable[UUID] = ()) -> None:
        """Nodes leave and come; every living connection tells of it."""
        self.alive -= set(down)
        self.alive |= set(up)
        self.version = (self.version[0] + 1, 0)
        for link in self.client.runtime.links:
            if link.node_id not in self.alive:
                link.closed = True
            elif link.on_topology is not None and not link.closed:
                link.on_topology(self.version)

    def owner(self, key: int) -> UUID:
        owners = sorted(self.alive, key=lambda one: one.int)
        return owners[partition_of(long_hash(key), PARTITIONS) % len(owners)]

    def gets(self) -> list[UUID]:
        return [node for node, op_code in self.log if op_code == 1000]


def test_one_address_is_enough() -> None:
    cluster = ScriptedCluster(A, B, C)
    cluster.connect()
    assert len(cluster.nodes.links) == 1
    cluster.settle()
    assert {link.node_id for link in cluster.nodes.links} == {A, B, C}


def test_what_was_dialled_before_a_close_is_not_used_after_it() -> None:
    cluster = ScriptedCluster(A, B)
    cluster.connect()
    runtime = cluster.client.runtime
    dial = runtime.dial

    async def dial_slowly(address: Any, config: Any, *, deadline: float | None) -> ScriptedLink:
        runtime.dial = dial  # type: ignore[method-assign]
        link = await dial(address, config, deadline=deadline)
        await cluster.client.close()
        await cluster.client.connect("n:1").__aenter__()
        return link

    runtime.dial = dial_slowly  # type: ignore[method-assign]
    run_blocking(cluster.client.get_cache("c").get(0))
    cluster.run_background()
    late = next(link for link in runtime.links if link.node_id == B)
    assert late.closed
    assert [link.node_id for link in cluster.nodes.links] == [A]


def test_what_was_discovered_before_a_close_is_not_known_after_it() -> None:
    cluster = ScriptedCluster(A, B)
    cluster.connect()
    answer = cluster.answer

    def answer_slowly(node_id: UUID, op_code: int, request: bytes) -> bytes | ResponseReceived:
        reply = answer(node_id, op_code, request)
        if op_code == 5102:
            cluster.answer = answer  # type: ignore[method-assign]
            run_blocking(cluster.client.close())
            run_blocking(cluster.client.connect("n:1").__aenter__())
        return reply

    cluster.answer = answer_slowly  # type: ignore[method-assign]
    run_blocking(cluster.client.get_cache("c").get(0))
    cluster.run_background()
    assert cluster.nodes.count == 1


def test_discovery_can_be_turned_off() -> None:
    cluster = ScriptedCluster(A, B, C, discovery=False)
    cluster.connect(["n:1", "n:2"])
    cluster.settle()
    assert {link.node_id for link in cluster.nodes.links} == {A, B}
    assert 5102 not in {op_code for _, op_code in cluster.log}


def test_without_partition_awareness_there_is_one_connection() -> None:
    cluster = ScriptedCluster(A, B, C, partition_aware=False)
    cluster.connect(["n:1", "n:2", "n:3"])
    cluster.settle()
    assert len(cluster.client.runtime.links) == 1
    assert 1101 not in {op_code for _, op_code in cluster.log}


def test_keys_go_to_their_owners() -> None:
    cluster = ScriptedCluster(A, B, C)
    cluster.connect()
    cluster.settle()
    cache = cluster.client.get_cache("c")
    cluster.log.clear()
    for key in range(50):
        run_blocking(cache.get(key))
        assert cluster.gets()[-1] == cluster.owner(key)


def test_a_map_is_asked_for_once_and_for_one_cache_at_a_time() -> None:
    cluster = ScriptedCluster(A, B, C)
    cluster.connect()
    cluster.settle()
    other = cluster.client.get_cache("other")
    cluster.log.clear()
    for _ in range(20):
        run_blocking(other.get(1))
    cluster.run_background()
    for _ in range(20):
        run_blocking(other.get(1))
        cluster.run_background()
    assert [op_code for _, op_code in cluster.log].count(1101) == 1


def test_maps_follow_the_topology_with_one_question_for_all_callers() -> None:
    cluster = ScriptedCluster(A, B, C)
    cluster.connect()
    cluster.settle()
    cache = cluster.client.get_cache("c")
    cluster.change(down=[C])
    cluster.log.clear()
    for key in range(30):
        run_blocking(cache.get(key))
    assert len(cluster.client.runtime.spawned) == 1
    cluster.run_background()
    assert [op_code for _, op_code in cluster.log].count(1101) == 1
    cluster.log.clear()
    for key in range(30):
        run_blocking(cache.get(key))
        assert cluster.gets()[-1] == cluster.owner(key)


def test_a_node_that_comes_back_is_used_again() -> None:
    cluster = ScriptedCluster(A, B, C)
    cluster.connect()
    cluster.settle()
    cluster.change(down=[B])
    cluster.settle()
    assert {link.node_id for link in cluster.nodes.links} == {A, C}
    cluster.client.runtime.time += 60
    cluster.change(up=[B])
    cluster.settle()
    assert {link.node_id for link in cluster.nodes.links} == {A, B, C}


def test_a_node_that_stays_away_is_not_tried_at_every_call() -> None:
    cluster = ScriptedCluster(A, B, discovery=False)
    cluster.alive.remove(B)
    cluster.connect(["n:1", "n:2"])
    cluster.settle()
    cache = cluster.client.get_cache("c")
    for _ in range(100):
        run_blocking(cache.get(1))
        cluster.run_background()
    assert len(cluster.client.runtime.configs) <= 3


def test_two_addresses_of_one_node_are_one_connection() -> None:
    cluster = ScriptedCluster(A, A, discovery=False)
    cluster.connect(["n:1", "n:2"])
    cluster.settle()
    assert len({id(link) for link in cluster.nodes.links}) == 1
    assert cluster.client.runtime.links[1].closed


def test_a_password_that_one_node_refuses_does_not_end_the_rest() -> None:
    cluster = ScriptedCluster(A, B, discovery=False)
    cluster.connect(["n:1", "n:2"])
    dial = cluster.client.runtime.dial

    async def refusing(address: Any, config: Any, *, deadline: float | None) -> ScriptedLink:
        if address.sockaddr[1] == 2:
            raise AuthenticationError("n:2 refused")
        return await dial(address, config, deadline=deadline)

    cluster.client.runtime.dial = refusing  # type: ignore[method-assign]
    cluster.settle()
    assert len(cluster.nodes.links) == 1


def test_a_read_that_failed_because_a_node_left_is_repeated() -> None:
    cluster = ScriptedCluster(A)
    cluster.connect()

    def left(op_code: int, request: bytes) -> ResponseReceived:
        if op_code == 1000 and not failed:
            failed.append(1)
            return ResponseReceived(1, 1, "Remote node has left topology: 7", b"", 0)
        return ResponseReceived(1, 0, None, LONG_42 if op_code == 1000 else b"", 0)

    failed: list[int] = []
    cluster.client.runtime.links[0].script = left
    cache = cluster.client.get_cache("c")
    assert run_blocking(cache.get(1)) == 42
    assert failed == [1]


def test_a_change_that_failed_because_a_node_left_is_not_repeated() -> None:
    cluster = ScriptedCluster(A)
    cluster.connect()
    cluster.client.runtime.links[0].script = lambda op_code, request: ResponseReceived(
        1, 1, "Remote node has left topology: 7", b"", 0
    )
    with pytest.raises(CacheError, match="left topology"):
        run_blocking(cluster.client.get_cache("c").put(1, 1))


def test_a_cache_that_the_cluster_does_not_know_is_not_asked_for_at_every_call() -> None:
    cluster = ScriptedCluster(A, B)
    cluster.connect()
    cluster.settle()
    answer = cluster.answer

    def silent(node_id: UUID, op_code: int, request: bytes) -> bytes | ResponseReceived:
        found = answer(node_id, op_code, request)
        return pack("<qii", *cluster.version, 0) if op_code == 1101 else found

    cluster.answer = silent  # type: ignore[method-assign]
    cluster.log.clear()
    unknown = cluster.client.get_cache("unknown")
    for _ in range(20):
        run_blocking(unknown.get(1))
        cluster.run_background()
    assert [op_code for _, op_code in cluster.log].count(1101) == 1
    cluster.client.runtime.time += 5
    run_blocking(unknown.get(1))
    cluster.run_background()
    assert [op_code for _, op_code in cluster.log].count(1101) == 2


def split_cluster(*, atomic: bool) -> tuple[ScriptedCluster, Any]:
    cluster = ScriptedCluster(A, B, C)
    answer = cluster.answer

    def batches(node_id: UUID, op_code: int, request: bytes) -> bytes | ResponseReceived:
        if op_code == 1055:
            return settings_answer(atomic)
        found = answer(node_id, op_code, request)
        if op_code == 1003:  # every key there is has itself as its value
            count = int.from_bytes(request[5:9], "little")
            return pack("<i", count) + b"".join(
                2 * request[9 + 9 * n : 18 + 9 * n] for n in range(count)
            )
        return found

    cluster.answer = batches  # type: ignore[method-assign]
    cluster.connect()
    cluster.settle()
    cluster.log.clear()
    return cluster, cluster.client.get_cache("c")


def settings_answer(atomic: bool) -> bytes:
    """The beginning says the atomicity; the rest is what a plain cache has."""
    null = b"\x65"
    body = (
        pack("<iii?", 1 if atomic else 0, 0, 2, True)
        + null
        + pack("<??", True, False)
        + null
        + pack("<qii", 0, 500, 1024)
        + encode_string("c")
        + pack("<?iii?iqqiiqq?i", False, 4, 0, 1, True, 524288, 2, 0, 1, 0, 0, 10000, False, -1)
        + null
        + pack("<iii?", 2, 0, 0, False)
    )
    return pack("<i", len(body)) + body


def test_a_batch_is_split_by_the_owners_of_its_keys() -> None:
    cluster, cache = split_cluster(atomic=True)
    keys = list(range(100))
    assert run_blocking(cache.get_all(keys)) == {key: key for key in keys}
    assert sorted(node.int for node, op_code in cluster.log if op_code == 1003) == [1, 2, 3]
    cluster.log.clear()
    run_blocking(cache.put_all({key: key for key in keys}))
    assert sorted(node.int for node, op_code in cluster.log if op_code == 1004) == [1, 2, 3]


def test_what_changes_a_transactional_cache_is_not_split() -> None:
    cluster, cache = split_cluster(atomic=False)
    run_blocking(cache.get_all(range(100)))
    run_blocking(cache.put_all({key: key for key in range(100)}))
    run_blocking(cache.remove_keys(range(100)))
    assert [op_code for _, op_code in cluster.log] == [1003, 1003, 1003, 1004, 1018]


def test_a_small_batch_is_not_split() -> None:
    cluster, cache = split_cluster(atomic=True)
    run_blocking(cache.put_all({key: key for key in range(10)}))
    assert [op_code for _, op_code in cluster.log] == [1004]


def test_a_part_of_a_read_that_was_lost_is_read_again() -> None:
    cluster, cache = split_cluster(atomic=True)
    cluster.fail_next[B] = OutcomeUnknown("lost")
    assert run_blocking(cache.get_all(range(100))) == {key: key for key in range(100)}


def test_a_part_of_a_change_that_was_lost_is_said() -> None:
    cluster, cache = split_cluster(atomic=True)
    cluster.fail_next[B] = OutcomeUnknown("lost")
    with pytest.raises(OutcomeUnknown, match="lost"):
        run_blocking(cache.put_all({key: key for key in range(100)}))
    # The other parts were carried out all the same.
    assert len([op_code for _, op_code in cluster.log if op_code == 1004]) == 3


def test_the_owner_of_a_partition() -> None:
    cluster = ScriptedCluster(A, B)
    cluster.connect()
    cluster.settle()
    number = cache_id("c")
    for partition in range(PARTITIONS):
        link = cluster.nodes.owner_of_partition(number, partition)
        assert link is not None
        assert link.node_id == (A, B)[partition % 2]
    assert cluster.nodes.owner_of_partition(number, PARTITIONS) is None
    assert cluster.nodes.owner_of_partition(12345, 0) is None


steps = st.lists(
    st.one_of(
        st.tuples(st.just("get"), st.integers(0, 1000)),
        st.tuples(st.just("put"), st.integers(0, 1000)),
        st.tuples(st.just("down"), st.sampled_from([A, B, C])),
        st.tuples(st.just("up"), st.sampled_from([A, B, C])),
        st.tuples(st.just("lose"), st.sampled_from([A, B, C])),
        st.tuples(st.just("late"), st.sampled_from([A, B, C])),
        st.tuples(st.just("background"), st.just(0)),
        st.tuples(st.just("wait"), st.integers(1, 60)),
    ),
    max_size=40,
)


@settings(max_examples=300)
@given(steps)
def test_any_schedule(schedule: list[tuple[str, Any]]) -> None:
    """Whatever nodes do, a call ends by a right answer or by an error that says what is known."""
    cluster = ScriptedCluster(A, B, C)
    cluster.connect(["n:1", "n:2", "n:3"])
    cache = cluster.client.get_cache("c")
    for what, arg in schedule:
        if what == "get":
            before = len(cluster.log)
            try:
                assert run_blocking(cache.get(arg)) == 42
            except ReconnectError:
                assert not cluster.alive
            except RequestTimeout:
                pass
            assert len(cluster.log) - before <= 12
        elif what == "put":
            before = len(cluster.log)
            try:
                run_blocking(cache.put(arg, 1))
            except ReconnectError:
                assert not cluster.alive
            except (OutcomeUnknown, RequestTimeout):
                pass
            else:
                # It was carried out once, however many nodes were tried.
                puts = [op_code for _, op_code in cluster.log[before:] if op_code == 1001]
                assert puts == [1001]
        elif what == "down":
            cluster.change(down=[arg])
        elif what == "up":
            cluster.change(up=[arg])
        elif what == "lose":
            cluster.fail_next[arg] = OutcomeUnknown("lost")
        elif what == "late":
            cluster.fail_next[arg] = RequestTimeout("late")
        elif what == "background":
            cluster.run_background()
        else:
            cluster.client.runtime.time += arg
    cluster.fail_next.clear()
    cluster.change(up=[A, B, C])
    cluster.client.runtime.time += 100
    for _ in range(6):
        assert run_blocking(cache.get(1)) == 42
        cluster.client.runtime.time += 100
        cluster.run_background()
    assert {link.node_id for link in cluster.nodes.links} == {A, B, C}
    owner = cluster.nodes.owner(operations.CACHE_GET(cache._header, (5, None)))
    assert owner is not None
    assert owner.node_id == cluster.owner(5)
