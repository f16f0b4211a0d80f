"""A TCP proxy that misbehaves on demand, between a client and a node."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time


class Proxy:
    """Forwards connections to a node, and delays, cuts or swallows what passes if told so.

    Args:
        host: the node's host.
        port: the node's port.
        seed: what chance is made of.
    """

    def __init__(self, host: str, port: int, seed: int) -> None:
        self._target = (host, port)
        self._rng = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._open = True
        self._silent = threading.Event()
        self._silent.set()
        self.delay = 0.0
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def address(self) -> str:
        """Where it listens."""
        return "{}:{}".format(*self._listener.getsockname())

    def cut(self) -> None:
        """Break all connections, in the middle of whatever passes."""
        with self._lock:
            sockets = list(self._sockets)
        for sock in sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def swallow(self, seconds: float) -> None:
        """Be a black hole for a while: nothing passes, and nothing is closed."""
        self._silent.clear()
        time.sleep(seconds)
        self._silent.set()

    def close(self) -> None:
        """End it."""
        self._open = False
        self._silent.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while self._open:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._target, timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            for sock in (near, far):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._sockets |= {near, far}
            pair = threading.Thread(target=self._pair, args=(near, far), daemon=True)
            self._threads.append(pair)
            pair.start()

    def _pair(self, near: socket.socket, far: socket.socket) -> None:
        back = threading.Thread(target=self._forward, args=(far, near), daemon=True)
        back.start()
        self._forward(near, far)
        back.join()
        with self._lock:
            self._sockets -= {near, far}
        near.close()
        far.close()

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._silent.wait()
                if self.delay:
                    time.sleep(self.delay * self._rng.random())
                sink.sendall(data)
        for sock in (source, sink):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
