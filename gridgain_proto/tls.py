"""TLS as a transformation of bytes, so that every runtime encrypts alike.

`TLSLayer` sits between the protocol and the network and does no I/O: ``ssl.MemoryBIO`` on
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

    Raises:
        ParameterError: the context checks names and there is none.
    """

    context: ssl.SSLContext
    server_hostname: str | None = None

    def __post_init__(self) -> None:
        # Without a name ssl.SSLContext.wrap_bio() checks none, and says nothing.
        if self.context.check_hostname and not self.server_hostname:
            raise ParameterError("TLS: the context checks names, and there is no server_hostname")


# The constants of the ssl module that name one version, by their values: asking the module for
# them by name is deprecated.
_PINNED_VERSIONS = {
    3: ssl.TLSVersion.TLSv1,
    4: ssl.TLSVersion.TLSv1_1,
    5: ssl.TLSVersion.TLSv1_2,
}
_ANY_VERSION = (int(ssl.PROTOCOL_TLS_CLIENT), 2)  # 2 is PROTOCOL_TLS


def client_context(
    *,
    certfile: str | None = None,
    keyfile: str | None = None,
    keyfile_password: str | None = None,
    ca_certfile: str | None = None,
    cert_reqs: ssl.VerifyMode | None = None,
    check_hostname: bool | None = None,
    version: int | None = None,
    ciphers: str | None = None,
) -> ssl.SSLContext:
    """A client's context, strict unless told otherwise.

    Args:
        certfile: path of our own certificate.
        keyfile: path of its private key, if that is not in the same file.
        keyfile_password: the private key's password.
        ca_certfile: path of the certificates to trust; the system's by default.
        cert_reqs: whether the server's certificate is verified; ``ssl.CERT_REQUIRED`` by default.
        check_hostname: whether its name is; by default if the certificate is.
        version: an ``ssl.TLSVersion`` or a ``ssl.PROTOCOL_…`` constant; 1.2 and up by default.
        ciphers: the ciphers to allow, in OpenSSL's notation.

    Raises:
        ParameterError: a file cannot be read, or a value is wrong; the message names the option.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if version is not None and version not in _ANY_VERSION:
        try:
            pinned = _PINNED_VERSIONS.get(version) or ssl.TLSVersion(version)
            context.minimum_version = context.maximum_version = pinned
        except ValueError:
            raise ParameterError(f"ssl_version: {version!r} is no TLS version") from None
    else:
        # Some builds of Python, such as Debian's, leave the minimum to OpenSSL, and so have none.
        context.minimum_version = max(context.minimum_version, ssl.TLSVersion.TLSv1_2)
    try:
        mode = ssl.CERT_REQUIRED if cert_reqs is None else ssl.VerifyMode(cert_reqs)
    except ValueError:
        raise ParameterError(f"ssl_cert_reqs: {cert_reqs!r} is not one of ssl.CERT_…") from None
    if check_hostname and mode is ssl.CERT_NONE:
        raise ParameterError("ssl_check_hostname needs ssl_cert_reqs other than CERT_NONE")
    context.check_hostname = mode is not ssl.CERT_NONE and check_hostname is not False
    context.verify_mode = mode
    if keyfile is not None and certfile is None:
        raise ParameterError("ssl_keyfile is given without ssl_certfile")
    if certfile is not None:
        try:
            context.load_cert_chain(certfile, keyfile, keyfile_password)
        except (OSError, ValueError) as exc:
            files = certfile if keyfile is None else f"{certfile}, {keyfile}"
            raise ParameterError(f"ssl_certfile, ssl_keyfile: {files}: {_words(exc)}") from exc
    if ca_certfile is not None:
        try:
            context.load_verify_locations(ca_certfile)
        except OSError as exc:
            raise ParameterError(f"ssl_ca_certfile: {ca_certfile}: {_words(exc)}") from exc
    elif mode is not ssl.CERT_NONE:
        context.load_default_certs()
    if ciphers is not None:
        try:
            context.set_ciphers(ciphers)
        except ssl.SSLError:
            raise ParameterError(f"ssl_ciphers: no cipher matches {ciphers!r}") from None
    return context


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
        except (TypeError, ValueError, ssl.SSLError, HandshakeError) as exc:
            raise ParameterError(f"TLS cannot be used as it is configured: {exc}") from exc

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the network and give what they say in the clear.

        After the handshake a failure does not take away what came before it: look at
        `ended` and `failure` when that is used.

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
        """Encrypt bytes; `data_to_send` gives what goes to the network.

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


def _words(exc: Exception) -> str:
    if not isinstance(exc, ssl.SSLError):
        return (exc.strerror if isinstance(exc, OSError) else None) or str(exc)
    if exc.reason is None and "PEM" in str(exc).upper():  # all that OpenSSL says of such a file
        return "no certificate, or no key, in the PEM format"
    return _reason(exc)


def _reason(exc: ssl.SSLError) -> str:
    # SSLError's own text begins with "[SSL: REASON]" and ends with a line of OpenSSL's source.
    return (getattr(exc, "reason", None) or str(exc)).replace("_", " ").lower()
