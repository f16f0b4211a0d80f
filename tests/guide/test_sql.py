"""SQL: types, traps, errors, cursors."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from gridgain_proto.datatypes import (
    ByteObject,
    DecimalObject,
    FloatObject,
    IntObject,
    LongObject,
    ShortObject,
    StatementType,
    String,
)
from gridgain_proto.datatypes.cache_config import CacheConfiguration, QueryEntity
from gridgain_proto.exceptions import (
    CacheNotFound,
    ClientClosed,
    ParameterError,
    ServerError,
    SQLError,
)
from gridgain_sync import Client
from tests.ignite import Node

from .conftest import host_and_port

WIDTHS = {"TINYINT": ByteObject, "SMALLINT": ShortObject, "INT": IntObject, "BIGINT": LongObject}


@pytest.fixture
def table(client: Client, name: str) -> Iterator[str]:
    client.sql(f"CREATE TABLE {name} (id INT PRIMARY KEY, val VARCHAR)")
    yield name
    client.sql(f"DROP TABLE {name}")


# -- deletes -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def keyed_tables_on() -> Iterator[Callable[[Node], Client]]:
    """Makes the tables on a node, once, and gives a client of it."""
    kinds = {**dict.fromkeys(WIDTHS, "7"), "REAL": "7.5", "DOUBLE": "7.5", "DECIMAL(9, 2)": "7"}
    clients: dict[str, Client] = {}

    def find(node: Node) -> Client:
        if node.address not in clients:
            client = stack.enter_context(Client(timeout=30).connect(*host_and_port(node)))
            for kind in kinds:
                client.sql(f"CREATE TABLE DEL_{kind[:4]} (k {kind} PRIMARY KEY, v INT)")
                stack.callback(client.sql, f"DROP TABLE DEL_{kind[:4]}")
            clients[node.address] = client
        return clients[node.address]

    with ExitStack() as stack:
        yield find


@pytest.fixture
def keyed_tables(keyed_tables_on: Callable[[Node], Client], ignite_node: Node) -> Client:
    """A client of a node with the tables."""
    return keyed_tables_on(ignite_node)


@pytest.mark.parametrize("hint", [None, *WIDTHS.values()])
@pytest.mark.parametrize("kind", WIDTHS)
@pytest.mark.parametrize("condition", ["k = ?", "? = k", "_KEY = ?", "(k = ?1) -- ?"])
def test_deletes_by_keys_of_any_width(
    keyed_tables: Client, kind: str, hint: Any, condition: str
) -> None:
    table = f"DEL_{kind[:4]}"
    keyed_tables.sql(f"MERGE INTO {table} (k, v) VALUES (7, 1)")
    arg = 7 if hint is None else (7, hint)
    deleted = keyed_tables.sql(f"delete from {table} where {condition}", query_args=[arg])
    assert deleted.update_count == 1
    assert list(keyed_tables.sql(f"SELECT * FROM {table}")) == []


@pytest.mark.parametrize(
    ("kind", "arg"),
    [
        ("REAL", 7.5),
        ("REAL", (7.5, FloatObject)),
        ("DOUBLE", 7.5),
        ("DOUBLE", (7.5, FloatObject)),
        ("DECIMAL", decimal.Decimal("7.00")),
        ("DECIMAL", 7),
    ],
)
def test_deletes_by_keys_of_other_types(keyed_tables: Client, kind: str, arg: Any) -> None:
    table = f"DEL_{kind[:4]}"
    value = "7" if kind == "DECIMAL" else "7.5"
    keyed_tables.sql(f"MERGE INTO {table} (k, v) VALUES ({value}, 1)")
    deleted = keyed_tables.sql(f"DELETE FROM {table} WHERE k = ?", query_args=[arg])
    assert deleted.update_count == 1


@pytest.mark.parametrize("kind", WIDTHS)
def test_a_delete_that_matches_nothing_deletes_nothing(keyed_tables: Client, kind: str) -> None:
    table = f"DEL_{kind[:4]}"
    keyed_tables.sql(f"MERGE INTO {table} (k, v) VALUES (7, 1)")
    for condition, args in [("k = ?", [8]), ("k = ? AND v = ?", [7, 2]), ("k > ?", [7])]:
        count = keyed_tables.sql(f"DELETE FROM {table} WHERE {condition}", query_args=args)
        assert count.update_count == 0
    count = keyed_tables.sql(f"DELETE FROM {table} WHERE k = ? AND v = ?", query_args=[7, 1])
    assert count.update_count == 1


# -- types ---------------------------------------------------------------------------------------

ID = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
VALUES = [
    ("BOOLEAN", True),
    ("TINYINT", -5),
    ("SMALLINT", 300),
    ("INT", 70_000),
    ("BIGINT", 2**62),
    ("REAL", 0.5),
    ("DOUBLE", -2.25),
    ("DECIMAL(20, 5)", decimal.Decimal("12.34500")),
    ("VARCHAR", "vüü"),
    ("CHAR(3)", "abc"),
    ("UUID", ID),
    ("BINARY", b"\x00\x01\xff"),
    ("DATE", datetime.date(2019, 4, 14)),
    ("TIME", datetime.time(13, 14, 15)),
    ("TIMESTAMP", datetime.datetime(2020, 9, 13, 12, 26, 40, 123456)),
]


def test_every_type_of_column(client: Client, name: str) -> None:
    columns = ", ".join(f"c{number} {kind}" for number, (kind, _) in enumerate(VALUES))
    marks = ", ".join("?" * len(VALUES))
    with client.sql(f"CREATE TABLE {name} (id INT PRIMARY KEY, {columns})"):
        pass
    values = [value for _, value in VALUES]
    inserted = client.sql(f"INSERT INTO {name} VALUES (1, {marks})", query_args=values)
    assert inserted.update_count == 1
    assert inserted.column_names == ["UPDATED"]
    client.sql(f"INSERT INTO {name} (id) VALUES (2)")
    rows = list(client.sql(f"SELECT * FROM {name} ORDER BY id"))
    assert rows == [[1, *values], [2, *[None] * len(values)]]
    for (kind, value), read in zip(VALUES, rows[0][1:], strict=True):
        assert isinstance(read, type(value)), kind
    for number, (_, value) in enumerate(VALUES):
        found = client.sql(f"SELECT id FROM {name} WHERE c{number} = ?", query_args=[value])
        assert list(found) == [[1]]
    client.sql(f"DROP TABLE {name}")


def test_parameters_with_hints(client: Client, table: str) -> None:
    client.sql(f"INSERT INTO {table} VALUES (?, ?)", query_args=[(1, ShortObject), ("x", String)])
    client.sql(f"INSERT INTO {table} VALUES (?, ?)", query_args=((2, DecimalObject), None))
    assert list(client.sql(f"SELECT * FROM {table} ORDER BY id")) == [[1, "x"], [2, None]]


# -- statements and results ------------------------------------------------------------------------


@pytest.mark.refused_in_memory("EXPLAIN and WITH")
def test_results_of_all_kinds_of_statements(client: Client, table: str) -> None:
    insert = client.sql(f"INSERT INTO {table} VALUES (1, 'a'), (2, 'b')")
    assert insert.update_count == 2
    assert client.sql(f"UPDATE {table} SET val = 'c'").update_count == 2
    merge = client.sql(f"MERGE INTO {table} (id, val) VALUES (2, 'd'), (3, 'e')")
    assert merge.update_count == 2
    assert client.sql(f"CREATE INDEX ix_{table} ON {table} (val)").update_count == 0
    select = client.sql(f"SELECT id, val AS v FROM {table} ORDER BY id", include_field_names=True)
    assert select.update_count is None
    assert select.column_names == ["ID", "V"]
    assert next(select) == ["ID", "V"]
    assert list(select) == [[1, "c"], [2, "d"], [3, "e"]]
    with pytest.raises(StopIteration):
        next(select)
    assert client.sql(f"EXPLAIN SELECT * FROM {table}").column_names == ["PLAN"]
    counted = f"WITH x AS (SELECT id FROM {table}) SELECT COUNT(*) FROM x"
    assert client.sql(counted).__next__() == [3]


@pytest.mark.parametrize("page_size", [1, 2, 3, 1024])
def test_pages(client: Client, table: str, page_size: int) -> None:
    for number in range(6):
        client.sql(f"INSERT INTO {table} VALUES (?, 'x')", query_args=[number])
    query = f"SELECT id FROM {table} ORDER BY id"
    for lazy in (False, True):
        rows = client.sql(query, page_size=page_size, lazy=lazy, include_field_names=True)
        assert list(rows) == [["ID"], *([number] for number in range(6))]


def test_statement_types(client: Client, table: str) -> None:
    assert list(client.sql("SELECT 1", statement_type=StatementType.SELECT)) == [[1]]
    client.sql(f"INSERT INTO {table} VALUES (1, 'a')", statement_type=StatementType.UPDATE)
    with pytest.raises(SQLError) as caught:
        client.sql(f"INSERT INTO {table} VALUES (2, 'a')", statement_type=StatementType.SELECT)
    assert caught.value.sqlstate == "42000"


@pytest.mark.refused_in_memory("chosen partitions")
def test_one_partition(client: Client, name: str) -> None:
    client.sql(f"CREATE TABLE {name} (id BIGINT PRIMARY KEY, v INT)")
    for number in range(8):
        client.sql(f"INSERT INTO {name} VALUES (?, 1)", query_args=[number])
    assert list(client.sql(f"SELECT id FROM {name}", partitions=[5, 3])) in (
        [[3], [5]],
        [[5], [3]],
    )
    client.sql(f"DROP TABLE {name}")


# -- errors ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "sqlstate", "words"),
    [
        ("SELEC 1", "42000", "Failed to parse query"),
        ("SELECT * FROM nowhere", "42000", "NOWHERE"),
        ("SELECT 1; SELECT 2", "0A000", "Multiple statements"),
        ("SELECT ?", "50000", ""),
    ],
)
def test_errors_of_the_server(client: Client, statement: str, sqlstate: str, words: str) -> None:
    with pytest.raises(SQLError) as caught:
        client.sql(statement)
    assert caught.value.sqlstate == sqlstate
    assert caught.value.status == 1
    assert words in str(caught.value)


def test_errors_of_rows_and_tables(client: Client, table: str) -> None:
    client.sql(f"INSERT INTO {table} VALUES (1, 'a')")
    with pytest.raises(SQLError) as caught:
        client.sql(f"INSERT INTO {table} VALUES (1, 'b')")
    assert caught.value.sqlstate == "23000"
    with pytest.raises(SQLError, match="already exists"):
        client.sql(f"CREATE TABLE {table} (id INT PRIMARY KEY, val VARCHAR)")
    with pytest.raises(CacheNotFound):
        client.sql("SELECT 1", cache="no such cache")


def test_a_time_limit_is_the_servers_too(client: Client) -> None:
    endless = "SELECT COUNT(*) FROM SYSTEM_RANGE(1, 100000000) a, SYSTEM_RANGE(1, 10000) b"
    with pytest.raises((SQLError, TimeoutError)):
        client.sql(endless, timeout=0.3)
    assert list(client.sql("SELECT 1")) == [[1]]


@pytest.mark.parametrize(
    "keywords",
    [
        {"query_str": None},
        {"query_str": ""},
        {"query_str": "  "},
        {"query_str": b"SELECT 1"},
        {"page_size": 0},
        {"page_size": -1},
        {"page_size": "10"},
        {"page_size": 2**31},
        {"query_args": "abc"},
        {"query_args": 5},
        {"statement_type": 3},
        {"statement_type": "SELECT"},
        {"timeout": 0},
        {"timeout": -1},
        {"timeout": "1"},
        {"cache": 1.5},
        {"cache": ""},
        {"max_rows": 1.5},
        {"partitions": []},
        {"partitions": [1, 1]},
        {"partitions": [-1]},
        {"partitions": [65000]},
        {"update_batch_size": 0},
    ],
    ids=str,
)
def test_what_is_refused_before_it_is_sent(client: Client, keywords: dict[str, Any]) -> None:
    node = str(client)
    with pytest.raises(ParameterError, match=next(iter(keywords))):
        client.sql(**{"query_str": "SELECT 1", **keywords})
    assert str(client) == node  # the connection is the same
    assert list(client.sql("SELECT 1")) == [[1]]


# -- cursors ---------------------------------------------------------------------------------------


def test_a_closed_cursor(client: Client, table: str) -> None:
    client.sql(f"INSERT INTO {table} VALUES (1, 'a'), (2, 'b'), (3, 'c')")
    rows = client.sql(f"SELECT id FROM {table}", page_size=1)
    next(rows)
    rows.close()
    assert rows.closed
    with pytest.raises(ClientClosed, match="the cursor is closed"):
        next(rows)
    with client.sql(f"SELECT id FROM {table}", page_size=1) as rows:
        next(rows)
    with pytest.raises(ClientClosed):
        next(rows)


def test_cursors_that_are_used_up_or_forgotten_leave_nothing_open(client: Client) -> None:
    query = "SELECT x FROM SYSTEM_RANGE(1, 5)"
    link = client._flows._session.link
    for number in range(1000):
        rows = client.sql(query, page_size=2)
        if number % 4 == 0:
            list(rows)
        elif number % 4 == 1:
            next(rows)
        elif number % 4 == 2:
            next(rows)
            rows.close()
    del rows
    # All 128 places of this very connection are free.
    kept = [client.sql(query, page_size=2) for _ in range(128)]
    assert client._flows._session.link is link
    for rows in kept:
        rows.close()


def test_more_cursors_than_one_connection_may_have(client: Client) -> None:
    kept = [client.sql("SELECT x FROM SYSTEM_RANGE(1, 3)", page_size=1) for _ in range(300)]
    for rows in kept:
        assert list(rows) == [[1], [2], [3]]


def test_failing_queries_do_not_use_up_the_connection(client: Client) -> None:
    for _ in range(300):
        with pytest.raises(SQLError, match="Division by zero"):
            client.sql("SELECT 1 / (x - x) FROM SYSTEM_RANGE(1, 3)")
    assert list(client.sql("SELECT 1")) == [[1]]


@pytest.mark.refused_in_memory("errors after the first page")
def test_a_page_that_fails(client: Client) -> None:
    query = "SELECT 10 / (5 - x) FROM SYSTEM_RANGE(1, 9)"
    for _ in range(10):
        rows = client.sql(query, page_size=2, lazy=True)
        with pytest.raises(ServerError, match="Division by zero"):
            list(rows)
        with pytest.raises(ClientClosed):
            next(rows)


# -- the cache's own -------------------------------------------------------------------------------


def test_sql_of_a_cache_that_sql_sees(client: Client, name: str) -> None:
    cache = client.create_cache(
        CacheConfiguration(
            name=name,
            query_entities=[
                QueryEntity(
                    "java.lang.String",
                    key_type_name="java.lang.Long",
                    table_name="WORDS",
                )
            ],
        )
    )
    cache.sql("INSERT INTO words (_key, _val) VALUES (?, ?)", query_args=[1, "one"])
    cache.put(2, "two")
    assert list(cache.sql("SELECT _key, _val FROM words ORDER BY _key")) == [[1, "one"], [2, "two"]]
    assert list(cache.select_row("_key > ?", query_args=[1])) == [(2, "two")]
    assert dict(cache.select_row("SELECT * FROM words", page_size=1)) == {1: "one", 2: "two"}
    cache.destroy()


def test_sql_of_a_cache_that_sql_does_not_see(client: Client, name: str) -> None:
    cache = client.create_cache(name)
    cache.sql(f"CREATE TABLE {name}_T (id INT PRIMARY KEY, v INT)")
    assert cache.sql(f"INSERT INTO {name}_T VALUES (1, 2)").update_count == 1
    assert list(cache.sql(f"SELECT v FROM {name}_T", page_size=1)) == [[2]]
    with pytest.raises(SQLError, match="SQL sees nothing"):
        cache.select_row("1 = 1")
    cache.sql(f"DROP TABLE {name}_T")
    cache.destroy()
