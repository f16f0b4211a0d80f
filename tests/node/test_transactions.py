"""Transactions: what they see, what they lock, and how they end."""

from __future__ import annotations

from typing import Any

import pytest

from gridgain_proto.datatypes.cache_config import CacheAtomicityMode
from gridgain_proto.datatypes.prop_codes import PROP_CACHE_ATOMICITY_MODE, PROP_NAME
from gridgain_proto.exceptions import CacheError, ServerError, TransactionError
from gridgain_proto.features import Product
from gridgain_proto.node import Cluster
from gridgain_proto.operations import cache as ops
from gridgain_proto.operations.configuration import (
    CACHE_CREATE_WITH_CONFIGURATION,
    CACHE_CREATE_WITH_NAME,
)
from gridgain_proto.operations.query import QUERY_SQL_FIELDS, SqlOptions
from gridgain_proto.operations.transaction import TX_END, TX_START

from .memory import Peer, header, one_node

OPTIMISTIC, PESSIMISTIC = 0, 1
READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE = range(3)

TX = header("tx")


def transactional(**config: Any) -> tuple[Cluster, Peer, Peer]:
    """A cluster with a transactional cache, and two clients."""
    cluster = one_node(**config)
    one, other = Peer(cluster), Peer(cluster)
    mode = CacheAtomicityMode.TRANSACTIONAL
    one.ask(CACHE_CREATE_WITH_CONFIGURATION, {PROP_NAME: "tx", PROP_CACHE_ATOMICITY_MODE: mode})
    return cluster, one, other


def begin(
    peer: Peer,
    concurrency: int = PESSIMISTIC,
    isolation: int = REPEATABLE_READ,
    timeout: int = 0,
) -> int:
    number: int = peer.ask(TX_START, concurrency, isolation, timeout, None)
    return number


def put(peer: Peer, key: int, value: Any, tx: int | None = None) -> None:
    peer.ask(ops.CACHE_PUT, TX, (key, None), (value, None), tx=tx)


def get(peer: Peer, key: int, tx: int | None = None) -> Any:
    return peer.ask(ops.CACHE_GET, TX, (key, None), tx=tx)


def end(peer: Peer, tx: int, commit: bool = True) -> None:
    peer.ask(TX_END, tx, commit)


@pytest.mark.parametrize("concurrency", [OPTIMISTIC, PESSIMISTIC])
@pytest.mark.parametrize("isolation", [READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE])
def test_commit_and_rollback(concurrency: int, isolation: int) -> None:
    _, one, other = transactional()
    put(one, 1, "old")
    tx = begin(one, concurrency, isolation)
    put(one, 1, "new", tx)
    put(one, 2, "two", tx)
    assert get(one, 1, tx) == "new"
    assert get(other, 1) == "old"
    assert get(other, 2) is None
    end(one, tx)
    assert (get(other, 1), get(other, 2)) == ("new", "two")
    tx = begin(one, concurrency, isolation)
    assert one.ask(ops.CACHE_REMOVE_KEY, TX, (1, None), tx=tx) is True
    assert get(one, 1, tx) is None
    end(one, tx, commit=False)
    assert get(other, 1) == "new"


def test_a_put_waits_for_the_lock() -> None:
    _, one, other = transactional()
    tx = begin(one)
    put(one, 1, "mine", tx)
    waiting = other.post(ops.CACHE_PUT, TX, (1, None), ("theirs", None))
    assert waiting not in other.answers
    assert get(other, 1) is None  # reading never waits
    end(one, tx)
    other.answer(waiting, ops.CACHE_PUT)
    assert get(one, 1) == "theirs"


def test_a_read_locks_unless_it_is_only_committed_that_counts() -> None:
    for isolation, locks in ((READ_COMMITTED, False), (REPEATABLE_READ, True)):
        _, one, other = transactional()
        put(one, 1, "old")
        tx = begin(one, PESSIMISTIC, isolation)
        assert get(one, 1, tx) == "old"
        number = other.post(ops.CACHE_PUT, TX, (1, None), ("new", None))
        assert (number not in other.answers) is locks
        end(one, tx)
        other.answer(number, ops.CACHE_PUT)


def test_isolation_of_optimistic_reads() -> None:
    for isolation, seen in ((READ_COMMITTED, "new"), (REPEATABLE_READ, "old")):
        _, one, other = transactional()
        put(one, 1, "old")
        tx = begin(one, OPTIMISTIC, isolation)
        assert get(one, 1, tx) == "old"
        put(other, 1, "new")
        assert get(one, 1, tx) == seen
        end(one, tx)


def test_optimistic_serializable_conflicts() -> None:
    _, one, other = transactional()
    put(one, 1, "old")
    tx = begin(one, OPTIMISTIC, SERIALIZABLE)
    get(one, 1, tx)
    put(one, 2, "mine", tx)
    put(other, 1, "new")
    with pytest.raises(TransactionError, match="conflict"):
        end(one, tx)
    assert get(other, 2) is None
    with pytest.raises(TransactionError) as caught:
        end(one, tx)
    assert caught.value.status == 1021


def test_an_optimistic_commit_waits_for_the_locks() -> None:
    _, one, other = transactional()
    holder = begin(one)
    put(one, 1, "first", holder)
    tx = begin(other, OPTIMISTIC, REPEATABLE_READ)
    put(other, 1, "second", tx)
    number = other.post(TX_END, tx, True)
    assert number not in other.answers
    end(one, holder)
    other.answer(number, TX_END)
    assert get(one, 1) == "second"


def test_a_lost_connection_rolls_back_and_frees_the_locks() -> None:
    _, one, other = transactional()
    tx = begin(one)
    put(one, 1, "lost", tx)
    waiting = other.post(ops.CACHE_PUT, TX, (1, None), ("kept", None))
    one.close()
    other.answer(waiting, ops.CACHE_PUT)
    assert get(other, 1) == "kept"


@pytest.mark.parametrize(
    ("product", "status"), [(Product.GRIDGAIN, 1022), (Product.IGNITE, 1)], ids=str
)
def test_a_timeout(product: Product, status: int) -> None:
    cluster, one, other = transactional(product=product)
    tx = begin(one, timeout=500)
    put(one, 1, "late", tx)
    timer = cluster.next_timer()
    assert timer == pytest.approx(0.5)
    cluster.handle_timer(now=0.5)
    put(other, 1, "free")  # the lock is gone
    with pytest.raises(CacheError, match="timed out"):
        get(one, 1, tx)
    with pytest.raises(TransactionError) as caught:
        end(one, tx)
    assert caught.value.status == status
    end(one, begin(one, timeout=500), commit=False)


def test_a_lock_that_is_waited_for_too_long() -> None:
    cluster, one, other = transactional()
    holder = begin(one)
    put(one, 1, "held", holder)
    tx = begin(other, timeout=500)
    number = other.post(ops.CACHE_PUT, TX, (1, None), ("never", None), tx=tx)
    cluster.handle_timer(now=0.6)
    with pytest.raises(CacheError, match="Failed to acquire lock"):
        other.answer(number, ops.CACHE_PUT)
    end(one, holder)
    assert get(one, 1) == "held"


def test_a_deadlock_ends_with_the_timeout() -> None:
    cluster, one, other = transactional()
    first, second = begin(one, timeout=1000), begin(other, timeout=500)
    put(one, 1, "a", first)
    put(other, 2, "b", second)
    one_waits = one.post(ops.CACHE_PUT, TX, (2, None), ("a", None), tx=first)
    other_waits = other.post(ops.CACHE_PUT, TX, (1, None), ("b", None), tx=second)
    assert one_waits not in one.answers
    cluster.handle_timer(now=0.6)
    with pytest.raises(CacheError):
        other.answer(other_waits, ops.CACHE_PUT)
    one.answer(one_waits, ops.CACHE_PUT)
    end(one, first)
    assert (get(other, 1), get(other, 2)) == ("a", "a")


def test_an_unknown_transaction_is_none() -> None:
    """As on a server: what names it is done at once."""
    _, one, other = transactional()
    put(one, 1, "at once", tx=99)
    assert get(other, 1) == "at once"
    end(one, 99, commit=False)
    with pytest.raises(TransactionError) as caught:
        end(one, 99)
    assert caught.value.status == 1021


def test_an_atomic_cache_is_refused() -> None:
    _, one, _ = transactional()
    one.ask(CACHE_CREATE_WITH_NAME, "plain")
    tx = begin(one)
    for operation, args in (
        (ops.CACHE_PUT, ((1, None), (1, None))),
        (ops.CACHE_GET, ((1, None),)),
    ):
        with pytest.raises(CacheError, match="atomic cache"):
            one.ask(operation, header("plain"), *args, tx=tx)
    put(one, 1, "still usable", tx)
    end(one, tx)
    assert get(one, 1) == "still usable"


@pytest.mark.parametrize("product", [Product.GRIDGAIN, Product.IGNITE], ids=str)
def test_clearing_a_key_within_a_transaction(product: Product) -> None:
    _, one, _ = transactional(product=product)
    put(one, 1, "there")
    tx = begin(one)
    if product is Product.IGNITE:
        with pytest.raises(CacheError):
            one.ask(ops.CACHE_CLEAR_KEY, TX, (1, None), tx=tx)
    else:
        one.ask(ops.CACHE_CLEAR_KEY, TX, (1, None), tx=tx)
    end(one, tx, commit=False)
    assert get(one, 1) == ("there" if product is Product.IGNITE else None)


def test_there_may_only_be_so_many() -> None:
    cluster = one_node(max_transactions=2)
    peer = Peer(cluster)
    begin(peer)
    last = begin(peer)
    with pytest.raises(TransactionError) as caught:
        begin(peer)
    assert caught.value.status == 1020
    end(peer, last, commit=False)
    begin(peer)


def test_sql_changes_are_refused_within_a_transaction() -> None:
    _, one, _ = transactional()
    statement = 'CREATE TABLE t (id INT PRIMARY KEY, v INT) WITH "atomicity=transactional"'
    one.ask(QUERY_SQL_FIELDS, header_zero(), SqlOptions(statement))
    tx = begin(one)
    insert = SqlOptions("INSERT INTO t VALUES (1, 1)")
    with pytest.raises(ServerError, match="DML"):
        one.ask(QUERY_SQL_FIELDS, header_zero(), insert, tx=tx)
    end(one, tx, commit=False)
    one.ask(QUERY_SQL_FIELDS, header_zero(), insert)


def header_zero() -> Any:
    """The header of no cache."""
    from gridgain_proto.operations.layout import CacheHeader

    return CacheHeader(0)
