"""What the captured handshakes mean, by the names of the vectors."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from gridgain_proto import Feature, HandshakeConfig, Product, ProtocolVersion
from gridgain_proto.exceptions import AuthenticationError, HandshakeError
from gridgain_proto.features import FEATURE_BITS
from gridgain_proto.handshake import Accepted, Refused

from .support import handshake_vectors

VECTORS = handshake_vectors()

IGNITE_ID = UUID("64bfc275-8912-4a04-941c-6e7c8cb9f679")
IGNITE_AUTH_ID = UUID("90f73931-01d9-46aa-8824-cdae66d02942")
GRIDGAIN_ID = UUID("1ba2cebb-f765-4578-b7d8-6913b09f6768")
GRIDGAIN_AUTH_ID = UUID("c5980bc6-08ad-48ba-b6ac-3cc6b82ba06d")

SAFE = frozenset(FEATURE_BITS[Product.UNKNOWN])


def version(text: str) -> ProtocolVersion:
    major, minor, patch = map(int, text.split("."))
    return ProtocolVersion(major, minor, patch)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """How the request is made by ``encode_handshake``."""

    version: ProtocolVersion
    features: bytes = b""
    with_attributes: bool = False
    attributes: dict[str, str] | None = None
    username: str | None = None
    password: str | None = None


@dataclass(frozen=True, kw_only=True)
class Case:
    """One captured handshake."""

    offered: ProtocolVersion
    "The version in the request."

    answer: Accepted | Refused | None
    "The meaning of the response; None if there was none."

    offer: Offer | None = None
    "None if this client never sends such a request."

    config: HandshakeConfig | None = None
    "The configuration that makes a connection send this request, if one does."

    product: Product = Product.UNKNOWN
    "What a connection takes the server for."

    error: type[Exception] | None = None
    "What it comes to on a connection of that configuration; None for success."

    after: bytes = field(default=b"", repr=False)
    "The refusal after which the connection sends this request."


def accepted(features: str, node_id: UUID | None) -> Accepted:
    return Accepted(bytes.fromhex(features), node_id)


def refused(named: str, words: str, status: int = 1) -> Refused:
    return Refused(version(named), words, status)


WHOLE_MASK = b"\xff" * 8
FECB = b"\xfe\xcb"
DISABLED = (
    "Thin client connection is not allowed, see ClientConnectorConfiguration.thinClientEnabled."
)
WRONG_USER = "The user name or password is incorrect [userName={}]"


def plain(text: str, answer: Accepted | Refused | None, *, credentials: bool = False) -> Case:
    """A handshake without features."""
    user = "ignite" if credentials else None
    offered = version(text)
    return Case(
        offered=offered,
        answer=answer,
        offer=Offer(version=offered, username=user, password=user),
        config=HandshakeConfig(first_version=offered, username=user, password=user)
        if offered >= (1, 2, 0)
        else None,
    )


def safe(
    text: str,
    answer: Accepted | Refused,
    *,
    user: str | None = None,
    password: str | None = None,
    error: type[Exception] | None = None,
) -> Case:
    """A handshake that offers what both products understand alike."""
    offered = version(text)
    newest = offered == (1, 7, 1)
    return Case(
        offered=offered,
        answer=answer,
        offer=Offer(
            version=offered,
            features=FECB,
            with_attributes=newest,
            username=user,
            password=password,
        ),
        config=HandshakeConfig(
            first_version=offered, features=SAFE, username=user, password=password
        ),
        product=Product.GRIDGAIN if newest else Product.UNKNOWN,
        error=error,
    )


def encoded(answer: Accepted | Refused | None, offer: Offer) -> Case:
    """A handshake that only ``encode_handshake`` makes."""
    return Case(offered=offer.version, answer=answer, offer=offer)


def foreign(text: str, answer: Refused | Accepted | None) -> Case:
    """A handshake that this client has no way to send."""
    return Case(offered=version(text), answer=answer)


REFUSED_1_7_1 = VECTORS[
    "ignite: handshake 1.7.1 refused, then 1.7.0 accepted on the same connection"
].responses[0]

IGNITE = {
    "handshake 1.0.0, accepted": plain("1.0.0", accepted("", None)),
    "handshake 1.4.0, accepted": plain("1.4.0", accepted("", IGNITE_ID)),
    "handshake 1.6.0 with credentials, server without authentication": plain(
        "1.6.0", accepted("", IGNITE_ID), credentials=True
    ),
    "handshake 1.7.0, features FE CB, no map, accepted": safe("1.7.0", accepted("fecb", IGNITE_ID)),
    "handshake 1.7.0, null feature array, accepted": foreign("1.7.0", accepted("", IGNITE_ID)),
    "handshake 1.7.0, bits 0-63 offered, null map, accepted": encoded(
        accepted("ffff0b", IGNITE_ID),
        Offer(version=version("1.7.0"), features=WHOLE_MASK, with_attributes=True),
    ),
    "handshake 1.7.0, bits 0-2, map {a: b}, accepted": Case(
        offered=version("1.7.0"),
        answer=accepted("07", IGNITE_ID),
        offer=Offer(
            version=version("1.7.0"),
            features=b"\x07",
            with_attributes=True,
            attributes={"a": "b"},
        ),
        config=HandshakeConfig(
            features=frozenset(
                {
                    Feature.USER_ATTRIBUTES,
                    Feature.EXECUTE_TASK_BY_NAME,
                    Feature.CLUSTER_STATES,
                    Feature.VECTOR_SIMILARITY,  # not Ignite's
                }
            ),
            user_attributes={"a": "b"},
        ),
        product=Product.IGNITE,
        after=REFUSED_1_7_1,
    ),
    "handshake 1.7.0 with bit 0 but without the map": encoded(
        None, Offer(version=version("1.7.0"), features=b"\x07")
    ),
    "handshake 1.8.0, refused": foreign("1.8.0", refused("1.7.0", "Unsupported version: 1.8.0")),
    "handshake 1.0.1, refused": plain("1.0.1", refused("1.7.0", "Unsupported version: 1.0.1")),
    "handshake 3.0.0": foreign("3.0.0", None),
    "handshake 1.7.0 with client code 3, refused": foreign(
        "1.7.0", refused("0.0.0", "Unknown client type: 3")
    ),
    "handshake 1.7.0 with client code 1 (JDBC), refused": foreign(
        "1.7.0", refused("2.17.0", "Unsupported version: 1.7.0")
    ),
    "handshake while thin clients are disabled, refused": safe(
        "1.7.0", refused("1.7.0", DISABLED), error=HandshakeError
    ),
    "handshake with a node that is still starting, refused": safe(
        "1.7.0", refused("1.7.0", "Node in recovery mode.", 11), error=HandshakeError
    ),
    "handshake 1.7.0, right credentials, authentication on": safe(
        "1.7.0", accepted("fecb", IGNITE_AUTH_ID), user="ignite", password="ignite"
    ),
    "handshake 1.7.0, wrong password, refused": safe(
        "1.7.0",
        refused("0.0.0", WRONG_USER.format("ignite"), 2000),
        user="ignite",
        password="wrong",
        error=AuthenticationError,
    ),
    "handshake 1.7.0, no credentials, refused": safe(
        "1.7.0", refused("0.0.0", WRONG_USER.format("null"), 2000), error=AuthenticationError
    ),
    "handshake 1.0.0, authentication on, refused": plain(
        "1.0.0", refused("0.0.0", WRONG_USER.format("null"))
    ),
}

GRIDGAIN = {
    "handshake 1.4.0, accepted": plain("1.4.0", accepted("", GRIDGAIN_ID)),
    "handshake 1.7.0, features FE CB, no map, accepted": safe(
        "1.7.0", accepted("fecb", GRIDGAIN_ID)
    ),
    "handshake 1.7.0, bits 0-63 offered, no map, accepted": encoded(
        accepted("ffcb0b0007", GRIDGAIN_ID),
        Offer(version=version("1.7.0"), features=WHOLE_MASK),
    ),
    "handshake 1.7.1, bits 0-63 offered, null map, accepted": encoded(
        accepted("ffcb0b0007", GRIDGAIN_ID),
        Offer(version=version("1.7.1"), features=WHOLE_MASK, with_attributes=True),
    ),
    "handshake 1.7.1, bits 0-9,11,14-17,19,32-34, map {client.timezone: UTC}, accepted": Case(
        offered=version("1.7.1"),
        answer=accepted("ffcb0b0007", GRIDGAIN_ID),
        offer=Offer(
            version=version("1.7.1"),
            features=bytes.fromhex("ffcb0b0007"),
            with_attributes=True,
            attributes={"client.timezone": "UTC"},
        ),
        config=HandshakeConfig(
            features=frozenset(Feature), user_attributes={"client.timezone": "UTC"}
        ),
        product=Product.GRIDGAIN,
    ),
    "handshake 1.7.1 without the map": encoded(
        None, Offer(version=version("1.7.1"), features=FECB)
    ),
    "handshake 1.7.0 with bit 0 and a null map (the Ignite layout)": encoded(
        None, Offer(version=version("1.7.0"), features=b"\x07", with_attributes=True)
    ),
    "handshake 1.8.0, refused": foreign("1.8.0", refused("1.7.1", "Unsupported version: 1.8.0")),
    "handshake 1.7.0 with client code 1 (JDBC), refused": foreign(
        "1.7.0", refused("2.8.3", "Unsupported version: 1.7.0")
    ),
    "handshake while thin clients are disabled, refused": safe(
        "1.7.1", refused("1.7.1", DISABLED), error=HandshakeError
    ),
    "handshake 1.7.1, right credentials, authentication on": safe(
        "1.7.1", accepted("fecb", GRIDGAIN_AUTH_ID), user="ignite", password="ignite"
    ),
    "handshake 1.7.1, wrong password, refused": safe(
        "1.7.1",
        refused("0.0.0", WRONG_USER.format("ignite"), 2000),
        user="ignite",
        password="wrong",
        error=AuthenticationError,
    ),
    "handshake 1.7.1, no credentials, refused": safe(
        "1.7.1",
        refused("0.0.0", "Unauthenticated sessions are prohibited.", 2000),
        error=AuthenticationError,
    ),
}

#: Every capture of one handshake.
CASES = {
    **{f"ignite: {name}": case for name, case in IGNITE.items()},
    **{f"gridgain: {name}": case for name, case in GRIDGAIN.items()},
}

#: Captures of two frames each way, which have tests of their own.
TWO_STEPS = "ignite: handshake 1.7.1 refused, then 1.7.0 accepted on the same connection"
HEARTBEAT_TOO_EARLY = "ignite: heartbeat sent after a refused handshake"
TWO_HANDSHAKES = "gridgain: second handshake frame after an accepted one"
