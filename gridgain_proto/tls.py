"""TLS as a transformation of bytes, so that every runtime encrypts alike.

:class:`TLSLayer` sits between the protocol and the network and does no I/O: ``ssl.MemoryBIO`` on
one side, plain bytes on the other.
"""

from __future__ import annotations

import contextlib
import ssl
from dataclasses import dataclass

from .exceptions import ConnectionFailed, HandshakeError, RemoteProtocolError

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
    """

    __slots__ = ("_incoming", "_node", "_object", "_outgoing", "ended", "established")

    def __init__(self, config: TLSConfig, node: str) -> None:
        self._node = node
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._object = config.context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=config.server_hostname
        )
        #: Whether TLS's own handshake is over; nothing can be encrypted before.
        self.established = False
        #: Whether the peer has said goodbye. GridGain and Ignite never do.
        self.ended = False
        self._handshake()

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the network and give what they say in the clear.

        Raises:
            HandshakeError: the TLS handshake failed.
            ConnectionFailed: the peer ended the connection with an alert.
            RemoteProtocolError: the bytes are not valid TLS.
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
            if "alert" in _reason(exc):
                # With TLS 1.3 a refused client certificate is known only now.
                raise ConnectionFailed(
                    f"{self._node} ended the TLS connection: {_reason(exc)}. "
                    "A client certificate that is missing or not trusted ends so."
                ) from exc
            raise RemoteProtocolError(f"invalid TLS: {_reason(exc)}") from exc
        return b"".join(plain) if len(plain) != 1 else plain[0]

    def send(self, data: bytes) -> None:
        """Encrypt bytes; :meth:`data_to_send` gives what goes to the network."""
        if data:
            self._object.write(data)

    def close(self) -> None:
        """Say goodbye in TLS's own words."""
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
