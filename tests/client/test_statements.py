"""Deletes with casts, what is said to servers of time, connections whose cursors are used up."""

from __future__ import annotations

import decimal
import math
from struct import pack
from typing import Any

import pytest

from gridgain_proto.client.runtime import run_blocking
from gridgain_proto.client.statements import server_limit, with_casts
from gridgain_proto.datatypes import IntObject
from gridgain_proto.events import ResponseReceived
from gridgain_proto.exceptions import ParameterError, SQLError

from .scripted import ScriptedClient

ONE = [1]


@pytest.mark.parametrize(
    ("statement", "args", "expected"),
    [
        ("DELETE FROM t WHERE k = ?", ONE, "DELETE FROM t WHERE k = CAST(? AS BIGINT)"),
        ("delete from t where k=?1", ONE, "delete from t where k=CAST(?1 AS BIGINT)"),
        (" /* a */ -- b\n DELETE FROM t WHERE ? = k", ONE, "CAST(? AS BIGINT) = k"),
        ("DELETE FROM t WHERE k = ?", [(1, IntObject)], "CAST(? AS BIGINT)"),
        ("DELETE FROM t WHERE k = ?", [1.5], "CAST(? AS DOUBLE)"),
        ("DELETE FROM t WHERE k = ?", ["a"], "CAST(? AS VARCHAR)"),
        ("DELETE FROM t WHERE k = ?", [decimal.Decimal(1)], "CAST(? AS DECIMAL)"),
        (
            "DELETE FROM t WHERE k = ? AND v = ?",
            [1, True],
            "k = CAST(? AS BIGINT) AND v = ?",
        ),
        ('DELETE FROM "a?" WHERE k = ? -- ?', ONE, '"a?" WHERE k = CAST(? AS BIGINT) -- ?'),
        ("DELETE FROM t WHERE k = ?/* ? */", ONE, "k = CAST(? AS BIGINT)/* ? */"),
    ],
)
def test_deletes_with_casts(statement: str, args: list[Any], expected: str) -> None:
    text = with_casts(statement, args)
    assert text is not None
    assert text.endswith(expected)


@pytest.mark.parametrize(
    ("statement", "args"),
    [
        ("SELECT * FROM t WHERE k = ?", ONE),
        ("UPDATE t SET v = ?", ONE),
        ("DELETED", ONE),
        ("DELETE FROM t", []),
        ("DELETE FROM t WHERE k = ?", [True]),
        ("DELETE FROM t WHERE k = ?", [b"bytes"]),
        ("DELETE FROM t WHERE k = '?'", ONE),
        ("DELETE FROM t WHERE k = ?", [1, 2]),
        ("DELETE FROM t WHERE k = ? AND v = ?", ONE),
        ("DELETE FROM t WHERE k = ?7", ONE),
        ("DELETE FROM t WHERE k IN (?, ?, ?)", [1, 2, 3]),
    ],
)
def test_what_is_left_as_it_is(statement: str, args: list[Any]) -> None:
    assert with_casts(statement, args) is None


def test_the_servers_limit() -> None:
    assert server_limit(None) is None
    assert server_limit(0.0001) == 1
    assert server_limit(2) == 2000
    assert server_limit(math.inf) == server_limit(1e12) == 2**31 - 1
    for wrong in (0, -1, "1", True):
        with pytest.raises(ParameterError, match="timeout"):
            server_limit(wrong)  # type: ignore[arg-type]


FULL = ResponseReceived(1, 1010, "50000: Too many open cursors", b"", 0)


def updated(count: int) -> bytes:
    return pack("<qi", 1, 1) + b"\x09\x07\0\0\0UPDATED" + pack("<ibqb", 1, 4, count, 0)


def connected(*scripts: Any) -> ScriptedClient:
    client = ScriptedClient(partition_aware=False, discovery=False)
    client.runtime.dialled = list(scripts)
    run_blocking(client._session.connect(client.connect("node:1")._endpoints, None))
    return client


def test_a_connection_whose_cursors_are_used_up_is_replaced() -> None:
    client = connected(lambda op, request: FULL, lambda op, request: updated(3))
    cursor = run_blocking(client.sql("UPDATE t SET v = 1").open())
    assert cursor.update_count == 3
    first, second = client.runtime.links
    assert client._session.link is second
    assert not first.closed  # what goes on there may go on
    run_blocking(client.close())
    assert first.closed
    assert second.closed


def test_it_is_replaced_only_so_often() -> None:
    client = connected(*[lambda op, request: FULL] * 9)
    with pytest.raises(SQLError, match="Too many open cursors") as caught:
        run_blocking(client.sql("SELECT 1").open())
    assert caught.value.status == 1010
    assert len(client.runtime.links) <= 3


def test_a_delete_that_deletes_is_run_once() -> None:
    counts = iter([1])
    client = connected(lambda op, request: updated(next(counts)))
    cursor = run_blocking(client.sql("DELETE FROM t WHERE k = ?", query_args=[5]).open())
    assert cursor.update_count == 1
    counts = iter([0, 1])
    cursor = run_blocking(client.sql("DELETE FROM t WHERE k = ?", query_args=[5]).open())
    assert cursor.update_count == 1
    requests = [request for _, request, _ in client.runtime.links[0].requests]
    assert [b"CAST(? AS BIGINT)" in request for request in requests] == [False, False, True]
