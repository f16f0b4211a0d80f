"""One connection shared by many blocking callers: threads, or greenlets.

There is no background thread. Two roles, *writer* and *reader*, are each held by at most one of
the callers who wait for an answer; the others sleep, each on a signal of its own. Whoever needs a
role that is free takes it, and does its work for all:

* the writer sends what the connection has to send, everybody's bytes in the connection's order;
* the reader receives, and hands each answer to the caller whose it is.

Whoever leaves, by whatever way (answer, deadline, exception, Ctrl-C), lays down its roles, and if
then a role is free that somebody sleeping may need, wakes one of the sleepers. So nobody waits for
a reader that is gone, and a caller that gives up harms nobody: half a received frame stays in the
connection, and the unsent rest of a half-sent one in the outbound buffer for the next writer.

The connection and the tables are guarded by one mutex that is never held while waiting. What
differs between threads and greenlets is in `Primitives` and `Transport`.

Ctrl-C may fall anywhere. Bytes that have left or come are booked before it can (see
`Transport`); only if it falls while the connection itself is being changed does nobody know
how far that got, and the link ends.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from ..connection import ConnectionConfig, State
from ..events import ResponseReceived
from ..exceptions import ClientClosed, ConnectionFailed, RequestTimeout
from .exchanges import HANDSHAKE, Exchanges, LinkBase, Waiter, WhenLate

#: After this many seconds without use a connection is looked at before it is used again: a server
#: may have closed it, and what has not been sent can go to another one without harm.
IDLE_CHECK_AFTER = 1.0

#: How often a caller looks again who waits for the network while another one has the other role.
#: The writer could leave, and the reader's own request with it; and if a writer waited and nobody
#: read, two full socket buffers would block each other.
_LOOKS_EVERY = 0.005

_NONE = -1  # no request's id


class Signal(Protocol):
    """A raw lock, created locked by its waiter and released by whoever wakes it."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Wait to be woken."""

    def release(self) -> None:
        """Wake the waiter."""


class Primitives(Protocol):
    """What threads and greenlets each have of their own."""

    def now(self) -> float:
        """The time in seconds, by a clock that does not go back."""

    def mutex(self) -> AbstractContextManager[object]:
        """A new lock for short sections without any waiting in them."""

    def signal(self) -> Signal:
        """A new, unlocked, raw lock."""

    def process_id(self) -> int:
        """Which process this is."""


class Transport(Protocol):
    """A connected stream, on which nothing blocks that is not asked to."""

    def send(self, data: bytes | memoryview, counts: list[int]) -> None:
        """Send what can be sent now and append its size to ``counts``; nothing if none can.

        The count is appended without a moment in which an interrupt could lose it.

        Raises:
            OSError: the connection is broken.
        """

    def receive(self, chunks: list[bytes], timeout: float | None) -> bool:
        """Wait until something has come, and append it to ``chunks``; one caller at a time.

        At the end of the stream ``b""`` comes.

        Args:
            chunks: where to; nothing is lost between the bytes' coming and their being there.
            timeout: how long to wait at most, in seconds. It may give up sooner.

        Returns:
            whether something has come.

        Raises:
            OSError: the connection is broken.
        """

    def wait_writable(self, timeout: float | None, *, or_readable: bool) -> bool:
        """Wait until something can be sent, or received if so asked. One caller at a time.

        Returns:
            whether something can be received.
        """

    def shutdown(self) -> None:
        """End the connection for everybody who waits for it, in whatever process."""

    def close(self) -> None:
        """Give the descriptor back. Nobody may be waiting for it."""


class _Caller(Waiter):
    """A waiter that can sleep."""

    signal: Signal | None = None
    asleep = False  # among the sleepers, and not yet woken


class SharedLink(LinkBase[_Caller]):
    """A `Link` whose methods never suspend.

    Args:
        transport: the connected stream; the link owns it from now on.
        config: the connection's configuration.
        primitives: what the callers are made of.
    """

    def __init__(
        self, transport: Transport, config: ConnectionConfig, primitives: Primitives
    ) -> None:
        super().__init__(Exchanges(config, self._rouse, now=primitives.now()))
        self._transport = transport
        self._new_signal = primitives.signal
        self._now = primitives.now
        self._process_id = primitives.process_id
        self._owner = primitives.process_id()
        self._mutex = primitives.mutex()
        self._last_used = primitives.now()

        self._sleepers: dict[_Caller, None] = {}  # those to be woken, the longest asleep first
        self._writer: _Caller | None = None
        self._reader: _Caller | None = None

        # Bytes taken from the connection and not all sent, and how many were, time by time: so the
        # end of the sending is one assignment, which no interrupt can leave half done.
        self._tail: tuple[bytes, list[int]] | None = None
        self._more = False  # the connection may have more to send than the tail
        self._chunks: list[bytes] = []  # bytes received, not yet given to the connection
        self._torn = False  # set while the connection is changed; only an interrupt leaves it so
        self._talks_by_itself = True  # TLS, and the handshake, send what no caller asked for
        self._released = False

    # -- the link --------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """Whether it takes no more requests. A forked child's copy never does."""
        return self._exchanges.closed or self._process_id() != self._owner

    async def handshake(self, *, deadline: float | None) -> None:
        """Wait until requests can be sent. On failure the transport is closed.

        Raises:
            ConnectionFailed, AuthenticationError, RequestTimeout: as `dial` does.
        """
        caller = _Caller()
        with self._mutex:
            self._exchanges.begin_handshake(caller)
            self._take_output()
        try:
            self._serve(caller, deadline, self._now())
            if caller.error is not None:
                raise caller.error
        except BaseException:
            self._fail(ConnectionFailed(f"the handshake with {self.node} was given up"))
            raise
        finally:
            self._leave(caller, HANDSHAKE)

    async def exchange(
        self,
        op_code: int,
        payload: bytes | bytearray,
        *,
        deadline: float | None,
        when_late: WhenLate | None = None,
    ) -> ResponseReceived:
        """Send one request and wait for its answer; see `Link`."""
        if self._process_id() != self._owner:
            raise ConnectionFailed(f"the connection to {self.node} is the parent process's")
        now = self._now()
        if deadline is not None and now >= deadline:
            raise RequestTimeout(f"{self.node}: no time was left to send the request")
        if now - self._last_used > IDLE_CHECK_AFTER:
            self._look_at_idle()
        caller = _Caller()
        if when_late is not None:
            caller.when_late = when_late
        request_id = _NONE
        try:
            with self._mutex:
                request_id = self._exchanges.begin(op_code, payload, caller, now=now)
                self._more = True
                self._last_used = now
                if self._writer is None:
                    self._writer = caller
                    self._take_output()
            if self._writer is caller:
                self._write()
            self._serve(caller, deadline, now)
        finally:
            if caller.reply is None or self._writer is caller or self._reader is caller:
                self._leave(caller, request_id)
        if caller.reply is None:
            raise caller.error or self._exchanges.unusable()
        return caller.reply

    def post(self, op_code: int, payload: bytes | bytearray) -> None:
        """Send a request whose answer nobody waits for; see `Link`."""
        if self._process_id() != self._owner:
            raise ConnectionFailed(f"the connection to {self.node} is the parent process's")
        caller = _Caller()
        try:
            with self._mutex:
                self._exchanges.post(op_code, payload, now=self._now())
                self._more = True
                if self._writer is None:
                    self._writer = caller
                    self._take_output()
            if self._writer is caller:
                self._write()  # what cannot be sent now goes out with the next request
        finally:
            self._leave(caller, _NONE)

    async def aclose(self) -> None:
        """Close the connection; whoever waits for an answer gets `ClientClosed`."""
        if self._process_id() != self._owner:
            # The connection is the parent's. Only this process's copy of the descriptor goes.
            self._transport.close()
            return
        self._fail(ClientClosed(f"the connection to {self.node} was closed"))

    # -- a caller's way --------------------------------------------------------------------------

    def _serve(self, caller: _Caller, deadline: float | None, now: float) -> None:
        """Work for all until something has come for this caller.

        Args:
            caller: who waits.
            deadline: when to give up.
            now: the time, a moment ago.

        Raises:
            RequestTimeout: the deadline passed first.
        """
        while True:
            with self._mutex:
                if self._chunks and (self._reader is None or self._reader is caller):
                    self._take_chunks(now)
                if caller.reply is not None or caller.error is not None:
                    if self._reader is caller or self._writer is caller:
                        self._lay_down(caller)
                    return
                if self._reader is None:
                    self._reader = caller
                reading = self._reader is caller
                writer = self._writer
                writing = (
                    writer is caller or (writer is None and self._tail is not None)
                ) and self._keep_writing(caller)
                limit = deadline
                if reading:
                    timer = self._exchanges.connection.next_timer()
                    if timer is not None and (limit is None or timer < limit):
                        limit = timer
                    # Somebody else writes, who may leave what this caller sends to the next writer.
                    if self._writer is not None and not writing:
                        look = now + _LOOKS_EVERY
                        limit = look if limit is None else min(limit, look)
                elif not writing:
                    self._enrol(caller)
            if writing and self._write():
                continue  # there may be more by now; the role is laid down when there is not
            if deadline is not None and now >= deadline:
                raise RequestTimeout(f"{self.node} did not answer in time")
            timeout = None if limit is None else max(limit - now, 0.0)
            if reading:
                if not self._read(timeout, writing):
                    self._handle_timer()
            elif writing:
                self._wait_to_write(timeout)
            else:
                self._sleep(caller, timeout)
            now = self._now()

    def _write(self) -> bool:
        """Send the tail as far as can be; whether all of it went out."""
        tail = self._tail
        if tail is None:
            return True
        data, counts = tail
        try:
            while (sent := sum(counts)) < len(data):
                tries = len(counts)
                self._transport.send(memoryview(data)[sent:] if sent else data, counts)
                if len(counts) == tries:
                    return False
        except OSError as exc:
            self._lose(exc)
        else:
            self._tail = None
        return True

    def _read(self, timeout: float | None, writing: bool) -> bool:
        """Wait for bytes, and for room to write if this caller writes too; receive them.

        Returns:
            whether there was anything to receive.
        """
        transport = self._transport
        try:
            if writing:
                if not transport.wait_writable(timeout, or_readable=True):
                    return False
                timeout = 0.0
            return transport.receive(self._chunks, timeout)
        except OSError as exc:
            self._lose(exc)
            return True

    def _wait_to_write(self, timeout: float | None) -> None:
        look = _LOOKS_EVERY
        try:
            self._transport.wait_writable(
                look if timeout is None else min(timeout, look), or_readable=False
            )
        except OSError as exc:
            self._lose(exc)

    def _sleep(self, caller: _Caller, timeout: float | None) -> None:
        signal = caller.signal
        if signal is not None:
            signal.acquire(True, -1 if timeout is None else timeout)

    def _leave(self, caller: _Caller, request_id: int) -> None:
        """Lay down everything, whatever the reason for leaving."""
        with self._mutex:
            torn = self._torn
            self._exchanges.abandon(request_id)
            self._sleepers.pop(caller, None)
            self._lay_down(caller)
        if torn:
            self._fail(ConnectionFailed(f"the connection to {self.node} was interrupted"))

    # -- under the mutex -------------------------------------------------------------------------

    def _keep_writing(self, caller: _Caller) -> bool:
        """Whether there is something to send; if not, the role of the writer is laid down."""
        if self._more and self._tail is None:
            self._take_output()
        self._writer = None if self._tail is None else caller
        return self._tail is not None

    def _take_output(self) -> None:
        """Have in the tail what there is to send, unless some of it is there still."""
        self._more = True
        if self._tail is None:
            self._torn = True
            self._more = False
            data = self._exchanges.connection.data_to_send()
            if data:
                self._tail = data, []
            self._torn = False

    def _take_chunks(self, now: float) -> None:
        """Give what was received to the connection, and the answers to their callers."""
        exchanges = self._exchanges
        self._torn = True
        for chunk in self._chunks:
            exchanges.receive(chunk, now=now)
        self._chunks.clear()
        self._torn = False
        if self._talks_by_itself:
            self._take_output()
            connection = exchanges.connection
            self._talks_by_itself = (
                connection.config.tls is not None or connection.state is State.HANDSHAKING
            )

    def _enrol(self, caller: _Caller) -> None:
        """Prepare to sleep."""
        signal = caller.signal
        if signal is None:
            caller.signal = signal = self._new_signal()
        # Locked whatever happened before; a wake-up that came too late is taken back.
        signal.acquire(False)
        caller.asleep = True
        self._sleepers[caller] = None

    def _rouse(self, caller: _Caller) -> None:
        if caller.asleep and caller.signal is not None:
            caller.signal.release()  # first: an interrupt must not leave it asleep for ever
            caller.asleep = False
            self._sleepers.pop(caller, None)

    def _lay_down(self, caller: _Caller) -> None:
        """Give up the roles, and wake somebody if now one is free that is needed."""
        if self._reader is caller:
            self._reader = None
        if self._writer is caller:
            self._writer = None
            self._take_output()
        if self._sleepers and (
            self._reader is None or (self._writer is None and self._tail is not None)
        ):
            self._rouse(next(iter(self._sleepers)))
        if self._exchanges.failure is not None:
            self._release()

    def _release(self) -> None:
        """Give the descriptor back once nobody can be waiting for it."""
        if not self._released and self._reader is None and self._writer is None:
            self._released = True
            self._transport.close()

    # -- the rest --------------------------------------------------------------------------------

    def _handle_timer(self) -> None:
        with self._mutex:
            self._exchanges.handle_timer(now=self._now())
            self._take_output()

    def _lose(self, exc: OSError) -> None:
        """Sending or receiving failed."""
        with self._mutex:
            self._tail = None
            # What came before the failure is worth having: an answer, or the peer's last words.
            now = self._now()
            self._take_chunks(now)
            self._exchanges.lose(exc, now=now)

    def _fail(self, cause: Exception) -> None:
        """End the link from this side."""
        with self._mutex:
            self._tail = None
            self._torn = False
            self._exchanges.fail(cause, now=self._now())
            if not self._released:
                self._transport.shutdown()  # whoever waits for the descriptor wakes up
                self._release()

    def _look_at_idle(self) -> None:
        """See whether the server has closed the connection while nobody used it."""
        caller = _Caller()
        with self._mutex:
            if self._reader is not None or self._exchanges.failure is not None:
                return
            self._reader = caller
        try:
            if self._read(0.0, False):
                with self._mutex:
                    self._take_chunks(self._now())
        finally:
            self._leave(caller, _NONE)
