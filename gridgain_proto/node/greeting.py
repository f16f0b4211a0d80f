"""The server's side of the handshake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from struct import Struct
from typing import Final

from .. import scalars
from ..exceptions import DecodeError
from ..features import (
    CREDENTIALS_SINCE,
    FEATURE_BITS,
    FEATURES_SINCE,
    FLAGS_SINCE,
    V1_0_0,
    V1_1_0,
    V1_7_0,
    V1_7_1,
    Feature,
    Features,
    Product,
    ProtocolVersion,
    feature_bits,
    feature_bytes,
)
from .failures import AUTHENTICATION_FAILED, FAILED
from .reading import RequestReader

_VERSION: Final = Struct("<hhh")
_THIN_CLIENT: Final = 2

#: The versions that the newest servers know, newest first.
IGNITE_VERSIONS: Final = (
    V1_7_0,
    *(ProtocolVersion(1, minor, 0) for minor in range(6, -1, -1)),
)
GRIDGAIN_VERSIONS: Final = (V1_7_1, *IGNITE_VERSIONS)

#: What JDBC and ODBC clients are told that come with a version of the thin protocol.
_OTHER_CLIENTS: Final = {
    0: {
        Product.GRIDGAIN: ProtocolVersion(2, 8, 0),
        Product.IGNITE: ProtocolVersion(2, 13, 0),
    },
    1: {
        Product.GRIDGAIN: ProtocolVersion(2, 8, 3),
        Product.IGNITE: ProtocolVersion(2, 17, 0),
    },
}

#: The features of this node. What it does not have it does not promise: no compute, services,
#: index queries or entry processors.
KNOWN_FEATURES: Final = frozenset(
    {
        Feature.USER_ATTRIBUTES,
        Feature.CLUSTER_STATES,
        Feature.NODE_ENDPOINTS,
        Feature.DEFAULT_QUERY_TIMEOUT,
        Feature.QUERY_PARTITIONS_BATCH_SIZE,
        Feature.BINARY_CONFIGURATION,
        Feature.HEARTBEAT,
        Feature.ALL_AFFINITY_MAPPINGS,
        Feature.QUERY_LABEL,
        Feature.CACHE_AFFINITY_CONFIGURATION,
        Feature.FORCE_DEACTIVATION,
        Feature.CACHE_PLUGIN_CONFIGURATIONS,
    }
)


@dataclass(frozen=True, slots=True)
class Greeting:
    """A client's handshake.

    Attributes:
        version: the version that it offers.
        features: the bits that it offers.
        attributes: what it tells of itself.
        username: who it is.
        password: how it proves it.
    """

    version: ProtocolVersion
    features: frozenset[int] = frozenset()
    attributes: Mapping[str, object] = field(default_factory=dict)
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Denial:
    """A handshake that is refused: the answer's body."""

    body: bytes


def read_greeting(
    frame: bytes, product: Product, versions: tuple[ProtocolVersion, ...]
) -> Greeting | Denial:
    """Read a handshake, its length in front.

    Raises:
        DecodeError: the body is malformed; servers are silent then.
    """
    reader = RequestReader(frame, 5)
    version = ProtocolVersion(reader.int16(), reader.int16(), reader.int16())
    client = reader.int8()
    if client != _THIN_CLIENT:
        named = _OTHER_CLIENTS.get(client, {}).get(product, ProtocolVersion(0, 0, 0))
        return denial(version, named, "Unsupported client", FAILED)
    if version not in versions:
        return denial(version, versions[0], f"Unsupported version: {version}", FAILED)
    features: frozenset[int] = frozenset()
    if version >= FEATURES_SINCE:
        data, reader.pos = scalars.read_bytes(frame, reader.pos)
        features = feature_bits(data or b"")
    attributes: dict[str, object] = {}
    if version == V1_7_1 or (
        version == V1_7_0 and product is not Product.GRIDGAIN and 0 in features
    ):
        attributes = _attributes(reader)
    username = password = None
    if version >= CREDENTIALS_SINCE and reader.left:
        username, password = reader.string(), reader.string()
    return Greeting(version, features, attributes, username, password)


def _attributes(reader: RequestReader) -> dict[str, object]:
    code = reader.int8()
    if code == scalars.NULL:
        return {}
    if code != scalars.MAP:
        raise DecodeError("no map of attributes")
    count, reader.pos = scalars.read_count(reader.data, reader.pos, 2)
    if not 0 <= reader.int8() <= 2:
        raise DecodeError("a map of attributes of an unknown kind")
    return {reader.required("attribute"): reader.value() for _ in range(count)}


def denial(offered: ProtocolVersion, named: ProtocolVersion, message: str, status: int) -> Denial:
    """A refusal.

    Args:
        offered: the version that the client offered.
        named: the version that it is told.
        message: why.
        status: the status.
    """
    body = b"\x00" + _VERSION.pack(*named) + scalars.encode_string(message)
    if offered >= V1_1_0:
        body += scalars.INT32.pack(status)
    return Denial(body)


def check_user(greeting: Greeting, users: Mapping[str, str] | None) -> Denial | None:
    """Refuse who is not among the users; None if all is well."""
    if users is None:
        return None
    name = greeting.username
    if name and greeting.password is not None and users.get(name) == greeting.password:
        return None
    named = ProtocolVersion(0, 0, 0)
    words = "The user name or password is incorrect"
    return denial(greeting.version, named, words, AUTHENTICATION_FAILED)


def agree(
    greeting: Greeting, product: Product, known: frozenset[Feature], node_id: bytes
) -> tuple[Features, bytes]:
    """What both sides know, and the answer's body.

    Args:
        greeting: what the client offers.
        product: which server this is.
        known: the features of this server.
        node_id: the node's id, as it is written.
    """
    version = greeting.version
    bits = {
        feature: bit
        for feature, bit in FEATURE_BITS[product].items()
        if feature in known and bit in greeting.features
    }
    body = b"\x01"
    if version >= FEATURES_SINCE:
        body += scalars.encode_bytes(feature_bytes(bits.values()))
    if version >= FLAGS_SINCE:
        body += b"\x0a" + node_id
    active = frozenset(bits) if version >= FEATURES_SINCE else frozenset()
    return Features(product, version, active), body


NO_FEATURES: Final = Features(Product.UNKNOWN, V1_0_0)
