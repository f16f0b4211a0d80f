"""TLS as a transformation of bytes, so that every runtime encrypts alike.

:class:`TLSLayer` sits between the protocol and the network and does no I/O: ``ssl.MemoryBIO`` on
one side, plain bytes on the other.
"""

from __future__ import annotations

import contextlib
import ssl
from dataclasses import dataclass

from .exceptions import (
    ConnectionFailed,
    GridGainError,
    HandshakeError,
    ParameterError,
    RemoteProtocolError,
)

_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class TLSConfig:
    """How one connection is encrypted.

    Args:
        context: what is trusted, our own certificate, versions and ciphers.
        server_hostname: the name that the server's certificate has to bear, also sent as SNI;
            None if the context does not check names.
    """

    context: ssl.SSLContext
    server_hostname: str | None = None


class TLSLayer:
    """One connection's TLS.

    Args:
        config: how to encrypt.
        node: the node's address, for messages.

    Raises:
        ParameterError: there can be no TLS as it is configured.
    """

    __slots__ = (
        "_backlog",
        "_incoming",
        "_node",
        "_object",
        "_outgoing",
        "ended",
        "established",
        "failure",
    )

    def __init__(self, config: TLSConfig, node: str) -> None:
        self._node = node
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._backlog = b""  # what TLS could not take yet
        #: Whether TLS's own handshake is over; nothing can be encrypted before.
        self.established = False
        #: Whether nothing more can be received. GridGain and Ignite never say goodbye.
        self.ended = False
        #: Why it ended, unless the peer said goodbye.
        self.failure: GridGainError | None = None
        try:
            self._object = config.context.wrap_bio(
                self._incoming, self._outgoing, server_hostname=config.server_hostname
            )
            self._handshake()
        except (ValueError, ssl.SSLError, HandshakeError) as exc:
            raise ParameterError(f"TLS cannot be used as it is configured: {exc}") from exc

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the network and give what they say in the clear.

        After the handshake a failure does not take away what came before it: look at
        :attr:`ended` and :attr:`failure` when that is used.

        Raises:
            HandshakeError: the TLS handshake failed.
        """
        self._incoming.write(data)
        if not self.established:
            self._handshake()
            if not self.established:
                return b""
        plain: list[bytes] = []
        try:
            while chunk := self._object.read(_CHUNK):
                plain.append(chunk)
            self.ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.ended = True
        except ssl.SSLError as exc:
            self.ended = True
            if "alert" in _reason(exc):
                self.failure = ConnectionFailed(
                    f"{self._node} ended the TLS connection: {_reason(exc)}"
                )
            else:
                self.failure = RemoteProtocolError(f"invalid TLS: {_reason(exc)}")
            self.failure.__cause__ = exc
        return b"".join(plain) if len(plain) != 1 else plain[0]

    def send(self, data: bytes) -> None:
        """Encrypt bytes; :meth:`data_to_send` gives what goes to the network.

        Raises:
            ConnectionFailed: TLS is broken.
        """
        data = self._backlog + data
        self._backlog = b""
        if not data:
            return
        written = 0
        try:
            written = self._object.write(data)
        except ssl.SSLWantReadError:
            pass  # the peer asked for new keys; its next bytes allow to go on
        except ssl.SSLError as exc:
            raise ConnectionFailed(
                f"{self._node}: the TLS connection is broken: {_reason(exc)}"
            ) from exc
        if written < len(data):
            self._backlog = data[written:]

    def close(self) -> None:
        """Say goodbye in TLS's own words."""
        self._backlog = b""
        with contextlib.suppress(ssl.SSLError):  # the peer does not answer it, and need not
            self._object.unwrap()

    def data_to_send(self) -> bytes:
        """What has to go to the network."""
        return self._outgoing.read()

    def _handshake(self) -> None:
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLCertVerificationError as exc:
            raise HandshakeError(
                f"{self._node}: the server's certificate is not trusted: {exc.verify_message}"
            ) from exc
        except ssl.SSLError as exc:
            raise HandshakeError(
                f"{self._node}: the TLS handshake failed: {_reason(exc)}. "
                "Is TLS enabled on that port?"
            ) from exc
        self.established = True


def _reason(exc: ssl.SSLError) -> str:
    # SSLError's own text begins with "[SSL: REASON]" and ends with a line of OpenSSL's source.
    return (exc.reason or str(exc)).replace("_", " ").lower()
