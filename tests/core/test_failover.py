"""Which node next, when, and what may be sent again."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridgain_proto.exceptions import OutcomeUnknown
from gridgain_proto.failover import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    Health,
    LostRequest,
    RetryPolicy,
    is_topology_failure,
    may_repeat,
)
from gridgain_proto.operations import cache
from gridgain_proto.operations.operation import Repeat

LOST = OutcomeUnknown("lost")


@pytest.mark.parametrize(
    ("policy", "get", "put", "remove"),
    [
        (RetryPolicy.SAFE, True, False, False),
        (RetryPolicy.NONE, False, False, False),
        (RetryPolicy.ALL, True, True, True),
    ],
)
def test_policies(policy: RetryPolicy, get: bool, put: bool, remove: bool) -> None:
    assert may_repeat(policy, cache.CACHE_GET, 1, LOST) is get
    assert may_repeat(policy, cache.CACHE_PUT, 1, LOST) is put
    assert may_repeat(policy, cache.CACHE_REMOVE_KEY, 1, LOST) is remove


def test_a_policy_of_the_users_own() -> None:
    asked: list[LostRequest] = []

    def policy(lost: LostRequest) -> bool:
        asked.append(lost)
        return lost.repeat is not Repeat.NEVER and lost.attempt < 3

    assert may_repeat(policy, cache.CACHE_PUT, 1, LOST)
    assert not may_repeat(policy, cache.CACHE_PUT, 3, LOST)
    assert not may_repeat(policy, cache.CACHE_REMOVE_KEY, 1, LOST)
    assert asked[0] == LostRequest("CACHE_PUT", Repeat.CONVERGES, 1, LOST)


def test_a_node_is_tried_less_and_less_often() -> None:
    health = Health(random.Random(1))
    assert health.due("a", now=0.0)
    assert health.next_due(["a"]) is None
    pauses = []
    now = 0.0
    for _ in range(20):
        health.failed("a", now=now)
        assert not health.due("a", now=now)
        retry_at = health.next_due(["a"])
        assert retry_at is not None
        pauses.append(retry_at - now)
        now = retry_at
        assert health.due("a", now=now)
    assert FIRST_PAUSE / 2 <= pauses[0] <= FIRST_PAUSE
    assert LONGEST_PAUSE / 2 <= pauses[-1] <= LONGEST_PAUSE
    health.succeeded("a")
    assert health.due("a", now=0.0)


@given(
    st.lists(st.sampled_from("abcdef"), unique=True),
    st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0, 100)), max_size=20),
    st.floats(0, 100),
    st.integers(),
)
def test_every_node_is_in_the_order_once_and_the_due_ones_first(
    nodes: list[str], failures: list[tuple[str, float]], now: float, seed: int
) -> None:
    health = Health(random.Random(seed))
    for node, when in failures:
        health.failed(node, now=when)
    order = health.in_order(nodes, now=now)
    assert sorted(order) == sorted(nodes)
    due = [health.due(node, now=now) for node in order]
    assert due == sorted(due, reverse=True)


def test_clients_spread_over_the_nodes() -> None:
    firsts = {Health(random.Random(seed)).in_order("abc", now=0.0)[0] for seed in range(50)}
    assert firsts == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (1, "Failed to commit: Remote node left grid: 3a1f", True),
        (1, "Remote node has left topology: 3a1f", True),
        (1, "Failed to parse query", False),
        (1, "Transaction has been timed out", False),
        (10, "Node is stopping", True),
        (1000, "Cache does not exist, it has left topology", False),
    ],
)
def test_failures_of_the_topology_are_told_apart(status: int, message: str, expected: bool) -> None:
    assert is_topology_failure(status, message) is expected
