"""TLS and authentication."""

from __future__ import annotations

import ssl
import warnings

import trustme

from gridgain_proto.exceptions import (
    AuthenticationError,
    HandshakeError,
    InsecureConnectionWarning,
    ReconnectError,
)

from ..harness import Harness, scenario
from ..peer import Memory, Peer


def server_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """A server's TLS with a certificate for these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def client_context(authority: trustme.CA) -> ssl.SSLContext:
    """A client's TLS that trusts this authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(context)
    return context


@scenario(basic=True)
async def tls(harness: Harness) -> None:
    authority = trustme.CA()
    with Peer(Memory(), tls=server_context(authority, "localhost", "127.0.0.1")) as peer:
        for host in ("localhost", "127.0.0.1"):
            client = harness.client(ssl_context=client_context(authority))
            async with client.connect(host, peer.port):
                cache = client.get_cache("cache")
                for number in range(20):
                    await cache.put(number, "x" * 10_000 * number)
                    assert await cache.get(number) == "x" * 10_000 * number
        await harness.until(lambda: not peer.open, "the connections are closed")


@scenario()
async def a_wrong_name(harness: Harness) -> None:
    authority = trustme.CA()
    with Peer(Memory(), tls=server_context(authority, "elsewhere.example")) as peer:
        client = harness.client(ssl_context=client_context(authority))
        error = await harness.raised(client.connect(peer.address).__aenter__())
        assert type(error) is ReconnectError
        assert type(error.attempts[0]) is HandshakeError
        assert "IP address mismatch" in str(error)
        client = harness.client(ssl_context=client_context(authority))
        error = await harness.raised(client.connect("localhost", peer.port).__aenter__())
        assert "Hostname mismatch" in str(error)


@scenario()
async def an_authority_that_is_not_trusted(harness: Harness) -> None:
    with Peer(Memory(), tls=server_context(trustme.CA(), "127.0.0.1")) as peer:
        client = harness.client(ssl_context=client_context(trustme.CA()))
        error = await harness.raised(client.connect(peer.address).__aenter__())
        assert type(error) is ReconnectError
        assert "certificate is not trusted" in str(error)
        await harness.until(lambda: not peer.open, "the connection is closed")


@scenario()
async def a_certificate_of_our_own(harness: Harness) -> None:
    authority = trustme.CA()
    server = server_context(authority, "127.0.0.1")
    server.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(server)
    with Peer(Memory(), tls=server) as peer:
        context = client_context(authority)
        error = await harness.raised(
            harness.client(ssl_context=context).connect(peer.address).__aenter__()
        )
        assert type(error) is ReconnectError
        assert "certificate" in str(error)
        authority.issue_cert("client@example.org").configure_cert(context)
        async with harness.client(ssl_context=context).connect(peer.address) as client:
            await client.get_cache("cache").put(1, 2)


@scenario()
async def no_tls_on_the_other_side(harness: Harness) -> None:
    with Peer(Memory()) as peer:
        client = harness.client(use_ssl=True, handshake_timeout=1)
        error = await harness.raised(client.connect(peer.address).__aenter__())
        assert type(error) is ReconnectError
        assert "TLS handshake" in str(error)
    with Peer(Memory(), tls=server_context(trustme.CA(), "127.0.0.1")) as peer:
        client = harness.client(handshake_timeout=1)
        error = await harness.raised(client.connect(peer.address).__aenter__())
        assert type(error) is ReconnectError


@scenario(basic=True)
async def passwords(harness: Harness) -> None:
    with Peer(Memory(), users={"ann": "secret"}) as peer, warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureConnectionWarning)
        client = harness.client(username="ann", password="secret", use_ssl=False)
        async with client.connect(peer.address):
            await client.get_cache("cache").put(1, 2)
        client = harness.client(username="ann", password="wrong", use_ssl=False)
        error = await harness.raised(client.connect(peer.address).__aenter__())
        assert type(error) is AuthenticationError
        await harness.until(lambda: not peer.open, "both connections are closed")


@scenario(live="tls_node")
async def live_tls(harness: Harness) -> None:
    facts = harness.facts
    client = harness.client(ssl_ca_certfile=facts["ca"])
    async with client.connect(facts["address"]):
        cache = await client.get_or_create_cache(f"tls, {harness.name}")
        values = {number: "x" * number for number in range(2000)}
        await cache.put_all(values)
        assert await cache.get_all(values) == values
        await cache.destroy()
    client = harness.client(ssl_ca_certfile=facts["other_ca"])
    error = await harness.raised(client.connect(facts["address"]).__aenter__())
    assert type(error) is ReconnectError
    assert "certificate is not trusted" in str(error)


@scenario(live="mutual_tls_node")
async def live_mutual_tls(harness: Harness) -> None:
    facts = harness.facts
    client = harness.client(
        ssl_ca_certfile=facts["ca"],
        ssl_certfile=facts["client_cert"],
        ssl_keyfile=facts["client_key"],
    )
    async with client.connect(facts["address"]):
        await client.get_cache_names()
    client = harness.client(ssl_ca_certfile=facts["ca"])
    error = await harness.raised(client.connect(facts["address"]).__aenter__())
    assert type(error) is ReconnectError
    assert "certificate" in str(error)


@scenario(live="auth_node")
async def live_passwords(harness: Harness) -> None:
    facts = harness.facts
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureConnectionWarning)
        client = harness.client(username="ignite", password="ignite", use_ssl=False)
        async with client.connect(facts["address"]):
            await client.get_cache_names()
        client = harness.client(username="ignite", password="wrong", use_ssl=False)
        error = await harness.raised(client.connect(facts["address"]).__aenter__())
        assert type(error) is AuthenticationError
