"""The node's side of a connection: handshakes, framing, and hostile clients."""

from __future__ import annotations

import json
import random
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgain_proto.exceptions import ServerError
from gridgain_proto.features import Product
from gridgain_proto.node import Cluster, NodeConfig, NodeConnection
from gridgain_proto.node.handlers import HANDLERS
from gridgain_proto.operations.layout import CacheHeader
from gridgain_proto.operations.query import QUERY_SQL_FIELDS, SqlOptions

from .captured import Replay
from .memory import Peer, one_node

VECTORS = Path(__file__).parent.parent / "vectors" / "handshake.json"

GREETING = bytes.fromhex("13000000010100070001000 20c05000000ffcb0b000765".replace(" ", ""))


def connection(**config: Any) -> NodeConnection:
    cluster = one_node(**config)
    return cluster.connect(cluster.members[0], now=0.0)


def greeted(**config: Any) -> NodeConnection:
    made = connection(**config)
    made.receive_data(GREETING, now=0.0)
    assert made.data_to_send()[4] == 1
    return made


def handshakes() -> list[Any]:
    rows = json.loads(VECTORS.read_text(encoding="utf-8"))
    return [
        pytest.param(row, id=f"{row['server']}: {row['what']}")
        for row in rows
        if row["what"].startswith("handshake")
        and row.get("response")
        and not any(
            word in row["what"]
            for word in ("credentials", "auth", "password", "disabled", "still starting")
        )
    ]


@pytest.mark.parametrize("row", handshakes())
def test_handshakes_of_servers(row: dict[str, Any]) -> None:
    """The first frame is answered as it was: accepted or not, and with which version and status."""
    product = Product.GRIDGAIN if row["server"].startswith("gridgain") else Product.IGNITE
    node = connection(product=product)
    node.receive_data(bytes.fromhex(row["request"]), now=0.0)
    found, wanted = node.data_to_send(), bytes.fromhex(row["response"])
    assert found
    assert found[4] == wanted[4]
    if wanted[4] == 0:
        assert found[5:11] == wanted[5:11]


def test_users() -> None:
    cluster = Cluster(NodeConfig(users={"ann": "secret"}))
    cluster.join("127.0.0.1", 10800, now=0.0)
    assert Peer(cluster, username="ann", password="secret").ended is None
    for name, password in (("ann", "wrong"), ("Ann", "secret"), ("bob", "secret"), (None, None)):
        refused = Peer(cluster, username=name, password=password)
        assert refused.ended is not None
        assert "password" in str(refused.ended.cause)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
        b"\x00\x00\x00\x00",
        b"\xff\xff\xff\xff",
        struct.pack("<i", 2**26 + 1) + b"\x01\x01\x00",
        b"\x08\x00\x00\x00\x01\x03\x00\x00\x00\x00\x00\x02",
        b"\x0a\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00",
    ],
    ids=["http", "tls", "zero", "negative", "too long", "another major version", "a request"],
)
def test_what_is_no_client_is_closed_at_once(data: bytes) -> None:
    node = connection()
    node.receive_data(data, now=0.0)
    assert node.closed
    assert node.data_to_send() == b""


def test_a_malformed_handshake_gets_silence_and_then_the_end() -> None:
    node = connection()
    node.receive_data(GREETING[:4] + GREETING[4:-1] + b"\x18", now=0.0)
    assert (node.closed, node.data_to_send()) == (False, b"")
    node.receive_data(GREETING, now=1.0)
    assert node.data_to_send()[4] == 1
    silent = connection()
    assert silent.next_timer() == 10.0
    silent.handle_timer(now=10.0)
    assert silent.closed


def test_idle_connections_are_closed() -> None:
    node = greeted(idle_timeout=5.0)
    assert node.next_timer() == 5.0
    node.receive_data(struct.pack("<ihq", 10, 1, 7), now=4.0)
    node.data_to_send()
    node.handle_timer(now=8.0)
    assert not node.closed
    node.handle_timer(now=9.0)
    assert node.closed


def test_a_length_alone_reserves_nothing() -> None:
    node = greeted()
    node.receive_data(struct.pack("<i", 2**27), now=0.0)
    assert not node.closed
    node = greeted(max_frame=1000)
    node.receive_data(struct.pack("<i", 1001), now=0.0)
    assert node.closed


def test_an_unknown_operation_is_answered() -> None:
    node = greeted()
    for number, code in enumerate((9999, -1, 2007, 257, 8000, 9000)):
        node.receive_data(struct.pack("<ihq", 10, code, number), now=0.0)
        data = node.data_to_send()
        flags = struct.unpack_from("<h", data, 12)[0]
        assert struct.unpack_from("<i", data, 26 if flags & 2 else 14)[0] == 2
    assert not node.closed


def test_a_client_that_does_not_read_is_given_up() -> None:
    node = greeted(max_output=10_000)
    for number in range(2_000):
        node.receive_data(struct.pack("<ihq", 10, 1, number), now=0.0)
    assert node.closed
    assert node.data_to_send() == b""


# -- whatever comes ------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=80), max_size=8))
@settings(max_examples=200, deadline=None)
def test_any_bytes_before_a_handshake(chunks: list[bytes]) -> None:
    node = connection()
    for chunk in chunks:
        node.receive_data(chunk, now=0.0)
        node.data_to_send()


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(HANDLERS)), st.binary(max_size=120)),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=400, deadline=None)
def test_any_payload_of_any_operation(requests: list[tuple[int, bytes]]) -> None:
    node = greeted()
    for number, (code, payload) in enumerate(requests):
        frame = struct.pack("<ihq", 10 + len(payload), code, number) + payload
        node.receive_data(frame, now=0.0)
        if node.closed:
            break
        node.data_to_send()


@pytest.mark.parametrize("file", ["cache_ops.json", "cache_ops_extra.json", "transactions.json"])
@pytest.mark.parametrize("server", ["gridgain", "ignite"])
def test_real_requests_with_damage(file: str, server: str) -> None:
    """Bytes changed, cut out and doubled: an answer or the end, never an exception."""
    dice = random.Random(f"{file} {server}")
    replay = Replay(file, server)
    node = replay._connection(replay.rows[0])
    number = 0
    for row in replay.rows:
        if node.closed:
            node = replay._connection(row)
        request = bytearray.fromhex(row["request"])
        for _ in range(dice.randint(1, 3)):
            place = dice.randrange(14, len(request)) if len(request) > 14 else 0
            what = dice.randrange(3)
            if not place:
                break
            if what == 0:
                request[place] = dice.randrange(256)
            elif what == 1:
                del request[place : place + dice.randint(1, 8)]
            else:
                request[place:place] = request[place : place + dice.randint(1, 8)]
        struct.pack_into("<i", request, 0, len(request) - 4)
        number += 1
        node.receive_data(bytes(request), now=number * 0.001)
        node.data_to_send()
    assert number > 50


STATEMENTS = [
    "SELECT",
    "SELECT * FROM",
    "SELECT 1 FROM (SELECT 2",
    "((((((((((" * 50,
    "SELECT " + "(" * 5000 + "1" + ")" * 5000,
    "SELECT " + "-" * 5000 + "1",
    "SELECT " + "NOT " * 5000 + "TRUE",
    "SELECT " + " OR ".join(["1=1"] * 3000),
    "SELECT CASE" * 200,
    "SELECT 'abc",
    'SELECT "abc',
    "SELECT \x00",
    "SELECT 1e999999999",
    "SELECT 10000000000000000000000000000000000000000 + 1",
    "SELECT " + "9" * 5000 + " * " + "9" * 5000,
    "SELECT CAST('1e500000' AS DECIMAL) + 1",
    "SELECT CAST(1e400 AS DOUBLE)",
    "SELECT CAST(CAST(1e200 AS DOUBLE) * CAST(1e200 AS DOUBLE) AS BIGINT)",
    "SELECT ?",
    "INSERT INTO t VALUES",
    "INSERT INTO t VALUES (",
    "CREATE TABLE",
    "CREATE TABLE x (",
    "CREATE TABLE x (id INT PRIMARY KEY, v DECIMAL(99999999999999999999))",
    'CREATE TABLE x (id INT PRIMARY KEY, v INT) WITH "backups=many"',
    "UPDATE t SET",
    "DELETE FROM t WHERE",
    "DROP",
    "ALTER TABLE t ADD COLUMN",
    "SELECT id FROM t ORDER BY 99",
    "SELECT id FROM t LIMIT 'a'",
    "SELECT x.* FROM t",
    "SELECT 'a' LIKE 'a\\b'",
    "SELECT SUBSTRING('abc', -9223372036854775808, 9223372036854775807)",
    "SELECT CAST('99999-01-01' AS DATE)",
    "SELECT CAST('2020-02-31' AS DATE)",
    ";",
    "'",
    "🙂",
    "SELECT 🙂",
]


CREATE = "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR)"


def run(peer: Peer, statement: str, *args: Any) -> ServerError | None:
    """Run a statement; the error, if it is one."""
    try:
        peer.ask(QUERY_SQL_FIELDS, CacheHeader(0), SqlOptions(statement, args=args))
    except ServerError as exc:
        return exc
    return None


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda text: text[:30])
def test_statements_that_make_no_sense(statement: str) -> None:
    peer = Peer(one_node())
    run(peer, CREATE)
    failure = run(peer, statement)
    assert failure is None or failure.status == 1
    assert run(peer, "SELECT COUNT(*) FROM t") is None
    assert peer.ended is None


WORDS = (
    "SELECT FROM WHERE t id v , ( ) * + - / = < > ? 1 'a' \"ID\" AND OR NOT IN LIKE BETWEEN "
    "IS NULL CASE WHEN THEN ELSE END CAST AS INT VARCHAR COUNT SUM MAX GROUP BY ORDER LIMIT UNION "
    "JOIN ON INSERT INTO VALUES UPDATE SET DELETE CREATE TABLE INDEX DROP DISTINCT . ;"
)


@given(st.lists(st.sampled_from(WORDS.split()), max_size=14))
@settings(max_examples=300, deadline=None)
def test_any_words_in_any_order(words: list[str]) -> None:
    peer = Peer(one_node())
    run(peer, CREATE)
    for start in ("", "SELECT ", "SELECT id FROM t WHERE "):
        run(peer, start + " ".join(words), 1, "a", None)
    assert peer.ended is None


def test_a_name_that_has_no_id_is_an_error() -> None:
    """The hash of two NULs is 0, which is the id of no field."""
    peer = Peer(one_node())
    for field in (b"\x09\x02\x00\x00\x00\x00\x00", b"\x65"):
        pair = b"\x09\x01\x00\x00\x00T" + field
        properties = b"\x00\x00\x09\x01\x00\x00\x00c" + struct.pack("<hi", 401, 1) + pair
        payload = struct.pack("<ih", 0, 2) + properties
        reply = peer.answers.pop(peer.send(1053, payload))
        assert reply.status == 1
    assert peer.ended is None
