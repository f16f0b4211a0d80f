"""The checklist's rows on SQL; more of it is in test_sql.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gridgain_sync import Client
from tests.ignite import Node

from . import snippets

CITIES = 8


def test_rows_107_109_110_111_112_114_115_the_example(
    client: Client, ignite_node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.sql("DROP TABLE IF EXISTS City")
    names, lines = snippets.run(snippets.SQL, ignite_node, monkeypatch)
    assert sorted(lines[:CITIES]) == sorted(" ".join(map(str, row)) for row in names["CITY_DATA"])
    assert lines[CITIES] == "['ID', 'NAME', 'COUNTRYCODE', 'DISTRICT', 'POPULATION']"
    client.sql("DROP TABLE City")
    names["client"].close()


@pytest.mark.refused_in_memory("system views")
def test_row_107_the_index_is_there(client: Client, name: str) -> None:
    client.sql(f"CREATE TABLE {name} (id INT PRIMARY KEY, val VARCHAR)")
    client.sql(f"CREATE INDEX ix_{name} ON {name} (val)")
    query = "SELECT INDEX_NAME FROM INDEXES WHERE TABLE_NAME = ?"
    indexes = list(client.sql(query, query_args=[name], schema="SYS"))
    client.sql(f"DROP TABLE {name}")
    assert [f"IX_{name}"] in indexes


def test_row_108_sql_of_the_cache_object(client: Client, name: str) -> None:
    cache = client.create_cache(name)
    assert list(cache.sql("SELECT 1 + ?", query_args=[1])) == [[2]]
    cache.destroy()


def test_row_113_the_result_is_an_iterator(client: Client) -> None:
    rows = client.sql("SELECT x FROM SYSTEM_RANGE(1, 3)")
    assert isinstance(rows, Iterator)
    assert iter(rows) is not None
    assert [next(rows), rows.__next__(), *rows] == [[1], [2], [3]]
