"""The handshake: which version and features both sides speak, and who we are.

The newest version of GridGain is offered first. A server that does not know it refuses on the
version alone and names its own, which tells the products apart: a refusal that names 1.7.0 comes
from Apache Ignite, and is followed by a second handshake in Ignite's dialect on the same
connection. The two dialects must not be mixed up: a body that the server cannot parse gets no
answer at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from . import scalars
from .exceptions import (
    AuthenticationError,
    DecodeError,
    HandshakeError,
    ParameterError,
    RemoteProtocolError,
)
from .features import (
    CREDENTIALS_SINCE,
    FEATURE_BITS,
    FEATURES_SINCE,
    FLAGS_SINCE,
    IMPLEMENTED_FEATURES,
    MAX_FEATURE_BYTES,
    SUPPORTED_VERSIONS,
    V1_7_0,
    V1_7_1,
    Feature,
    Features,
    Product,
    ProtocolVersion,
    feature_bits,
    feature_bytes,
)

HANDSHAKE_CODE = 1
THIN_CLIENT = 2

STATUS_NODE_STARTING = 11
STATUS_AUTHENTICATION_FAILED = 2000
STATUS_NOT_AUTHORIZED = 1012


@dataclass(frozen=True, kw_only=True)
class HandshakeConfig:
    """Who we are and what we offer.

    Args:
        username: the user's name, any Unicode; None for no authentication.
        password: the user's password, any Unicode.
        user_attributes: strings that the server keeps with the connection and gives to its
            security plugins.
        first_version: where the negotiation begins. Beginning at 1.7.0 saves an Apache Ignite
            server one round trip and leaves the product unknown, with fewer features.
        features: what to offer, as far as the product knows it.

    Raises:
        ParameterError: a password without a user name, or a version that is not spoken here.
    """

    username: str | None = None
    password: str | None = field(default=None, repr=False)
    user_attributes: Mapping[str, str] = field(default_factory=dict)
    first_version: ProtocolVersion = V1_7_1
    features: frozenset[Feature] = IMPLEMENTED_FEATURES

    def __post_init__(self) -> None:
        if self.password is not None and self.username is None:
            raise ParameterError("password is given without a username")
        if self.first_version not in SUPPORTED_VERSIONS:
            raise ParameterError(f"first_version: {self.first_version} is not supported")


@dataclass(frozen=True, slots=True)
class Accepted:
    """The node accepted the handshake: its answer to the features, and its id."""

    features: bytes
    node_id: UUID | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The node refused the handshake."""

    server_version: ProtocolVersion
    message: str | None
    status: int


def encode_handshake(
    version: ProtocolVersion,
    *,
    features: bytes = b"",
    with_attributes: bool = False,
    attributes: Mapping[str, str] | None = None,
    username: str | None = None,
    password: str | None = None,
) -> bytes:
    """The frame of a handshake request.

    Args:
        version: the version to offer.
        features: the wire form of the features to offer, used from 1.7.0 on.
        with_attributes: whether a map of attributes stands in the body, be it null. The caller
            has to know what the server expects.
        attributes: the user's attributes.
        username: left out together with the password if None.
        password: null on the wire if None.

    Raises:
        EncodeError: a string has a lone surrogate.
    """
    parts = [
        bytes([HANDSHAKE_CODE]),
        b"".join(map(scalars.INT16.pack, version)),
        bytes([THIN_CLIENT]),
    ]
    if version >= FEATURES_SINCE:
        parts.append(scalars.encode_bytes(features))
    if with_attributes:
        parts.append(scalars.encode_string_map(attributes, "user_attributes"))
    if username is not None and version >= CREDENTIALS_SINCE:
        parts.append(scalars.encode_string(username, "username"))
        parts.append(scalars.encode_string(password, "password"))
    body = b"".join(parts)
    return scalars.INT32.pack(len(body)) + body


def decode_handshake_response(frame: bytes, version: ProtocolVersion) -> Accepted | Refused:
    """Read the answer to a handshake that offered ``version``.

    Args:
        frame: the whole frame, its length in front.
        version: what was offered; the answer's layout depends on it.

    Raises:
        DecodeError: the frame is no answer to a handshake.
    """
    success, pos = scalars.read_int8(frame, 4)
    if success == 1:
        features: bytes | None = b""
        node_id = None
        if version >= FEATURES_SINCE:
            features, pos = scalars.read_bytes(frame, pos)
        if version >= FLAGS_SINCE:
            node_id, pos = scalars.read_uuid(frame, pos)
        return Accepted(features or b"", node_id)
    if success != 0:
        raise DecodeError(f"{success} where 1 for success or 0 for failure should be")
    numbers = []
    for _ in range(3):
        number, pos = scalars.read_int16(frame, pos)
        numbers.append(number)
    message, pos = scalars.read_string(frame, pos)
    status = 1
    if pos < len(frame):
        status, pos = scalars.read_int32(frame, pos)
    return Refused(ProtocolVersion(*numbers), message, status)


class Negotiation:
    """One connection's handshakes, from the first offer to an agreement.

    Args:
        config: who we are and what we offer.
        node: the node's address, for messages.
    """

    def __init__(self, config: HandshakeConfig, node: str) -> None:
        self._config = config
        self._node = node
        self._offered: list[ProtocolVersion] = []
        self._version = config.first_version
        self._product = Product.GRIDGAIN if self._version == V1_7_1 else Product.UNKNOWN

    def request(self) -> bytes:
        """The frame to send next.

        Raises:
            EncodeError: a string of the configuration has a lone surrogate.
        """
        self._offered.append(self._version)
        bits = FEATURE_BITS[self._product]
        offered = {bits[feature] for feature in self._config.features if feature in bits}
        # GridGain reads the map at 1.7.1 whatever the bits say, Ignite if its bit is offered.
        with_attributes = self._version == V1_7_1 or (
            self._product is Product.IGNITE and Feature.USER_ATTRIBUTES in self._config.features
        )
        return encode_handshake(
            self._version,
            features=feature_bytes(offered),
            with_attributes=with_attributes,
            attributes=self._config.user_attributes,
            username=self._config.username,
            password=self._config.password,
        )

    def answer(self, frame: bytes) -> tuple[Features, UUID | None] | None:
        """Read the node's answer.

        Returns:
            what was agreed and the node's id, or None if `request` has to be sent again.

        Raises:
            AuthenticationError: user name or password refused.
            HandshakeError: refused for another reason.
            RemoteProtocolError: what answers is no node.
        """
        try:
            answer = decode_handshake_response(frame, self._version)
        except DecodeError as exc:
            raise RemoteProtocolError(f"not an answer to a handshake: {exc}") from None
        if isinstance(answer, Accepted):
            # The answer is the intersection already; it is intersected again because whatever is
            # active here decides how requests are laid out.
            known = feature_bits(answer.features[:MAX_FEATURE_BYTES])
            bits = FEATURE_BITS[self._product]
            active = frozenset(
                feature for feature in self._config.features if bits.get(feature, -1) in known
            )
            return Features(self._product, self._version, active), answer.node_id
        self._next_version(answer)
        return None

    def _next_version(self, refusal: Refused) -> None:
        words = (refusal.message or "no reason given").splitlines()[0]
        if refusal.status in (STATUS_AUTHENTICATION_FAILED, STATUS_NOT_AUTHORIZED):
            raise AuthenticationError(f"{self._node} refused the user name or password: {words}")
        if refusal.status == STATUS_NODE_STARTING:
            raise HandshakeError(f"{self._node} is still starting: {words}")
        version = refusal.server_version
        if version == (0, 0, 0) or version in self._offered:
            raise HandshakeError(f"{self._node} refused the connection: {words}")
        # Only a refusal is a way down; no server names a newer version than it was offered.
        if version not in SUPPORTED_VERSIONS or version > self._version:
            raise HandshakeError(
                f"{self._node} speaks protocol {version}, which is not supported: {words}"
            )
        if version == V1_7_0:
            self._product = Product.IGNITE
        else:
            self._product = Product.UNKNOWN
        self._version = version
