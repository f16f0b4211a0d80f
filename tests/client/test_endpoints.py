"""The arguments of connect()."""

from __future__ import annotations

from typing import Any

import pytest

from gridgain_proto.client.endpoints import parse_endpoints
from gridgain_proto.client.runtime import Endpoint
from gridgain_proto.exceptions import ParameterError


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        (None, None, [("127.0.0.1", 10800)]),
        (None, 5, [("127.0.0.1", 5)]),
        ("host", 5, [("host", 5)]),
        ("host", None, [("host", 10800)]),
        ("host:5", None, [("host", 5)]),
        ("host:5..7", None, [("host", 5), ("host", 6), ("host", 7)]),
        ("::1", 5, [("::1", 5)]),
        ("::1", None, [("::1", 10800)]),
        ("[::1]", 5, [("::1", 5)]),
        ("[::1]", None, [("::1", 10800)]),
        ("[::1]:5", None, [("::1", 5)]),
        ("[::1]:5..6", None, [("::1", 5), ("::1", 6)]),
        (("host", 5), None, [("host", 5)]),
        ([("a", 1), ("b", 2), ("a", 1)], None, [("a", 1), ("b", 2)]),
        (["a:1", ("b", 2), ["c", 3]], None, [("a", 1), ("b", 2), ("c", 3)]),
        ((("a", 1), ("b", 2)), None, [("a", 1), ("b", 2)]),
        (iter(["a:1"]), None, [("a", 1)]),
    ],
)
def test_nodes(host: Any, port: int | None, expected: list[tuple[str, int]]) -> None:
    assert parse_endpoints(host, port) == tuple(Endpoint(*pair) for pair in expected)


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [
        ("", None, "host"),
        ("", 5, "host"),
        (5, None, "not iterable|not a node"),
        ("host", 0, "port"),
        ("host", 65536, "port"),
        ("host", "5", "port"),
        ("host", True, "port"),
        ("host:", None, "no port"),
        ("host:x", None, "not a port"),
        ("host:7..5", None, "empty"),
        ("host:0..5", None, "port"),
        ("[::1", None, "expected"),
        ("[::1]x", None, "expected"),
        ([], None, "no node"),
        ([("a",)], None, "not a node"),
        ([5], None, "not a node"),
        ([("a", 1)], 5, "together"),
        ([(1, 1)], None, "host"),
    ],
)
def test_what_is_no_node(host: Any, port: Any, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        parse_endpoints(host, port)


def test_how_endpoints_are_written() -> None:
    assert str(Endpoint("host", 5)) == "host:5"
    assert str(Endpoint("::1", 5)) == "[::1]:5"
