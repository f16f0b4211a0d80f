"""Exchanges captured from real servers, carried out again on a node in memory."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gridgain_proto.features import (
    FEATURE_BITS,
    V1_7_0,
    V1_7_1,
    Product,
    ProtocolVersion,
    feature_bytes,
)
from gridgain_proto.handshake import encode_handshake
from gridgain_proto.node import Cluster, NodeConfig, NodeConnection

VECTORS = Path(__file__).parent.parent / "vectors"

PRODUCTS = {"gridgain": Product.GRIDGAIN, "ignite": Product.IGNITE}

#: Answers that begin with an id of the moment, and how long that is.
_IDS = {2000: 8, 2002: 8, 2004: 8, 2006: 8, 4000: 4}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: an error's status, a payload, nothing, or the end of the connection."""

    kind: str
    content: bytes | int | None = None


def parse(frame: bytes, code: int) -> Answer:
    """An answer; ids and topology left out."""
    flags = struct.unpack_from("<h", frame, 12)[0]
    pos = 26 if flags & 2 else 14
    if flags & 4:
        return Answer("notification")
    if flags & 1:
        return Answer("error", struct.unpack_from("<i", frame, pos)[0])
    return Answer("success", frame[pos + _IDS.get(code, 0) :])


def frames(data: bytes) -> Iterator[bytes]:
    """The frames that bytes are made of."""
    while data:
        size = 4 + int(struct.unpack_from("<i", data)[0])
        yield data[:size]
        data = data[size:]


class Replay:
    """A node that gets the requests of a file of exchanges.

    Args:
        file: the file's name.
        server: ``gridgain`` or ``ignite``.
    """

    def __init__(self, file: str, server: str) -> None:
        rows: list[dict[str, Any]] = json.loads((VECTORS / file).read_text(encoding="utf-8"))
        self.rows = [
            row
            for row in rows
            if row["server"].startswith(server)
            and row.get("request")
            and _version(row) >= (1, 4, 0)
        ]
        self.product = PRODUCTS[server]
        self.cluster = Cluster(NodeConfig(product=self.product))
        self._member = self.cluster.join("127.0.0.1", 10800, now=0.0)
        self._connections: dict[Any, NodeConnection] = {}
        self._now = 0.0

    def run(self) -> Iterator[tuple[dict[str, Any], Answer, Answer]]:
        """Each exchange, what the node answers, and what the server answered."""
        for row in self.rows:
            # Time goes on between the requests, as it did.
            self._now += 0.01
            code = row["code"]
            connection = self._connection(row)
            connection.receive_data(bytes.fromhex(row["request"]), now=self._now)
            answers = [parse(frame, code) for frame in frames(connection.data_to_send())]
            answers = [answer for answer in answers if answer.kind != "notification"]
            silence = Answer("closed" if connection.closed else "silence")
            found = answers[0] if answers else silence
            wanted = Answer("closed")
            if row["response"] is not None:
                wanted = parse(bytes.fromhex(row["response"]), code)
            yield row, found, wanted

    def _connection(self, row: dict[str, Any]) -> NodeConnection:
        version = _version(row)
        bits = frozenset(row.get("features") or ())
        known = self._connections.get((version, bits))
        if known is not None and not known.closed:
            return known
        connection = self.cluster.connect(self._member, now=self._now)
        with_attributes = version == V1_7_1 or (
            version == V1_7_0 and self.product is Product.IGNITE and 0 in bits
        )
        greeting = encode_handshake(
            version, features=feature_bytes(bits), with_attributes=with_attributes
        )
        connection.receive_data(greeting, now=self._now)
        connection.data_to_send()
        if version >= V1_7_0:
            # The requests are laid out by what the server agreed to, which is more than the node's.
            names = {bit: feature for feature, bit in FEATURE_BITS[self.product].items()}
            active = frozenset(names[bit] for bit in bits if bit in names)
            connection.features = replace(connection.features, active=active)
        self._connections[version, bits] = connection
        return connection


def _version(row: dict[str, Any]) -> ProtocolVersion:
    return ProtocolVersion(*map(int, row["protocol"].split(".")))
