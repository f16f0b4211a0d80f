"""Connecting to what is no node: one clear error, in time, and nothing left behind."""

from __future__ import annotations

import contextlib
import gc
import http.server
import os
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from gridgain_proto.exceptions import ReconnectError, RequestTimeout
from gridgain_sync import Client


@contextlib.contextmanager
def serving(answer: bytes | None, *, after: int = 1) -> Iterator[tuple[str, int]]:
    """A server that reads ``after`` bytes, then sends ``answer`` and closes; None: stays silent."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    stop = threading.Event()

    def serve() -> None:
        held = []
        while not stop.is_set():
            try:
                peer, _ = listener.accept()
            except TimeoutError:
                continue
            peer.settimeout(5)
            if answer is None:
                held.append(peer)
                continue
            with peer, contextlib.suppress(OSError):
                if after:
                    peer.recv(after)
                peer.sendall(answer)
                # Read the rest, so that closing does not throw away what was sent.
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(4096):
                    pass
        for peer in held:
            peer.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        stop.set()
        thread.join()
        listener.close()


def test_a_port_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ReconnectError, match=rf"127\.0\.0\.1:{port}: Connection refused"):
        Client().connect("127.0.0.1", port)


def test_a_name_that_is_not_known() -> None:
    with pytest.raises(ReconnectError, match="no-such-name.invalid:10800: the name is not known"):
        Client().connect("no-such-name.invalid")


def test_an_http_server() -> None:
    class Quiet(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with pytest.raises(ReconnectError, match="127.0.0.1:"):
                Client(handshake_timeout=0.5).connect("127.0.0.1", server.server_port)
        finally:
            server.shutdown()
            thread.join()


def test_a_server_that_answers_in_http() -> None:
    with (
        serving(b"HTTP/1.1 400 Bad Request\r\n\r\n") as address,
        pytest.raises(ReconnectError, match="not a client port of GridGain or Ignite.*HTTP"),
    ):
        Client().connect(*address)


def test_a_server_that_answers_nonsense() -> None:
    with (
        serving(b"\x04\x00\x00\x00\x07abc") as address,
        pytest.raises(ReconnectError, match="not a client port"),
    ):
        Client().connect(*address)


def test_a_peer_that_closes_at_once() -> None:
    with (
        serving(b"") as address,
        pytest.raises(ReconnectError, match="closed the connection before it answered.*TLS"),
    ):
        Client().connect(*address)


def test_a_silent_peer() -> None:
    with serving(None) as address:
        began = time.monotonic()
        with pytest.raises(ReconnectError, match="did not answer the handshake within 0.3 s"):
            Client(handshake_timeout=0.3).connect(*address)
        assert time.monotonic() - began < 1
        began = time.monotonic()
        with pytest.raises(RequestTimeout, match=f"{address[1]}"):
            Client().connect(*address, timeout=0.3)
        assert time.monotonic() - began < 1


def test_tls_to_a_peer_without() -> None:
    with (
        serving(b"\x04\x00\x00\x00\x07abc") as address,
        pytest.raises(ReconnectError, match="TLS handshake failed.*Is TLS enabled"),
    ):
        Client(use_ssl=True).connect(*address)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts descriptors in /proc")
def test_a_thousand_failures_leave_no_socket_behind() -> None:
    def descriptors() -> int:
        gc.collect()
        return len(os.listdir("/proc/self/fd"))

    with serving(b"") as closing, serving(b"HTTP/1.1 400 Bad Request\r\n\r\n") as speaking:
        with socket.create_server(("127.0.0.1", 0)) as server:
            nobody = server.getsockname()
        before = descriptors()
        for number in range(1000):
            with pytest.raises(ReconnectError):
                Client().connect(*(closing, speaking, nobody)[number % 3])
        assert descriptors() <= before + 2  # the servers' side may be closing one yet
