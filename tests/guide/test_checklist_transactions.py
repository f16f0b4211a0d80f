"""The checklist's rows on transactions, and how they fail."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gridgain_proto.cache import Cache
from gridgain_proto.datatypes.cache_config import CacheAtomicityMode
from gridgain_proto.datatypes.prop_codes import PROP_CACHE_ATOMICITY_MODE, PROP_NAME
from gridgain_proto.datatypes.transactions import TransactionConcurrency, TransactionIsolation
from gridgain_proto.exceptions import (
    ParameterError,
    ServerError,
    SQLError,
    TransactionConflict,
    TransactionDeadlock,
    TransactionError,
    TransactionLost,
    TransactionTimeout,
)
from gridgain_sync import Client
from tests.ignite import Node

from . import snippets
from .conftest import host_and_port

OPTIMISTIC = TransactionConcurrency.OPTIMISTIC
SERIALIZABLE = TransactionIsolation.SERIALIZABLE


@pytest.fixture
def cache(client: Client, name: str) -> Iterator[Cache[Any, Any]]:
    cache = client.create_cache(
        {PROP_NAME: name, PROP_CACHE_ATOMICITY_MODE: CacheAtomicityMode.TRANSACTIONAL}
    )
    yield cache
    cache.destroy()


def test_row_92_other_caches_are_refused_by_the_server(client: Client, name: str) -> None:
    atomic = client.create_cache(name)
    with client.tx_start(), pytest.raises(ServerError, match="atomic cache"):
        atomic.put(1, 2)
    atomic.destroy()


def test_row_94_commit_and_rollback(client: Client, cache: Cache[Any, Any]) -> None:
    tx = client.tx_start()
    cache.put(1, "one")
    tx.commit()
    assert cache.get(1) == "one"
    assert tx.closed
    tx = client.tx_start()
    cache.put(1, "two")
    tx.rollback()
    assert cache.get(1) == "one"
    with pytest.raises(TransactionError, match="has ended already"):
        tx.commit()
    tx.rollback()  # does nothing
    tx.close()


@pytest.mark.parametrize("snippet", [snippets.TRANSACTION, snippets.TRANSACTION_MODES])
def test_rows_95_96_97_98_99_103_the_examples(
    snippet: str, client: Client, ignite_node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, _ = snippets.run(snippet, ignite_node, monkeypatch)
    assert names["tx"].closed
    assert client.get_cache("tx_cache").get(1) == "success"
    assert str(names["client"]) == "no node"  # closed at the end of the block
    client.get_cache("tx_cache").destroy()


@pytest.mark.refused_in_memory("system views")
def test_row_98_the_label_reaches_the_server(client: Client, cache: Cache[Any, Any]) -> None:
    with client.tx_start(timeout=2000, label="tx-sync"):
        cache.put(1, 2)
        with ThreadPoolExecutor(1) as other:
            rows = other.submit(lambda: list(client.sql(LABELS, schema="SYS"))).result()
    assert ["tx-sync"] in rows


LABELS = "SELECT LABEL FROM TRANSACTIONS"


def test_row_100_leaving_the_block_without_commit(client: Client, cache: Cache[Any, Any]) -> None:
    with client.tx_start():
        cache.put(1, "one")
    assert cache.get(1) is None

    def fail() -> None:
        with client.tx_start():
            cache.put(1, "one")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert cache.get(1) is None


def test_rows_101_102_defaults_of_the_client(ignite_node: Node, cache: Cache[Any, Any]) -> None:
    options: dict[str, Any] = {"tx_concurrency": OPTIMISTIC, "tx_isolation": SERIALIZABLE}
    with Client(timeout=30, tx_timeout=300, **options).connect(
        *host_and_port(ignite_node)
    ) as client:
        mine = client.get_cache(cache.name)
        tx = client.tx_start()
        mine.get(1)
        cache.put(1, "another's")
        mine.put(1, "mine")
        with pytest.raises(TransactionConflict):  # only an optimistic serializable one does that
            tx.commit()
        with client.tx_start(concurrency=TransactionConcurrency.PESSIMISTIC, timeout=5000) as tx:
            mine.put(1, "mine")
            tx.commit()
        assert cache.get(1) == "mine"
    for wrong in ({"tx_concurrency": 7}, {"tx_isolation": "x"}, {"tx_timeout": -1}):
        with pytest.raises(ParameterError, match=next(iter(wrong))):
            Client(**wrong)


# -- errors by their cause -----------------------------------------------------------------------


def test_a_lock_that_is_not_to_be_had(client: Client, cache: Cache[Any, Any]) -> None:
    with client.tx_start() as holder:
        cache.put(1, "held")

        def other() -> None:
            with client.tx_start(timeout=200) as tx:
                with pytest.raises(TransactionTimeout):
                    cache.put(1, "wanted")
                with pytest.raises(TransactionTimeout):
                    tx.commit()

        with ThreadPoolExecutor(1) as pool:
            pool.submit(other).result()
        holder.commit()
    assert cache.get(1) == "held"


def test_a_deadlock(client: Client, cache: Cache[Any, Any]) -> None:
    both = threading.Barrier(2)

    def work(first: int, second: int) -> type[BaseException] | None:
        with client.tx_start(timeout=1000) as tx:
            cache.put(first, first)
            both.wait()
            try:
                cache.put(second, second)
                tx.commit()
            except TransactionError as exc:
                return type(exc)
        return None

    with ThreadPoolExecutor(2) as pool:
        ends = [pool.submit(work, *keys) for keys in ((1, 2), (2, 1))]
        kinds = {end.result() for end in ends}
    assert kinds & {TransactionDeadlock, TransactionTimeout}
    assert kinds <= {TransactionDeadlock, TransactionTimeout, None}


def test_a_lost_connection(ignite_node: Node, cache: Cache[Any, Any]) -> None:
    with Client(timeout=30).connect(*host_and_port(ignite_node)) as client:
        mine = client.get_cache(cache.name)
        with client.tx_start() as tx:
            mine.put(1, "lost")
            link: Any = tx._flows.link
            link._transport.shutdown()
            with pytest.raises(OSError) as caught:  # noqa: PT011
                mine.put(2, "not outside either")
            assert isinstance(caught.value, TransactionLost)
            with pytest.raises(TransactionLost):
                tx.commit()
        assert mine.get(1) is None
        assert mine.get(2) is None
        mine.put(2, "the client goes on")
    assert cache.get(2) == "the client goes on"


# -- what belongs to it, and what does not ---------------------------------------------------------


def test_other_threads_and_clients_are_not_part_of_it(
    client: Client, ignite_node: Node, cache: Cache[Any, Any]
) -> None:
    with Client(timeout=30).connect(*host_and_port(ignite_node)) as other:
        with client.tx_start(), ThreadPoolExecutor(1) as pool:
            cache.put(1, "mine")
            other.get_cache(cache.name).put(2, "another client's")
            pool.submit(cache.put, 3, "another thread's").result()
            assert other.get_cache(cache.name).get(1) is None
        assert cache.get_all([1, 2, 3]) == {2: "another client's", 3: "another thread's"}


def test_one_at_a_time(client: Client, cache: Cache[Any, Any]) -> None:
    with client.tx_start() as outer:
        cache.put(1, "outer")
        with pytest.raises(TransactionError, match="was begun here"):
            client.tx_start()
        outer.commit()
    assert cache.get(1) == "outer"


def test_what_would_run_outside_is_refused(client: Client, cache: Cache[Any, Any]) -> None:
    cache.put(1, "one")
    with client.tx_start():
        with pytest.raises(TransactionError, match="takes effect at once"):
            cache.clear()
        with pytest.raises(TransactionError, match="takes effect at once"):
            cache.remove_all()
        with pytest.raises(TransactionError, match="takes effect at once"):
            cache.clear_key(1)
        cache.put(2, "two")
        # Neither sees what the transaction has written.
        assert dict(cache.scan()) == {1: "one"}
        assert cache.get_size() == 1
        assert cache.get_all([1, 2]) == {1: "one", 2: "two"}
    assert cache.get_all([1, 2]) == {1: "one"}


def test_changes_by_sql_are_refused(client: Client, name: str) -> None:
    client.sql(f'CREATE TABLE {name} (id INT PRIMARY KEY, v INT) WITH "atomicity=transactional"')
    with client.tx_start(), pytest.raises(SQLError):
        client.sql(f"INSERT INTO {name} VALUES (1, 1)")
    with client.tx_start():
        assert list(client.sql(f"SELECT * FROM {name}")) == []
    client.sql(f"DROP TABLE {name}")


@pytest.mark.parametrize(
    "wrong",
    [
        {"concurrency": 7},
        {"concurrency": True},
        {"isolation": 3},
        {"timeout": -1},
        {"timeout": 1.5},
        {"label": 5},
    ],
    ids=str,
)
def test_wrong_arguments(client: Client, wrong: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        client.tx_start(**wrong)
