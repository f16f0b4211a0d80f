"""A client's options."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import gridgain_asyncio
import gridgain_sync
import gridgain_trio
from gridgain_proto.client.options import ClientKeywords, ClientOptions, make_options
from gridgain_proto.client.runtime import Address, Endpoint
from gridgain_proto.exceptions import InsecureConnectionWarning, ParameterError

ENDPOINT = Endpoint("localhost", 10800)
ADDRESS = Address(2, ("127.0.0.1", 10800))


def test_the_keywords_are_the_options() -> None:
    options = {field.name for field in fields(ClientOptions) if field.init}
    assert set(get_type_hints(ClientKeywords, None, {"ssl": ssl})) == options
    hints = get_type_hints(ClientOptions, None, {"ssl": ssl})
    for name, hint in get_type_hints(ClientKeywords, None, {"ssl": ssl}).items():
        assert hints[name] == hint, name


def test_an_unknown_option_is_named() -> None:
    with pytest.raises(ParameterError, match="'timout' is not an option"):
        make_options({"timout": 3})  # type: ignore[typeddict-unknown-key]


def test_without_options_nothing_is_encrypted() -> None:
    config = ClientOptions().connection_config(ENDPOINT, ADDRESS)
    assert config.tls is None
    assert config.node == "localhost:10800 (127.0.0.1)"


def test_passwords_are_not_shown() -> None:
    options = ClientOptions(username="ann", password="confidential")
    shown = repr(options) + repr(options.connection_config(ENDPOINT, ADDRESS))
    assert "ann" in shown
    assert "confidential" not in shown


def test_a_user_name_turns_tls_on() -> None:
    options = ClientOptions(username="ignite", password="ignite")
    config = options.connection_config(ENDPOINT, ADDRESS)
    assert config.tls is not None
    assert config.tls.server_hostname == "localhost"
    assert config.tls.context.verify_mode is ssl.CERT_REQUIRED
    assert config.tls.context.check_hostname
    assert (config.handshake.username, config.handshake.password) == ("ignite", "ignite")


def test_a_password_in_the_clear_is_warned_about() -> None:
    with pytest.warns(InsecureConnectionWarning, match="without encryption"):
        options = ClientOptions(username="ignite", password="ignite", use_ssl=False)
    assert options.connection_config(ENDPOINT, ADDRESS).tls is None


@pytest.mark.parametrize(
    "client", [gridgain_sync.Client, gridgain_asyncio.Client, gridgain_trio.Client]
)
def test_the_warning_is_about_the_users_line(client: Callable[..., object]) -> None:
    with pytest.warns(InsecureConnectionWarning) as caught:
        client(username="ignite", password="ignite", use_ssl=False)
    assert caught[0].filename == __file__


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    missing, broken = str(tmp_path / "missing.pem"), tmp_path / "broken.pem"
    broken.write_text("no certificate")
    for name in ("ssl_certfile", "ssl_ca_certfile"):
        with pytest.raises(ParameterError, match=f"{name}.*missing.pem: No such file"):
            ClientOptions(use_ssl=True, **{name: missing})  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match=r"broken.pem: no certificate.* in the PEM format"):
        ClientOptions(use_ssl=True, ssl_certfile=str(broken))


def test_a_password_is_not_shown() -> None:
    options = ClientOptions(username="ignite", password="secret-word", use_ssl=True)
    assert "secret-word" not in repr(options)
    assert "secret-word" not in repr(options.connection_config(ENDPOINT, ADDRESS))


@pytest.mark.parametrize(
    "option",
    [
        {"ssl_cert_reqs": ssl.CERT_NONE},
        {"ssl_check_hostname": False},
        {"ssl_version": ssl.TLSVersion.TLSv1_3},
        {"ssl_ciphers": "HIGH"},
        {"ssl_context": ssl.create_default_context()},
    ],
)
def test_an_ssl_option_turns_tls_on(option: Any) -> None:
    assert ClientOptions(**option).context is not None
    with pytest.raises(ParameterError, match=f"{next(iter(option))} is given, but use_ssl"):
        ClientOptions(use_ssl=False, **option)


def test_certificates_are_verified_unless_told_otherwise() -> None:
    context = ClientOptions(use_ssl=True).context
    assert context is not None
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    context = ClientOptions(ssl_cert_reqs=ssl.CERT_NONE).context
    assert context is not None
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)
    context = ClientOptions(ssl_check_hostname=False).context
    assert context is not None
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, False)


@pytest.mark.parametrize(
    ("given", "lowest", "highest"),
    [
        (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3),
        (5, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2),  # ssl.PROTOCOL_TLSv1_2
        (ssl.PROTOCOL_TLS_CLIENT, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.MAXIMUM_SUPPORTED),
    ],
)
def test_versions(given: int, lowest: ssl.TLSVersion, highest: ssl.TLSVersion) -> None:
    context = ClientOptions(ssl_version=given).context
    assert context is not None
    assert (context.minimum_version, context.maximum_version) == (lowest, highest)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"timeout": 0}, "timeout"),
        ({"handshake_timeout": 0}, "handshake_timeout"),
        ({"handshake_timeout": -1.5}, "handshake_timeout"),
        ({"heartbeat_interval": 0}, "heartbeat_interval"),
        ({"heartbeat_timeout": 0}, "heartbeat_timeout"),
        ({"max_frame": 0}, "max_frame"),
        ({"sql_timezone": "Europe/Berlin"}, "sql_timezone"),
        ({"timezone": 3}, "timezone"),
        ({"password": "alone"}, "password is given without a username"),
        ({"ssl_keyfile": "key.pem"}, "ssl_keyfile is given without ssl_certfile"),
        ({"ssl_certfile": "/nowhere/cert.pem"}, "ssl_certfile"),
        ({"ssl_ca_certfile": "/nowhere/ca.pem"}, "ssl_ca_certfile"),
        ({"ssl_cert_reqs": 17}, "ssl_cert_reqs"),
        ({"ssl_version": 99999}, "ssl_version"),
        ({"ssl_ciphers": "no such cipher"}, "ssl_ciphers"),
        ({"ssl_check_hostname": True, "ssl_cert_reqs": ssl.CERT_NONE}, "ssl_check_hostname"),
        ({"ssl_context": ssl.create_default_context(), "ssl_ciphers": "HIGH"}, "exclude"),
    ],
)
def test_wrong_options_are_named(options: Any, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        ClientOptions(**options)


def test_a_file_that_is_no_certificate(tmp_path: Path) -> None:
    path = tmp_path / "text.pem"
    path.write_text("no certificate", encoding="utf-8")
    with pytest.raises(ParameterError, match="ssl_ca_certfile"):
        ClientOptions(ssl_ca_certfile=str(path))
    with pytest.raises(ParameterError, match="ssl_certfile"):
        ClientOptions(ssl_certfile=str(path))
