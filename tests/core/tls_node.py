"""A node behind TLS in memory: the server's side of ``ssl.MemoryBIO``."""

from __future__ import annotations

import contextlib
import ssl

from .fake_node import FakeNode


class TLSNode:
    """A `FakeNode` whose bytes are encrypted.

    Args:
        context: the server's context.
        node: what speaks inside.
    """

    def __init__(self, context: ssl.SSLContext, node: FakeNode | None = None) -> None:
        self.node = node or FakeNode()
        self.established = False
        #: Why TLS has failed, if it has.
        self.failure: ssl.SSLError | None = None
        #: Whether the client has said goodbye.
        self.ended = False
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def receive(self, data: bytes) -> None:
        """Take bytes from the network."""
        self._incoming.write(data)
        try:
            if not self.established:
                self._object.do_handshake()
                self.established = True
            while data := self._object.read(65536):
                self.node.receive(data)
            self.ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.ended = True
        except ssl.SSLError as exc:
            self.failure = exc

    def data_to_send(self) -> bytes:
        """Take the bytes for the network."""
        if self.established and (data := self.node.data_to_send()):
            self._object.write(data)
        return self._outgoing.read()

    def say_goodbye(self) -> bytes:
        """The alert by which TLS is closed in order."""
        before = self.data_to_send()
        with contextlib.suppress(ssl.SSLError):
            self._object.unwrap()
        return before + self._outgoing.read()
