"""Certificates for TLS nodes, made anew for each test run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PKCS12Certificate,
    serialize_java_truststore,
    serialize_key_and_certificates,
)

STORE_PASSWORD = "for-tests-only"


@dataclass(frozen=True)
class TlsFiles:
    """Key material as files.

    Attributes:
        ca: The authority's certificate, PEM; a client trusts servers by it.
        client_cert: A client's certificate, PEM, signed by the authority.
        client_key: Its private key, PEM.
        other_ca: An authority that signed nothing here, PEM.
        other_cert: A client's certificate that the other authority signed, PEM.
        other_key: Its private key, PEM.
        server: The server's private key and certificates, PEM.
        key_store: The same for Java, PKCS #12.
        trust_store: The authority's certificate for Java, PKCS #12.
    """

    ca: Path
    client_cert: Path
    client_key: Path
    other_ca: Path
    other_cert: Path
    other_key: Path
    server: Path
    key_store: Path
    trust_store: Path

    @classmethod
    def create(cls, folder: Path) -> TlsFiles:
        """Makes an authority, a server's certificate for this machine and a client's.

        Args:
            folder: Where the files go.
        """
        folder.mkdir(parents=True, exist_ok=True)
        files = cls(
            ca=folder / "ca.pem",
            client_cert=folder / "client.pem",
            client_key=folder / "client.key",
            other_ca=folder / "other-ca.pem",
            other_cert=folder / "other-client.pem",
            other_key=folder / "other-client.key",
            server=folder / "server.pem",
            key_store=folder / "server.p12",
            trust_store=folder / "trust.p12",
        )
        authority = trustme.CA(organization_name="Live nodes")
        authority.cert_pem.write_to_path(files.ca)
        _write_client(authority, files.client_cert, files.client_key)
        stranger = trustme.CA(organization_name="Somebody else")
        stranger.cert_pem.write_to_path(files.other_ca)
        _write_client(stranger, files.other_cert, files.other_key)

        server = authority.issue_cert("localhost", "127.0.0.1", "::1")
        server.private_key_and_cert_chain_pem.write_to_path(files.server)
        key = load_pem_private_key(server.private_key_pem.bytes(), None)
        if not isinstance(key, EllipticCurvePrivateKey):
            raise TypeError(f"not the kind of key that trustme makes: {type(key).__name__}")
        chain = [x509.load_pem_x509_certificate(pem.bytes()) for pem in server.cert_chain_pems]
        root = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
        protection = BestAvailableEncryption(STORE_PASSWORD.encode())
        files.key_store.write_bytes(
            serialize_key_and_certificates(b"server", key, chain[0], [*chain[1:], root], protection)
        )
        files.trust_store.write_bytes(
            serialize_java_truststore([PKCS12Certificate(root, b"authority")], protection)
        )
        return files


def _write_client(authority: trustme.CA, cert: Path, key: Path) -> None:
    client = authority.issue_cert("client.example")
    client.private_key_pem.write_to_path(key)
    for index, pem in enumerate(client.cert_chain_pems):
        pem.write_to_path(cert, append=index > 0)
