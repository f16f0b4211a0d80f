"""The checklist's rows on TLS, authentication and authorization."""

from __future__ import annotations

import ssl
import warnings

import pytest

from gridgain_proto.client.options import ClientOptions
from gridgain_proto.exceptions import (
    AuthenticationError,
    AuthorizationError,
    InsecureConnectionWarning,
    ParameterError,
    ReconnectError,
)
from gridgain_proto.operations.cache import CACHE_GET
from gridgain_proto.operations.operation import STATUS_SECURITY_VIOLATION
from gridgain_sync import Client
from tests.ignite import Node, TlsFiles

from . import snippets
from .conftest import host_and_port


def paths(files: TlsFiles) -> dict[str, str]:
    return {
        "/path/to/key/file": str(files.client_key),
        "/path/to/client/cert": str(files.client_cert),
        "/path/to/trusted/cert/or/chain": str(files.ca),
    }


def test_row_116_the_example_of_tls(
    mutual_tls_node: Node, tls_files: TlsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, _ = snippets.run(snippets.TLS, mutual_tls_node, monkeypatch, paths=paths(tls_files))
    client = names["client"]
    assert client.get_cache_names() == []
    client.close()
    wrong = {**paths(tls_files), "/path/to/trusted/cert/or/chain": str(tls_files.other_ca)}
    with pytest.raises(ReconnectError, match="certificate"):
        snippets.run(snippets.TLS, mutual_tls_node, monkeypatch, paths=wrong)


def test_row_117_both_sides_have_to_speak_it(tls_node: Node, ignite_node: Node) -> None:
    with pytest.raises(ReconnectError, match="TLS"):
        Client(timeout=10).connect(*host_and_port(tls_node))
    with pytest.raises(ReconnectError, match="TLS"):
        Client(timeout=10, use_ssl=True, ssl_cert_reqs=ssl.CERT_NONE).connect(
            *host_and_port(ignite_node)
        )


def test_row_118_paths(tls_files: TlsFiles) -> None:
    with pytest.raises(ParameterError, match="ssl_certfile"):
        Client(ssl_keyfile=str(tls_files.client_key))
    with pytest.raises(ParameterError, match="ssl_ca_certfile"):
        Client(ssl_ca_certfile="no such file")


def test_row_119_verification(tls_node: Node, tls_files: TlsFiles) -> None:
    # The default is safer than the guide's, which is in the list of deliberate differences.
    context = ClientOptions(use_ssl=True).context
    assert context is not None
    assert context.verify_mode == ssl.CERT_REQUIRED
    for reqs in (ssl.CERT_NONE, ssl.CERT_OPTIONAL, ssl.CERT_REQUIRED):
        with Client(
            timeout=10, use_ssl=True, ssl_cert_reqs=reqs, ssl_ca_certfile=str(tls_files.ca)
        ).connect("localhost", host_and_port(tls_node)[1]) as client:
            assert isinstance(client.get_cache_names(), list)
    with Client(timeout=10, use_ssl=True, ssl_cert_reqs=ssl.CERT_NONE).connect(
        *host_and_port(tls_node)
    ) as client:
        assert isinstance(client.get_cache_names(), list)
    with pytest.raises(ReconnectError, match="certificate"):
        Client(timeout=10, use_ssl=True).connect(*host_and_port(tls_node))


def test_rows_120_121_versions_and_ciphers(tls_node: Node, tls_files: TlsFiles) -> None:
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3, ssl.PROTOCOL_TLS_CLIENT):
        with Client(timeout=10, ssl_ca_certfile=str(tls_files.ca), ssl_version=version).connect(
            "localhost", host_and_port(tls_node)[1]
        ) as client:
            assert isinstance(client.get_cache_names(), list)
    with Client(
        timeout=10,
        ssl_ca_certfile=str(tls_files.ca),
        ssl_version=ssl.TLSVersion.TLSv1_2,
        ssl_ciphers="ECDHE-ECDSA-AES256-GCM-SHA384",
    ).connect("localhost", host_and_port(tls_node)[1]) as client:
        assert isinstance(client.get_cache_names(), list)
    with pytest.raises(ParameterError, match="ssl_ciphers"):
        Client(use_ssl=True, ssl_ciphers="no such cipher")


def test_rows_122_123_credentials_turn_tls_on(
    mutual_tls_node: Node, tls_files: TlsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, _ = snippets.run(
        snippets.AUTHENTICATION, mutual_tls_node, monkeypatch, paths=paths(tls_files)
    )
    assert names["client"].get_cache_names() == []
    names["client"].close()
    assert ClientOptions(username="ignite", password="ignite").context is not None
    with pytest.warns(InsecureConnectionWarning, match="without encryption"):
        assert ClientOptions(username="u", password="p", use_ssl=False).context is None


def test_row_124_credentials_without_tls(auth_node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureConnectionWarning)
        names, _ = snippets.run(snippets.AUTHENTICATION_WITHOUT_TLS, auth_node, monkeypatch)
        assert isinstance(names["client"].get_cache_names(), list)
        names["client"].close()
        with pytest.raises(AuthenticationError):
            Client(timeout=10, username="ignite", password="wrong", use_ssl=False).connect(
                *host_and_port(auth_node)
            )


def test_row_125_what_the_user_may_not_do_is_its_own_error() -> None:
    error = CACHE_GET(None, (1, None))._error(STATUS_SECURITY_VIOLATION, "Authorization failed")
    assert isinstance(error, AuthorizationError)
    assert "Authorization failed" in str(error)
