"""A node's side of one TCP connection, as bytes in and bytes out.

It is the counterpart of `gridgain_proto.connection.Connection`, and like that does no I/O
and knows no clock. Whatever the client sends, no exception comes out: it gets an answer, an error,
or a closed connection, as from a server.
"""

from __future__ import annotations

import heapq
from collections import deque
from struct import Struct
from typing import TYPE_CHECKING, Final

from .. import scalars
from ..exceptions import DecodeError, EncodeError, ParameterError, RemoteProtocolError
from ..features import FLAGS_SINCE, Features
from ..framing import FrameReader
from .calls import Call
from .failures import INVALID_OPERATION, RESOURCE_DOES_NOT_EXIST, TOO_MANY_CURSORS, Refusal
from .faults import Cut, Delay, Drop, Fail, Fault, Kill, Received
from .greeting import NO_FEATURES, Denial, agree, check_user, read_greeting
from .handlers import HANDLERS
from .reading import RequestReader
from .resources import Resource
from .transactions import Transaction

if TYPE_CHECKING:
    from .cluster import Cluster, Member

_REQUEST: Final = Struct("<ihq")
_RESPONSE: Final = Struct("<qh")
_OLD_RESPONSE: Final = Struct("<qi")
_TOPOLOGY: Final = Struct("<qi")
_NOTIFICATION: Final = Struct("<qhh")

_FLAG_ERROR: Final = 0x01
_FLAG_TOPOLOGY: Final = 0x02
_FLAG_NOTIFICATION: Final = 0x04

#: What the first frame may be at most, and how its body begins: a handshake of thin clients, or of
#: the older drivers.
_MAX_FIRST_FRAME: Final = 64 * 1024 * 1024
_FIRST_BYTES: Final = (b"\x01\x01\x00", b"\x01\x02\x00")
_FIRST_SIZE: Final = 7


class NodeConnection:
    """One connection as a node sees it; `Cluster.connect` makes them.

    Args:
        cluster: what the node belongs to.
        member: the node.
        number: the connection's number.
        now: the time.
    """

    def __init__(self, cluster: Cluster, member: Member, number: int, *, now: float) -> None:
        #: The connection's number within the cluster.
        self.number = number
        self.cluster = cluster
        self.member = member
        #: What was agreed.
        self.features: Features = NO_FEATURES
        #: Who the client is; None without authentication.
        self.username: str | None = None
        #: Whether the node has closed the connection. What is to be sent still is.
        self.closed = False
        self.transactions: dict[int, Transaction] = {}

        self._frames = FrameReader(min(_MAX_FIRST_FRAME, cluster.config.max_frame))
        self._opening: bytes | None = b""
        self._greeted = False
        self._out: deque[bytes] = deque()
        self._out_size = 0
        self._late: list[tuple[float, int, bytes]] = []
        self._late_number = 0
        self._reported: tuple[int, int] | None = None
        self._faults: dict[int, Fault] = {}
        self._resources: dict[int, Resource] = {}
        self._last_resource = 0
        self._last_transaction = 0
        self._started = now
        self._last_active = now

    # -- bytes -----------------------------------------------------------------------------------

    def receive_data(self, data: bytes, *, now: float) -> None:
        """Take bytes that came from the client. Never raises for what they are."""
        if self.closed:
            return
        self.cluster.advance(now)
        self._last_active = now
        if self._opening is not None and not self._looks_right(data):
            self.close()
            return
        try:
            self._frames.feed(data)
            while (frame := self._frames.next_frame()) is not None:
                if self._greeted:
                    self._receive_request(frame)
                else:
                    self._receive_greeting(frame)
                if self.closed:
                    return
        except (DecodeError, RemoteProtocolError):
            self.close()

    def _looks_right(self, data: bytes) -> bool:
        """Whether the connection begins as one of a client does."""
        self._opening = opening = ((self._opening or b"") + data)[:_FIRST_SIZE]
        if len(opening) >= _FIRST_SIZE:
            self._opening = None
            return opening[4:] in _FIRST_BYTES
        return any(first.startswith(opening[4:]) for first in _FIRST_BYTES)

    def receive_eof(self, *, now: float) -> None:
        """Take notice that no more bytes will come. What was not sent is dropped."""
        self.cluster.advance(now)
        self._out.clear()
        self.close()

    def data_to_send(self) -> bytes:
        """Take the bytes that go to the client."""
        data = b"".join(self._out)
        self._out.clear()
        self._out_size = 0
        if data:
            self._last_active = self.cluster.now
        return data

    def close(self) -> None:
        """Close the connection without a word, as servers do; its transactions are rolled back."""
        if self.closed:
            return
        self.closed = True
        self.cluster.forget(self)
        self.cluster.has_output(self)
        for resource in self._resources.values():
            resource.close()
        self._resources.clear()
        transactions = list(self.transactions.values())
        self.transactions.clear()
        for transaction in transactions:
            transaction.end()

    # -- time ------------------------------------------------------------------------------------

    def next_timer(self) -> float | None:
        """When `handle_timer` is due, or None."""
        times = [
            transaction.deadline
            for transaction in self.transactions.values()
            if transaction.deadline is not None
        ]
        config = self.cluster.config
        if not self._greeted and config.handshake_timeout:
            times.append(self._started + config.handshake_timeout)
        if config.idle_timeout:
            times.append(self._last_active + config.idle_timeout)
        if self._late:
            times.append(self._late[0][0])
        return min(times, default=None)

    def handle_timer(self, *, now: float) -> None:
        """Do what is due by now."""
        self.cluster.advance(now)
        config = self.cluster.config
        late = (
            not self._greeted
            and config.handshake_timeout
            and now >= self._started + config.handshake_timeout
        )
        if late or (config.idle_timeout and now >= self._last_active + config.idle_timeout):
            self.close()
            return
        for transaction in list(self.transactions.values()):
            if transaction.deadline is not None and now >= transaction.deadline:
                transaction.deadline = None
                transaction.time_out()
        while self._late and self._late[0][0] <= now:
            self._send(heapq.heappop(self._late)[2])

    # -- handshake -------------------------------------------------------------------------------

    def _receive_greeting(self, frame: bytes) -> None:
        if frame[4] != 1:
            self.close()
            return
        config = self.cluster.config
        try:
            greeting = read_greeting(frame, config.product, config.versions)
        except DecodeError:
            return  # silence, as from a server
        answer = greeting
        if not isinstance(answer, Denial):
            answer = check_user(answer, config.users) or answer
        if isinstance(answer, Denial):
            self._send_body(answer.body)
            return
        node_id = scalars.raw_uuid(self.member.node_id)
        self.features, body = agree(answer, config.product, config.features, node_id)
        self.username = answer.username if config.users is not None else None
        self._greeted = True
        self._frames.max_frame = config.max_frame
        self._send_body(body)

    # -- requests --------------------------------------------------------------------------------

    def _receive_request(self, frame: bytes) -> None:
        if len(frame) < _REQUEST.size:
            self.close()
            return
        _, code, request_id = _REQUEST.unpack_from(frame)
        call = Call(self, code, request_id, RequestReader(frame, _REQUEST.size))
        interceptor = self.cluster.interceptor
        if interceptor is not None:
            payload = frame[_REQUEST.size :]
            received = Received(code, request_id, payload, self.number, self.member.port)
            fault = interceptor(received)
            if self.closed or (fault is not None and not self._survives(fault, call)):
                return
        handle = HANDLERS.get(code)
        if handle is None:
            call.fail(Refusal(f"Invalid request op code: {code}", INVALID_OPERATION))
            return
        try:
            handle(call)
        except Refusal as refusal:
            call.fail(refusal)
        except (ParameterError, EncodeError) as exc:
            # A name that cannot be one: no id is made of it, neither here nor by a server.
            call.fail(Refusal(str(exc)))

    def _survives(self, fault: Fault, call: Call) -> bool:
        """Whether a request is carried out in spite of what goes wrong with it."""
        if isinstance(fault, Fail):
            call.fail(Refusal(fault.message, fault.status))
            return False
        if isinstance(fault, Drop | Kill) and not fault.execute:
            if isinstance(fault, Kill):
                self.close()
            return False
        self._faults[call.request_id] = fault
        return True

    def respond(self, call: Call, payload: bytes, refusal: Refusal | None) -> None:
        """Send the answer to a request."""
        if self.closed:
            return
        if self.features.version < FLAGS_SINCE:
            status = 0 if refusal is None else refusal.status
            parts = [_OLD_RESPONSE.pack(call.request_id, status)]
            if refusal is not None:
                parts.append(_message(refusal))
        else:
            flags = 0
            parts = [b""]
            topology = self.cluster.topology
            if self._reported is None or topology > self._reported:
                self._reported = topology
                flags |= _FLAG_TOPOLOGY
                parts.append(_TOPOLOGY.pack(*topology))
            if refusal is not None:
                flags |= _FLAG_ERROR
                parts.append(scalars.INT32.pack(refusal.status) + _message(refusal))
            parts[0] = _RESPONSE.pack(call.request_id, flags)
        parts.append(payload)
        body = b"".join(parts)
        fault = self._faults.pop(call.request_id, None) if self._faults else None
        if fault is None:
            self._send_body(body)
        else:
            self._send_faulty(fault, scalars.INT32.pack(len(body)) + body)

    def _send_faulty(self, fault: Fault, frame: bytes) -> None:
        if isinstance(fault, Delay):
            self._late_number += 1
            when = self.cluster.now + fault.seconds
            heapq.heappush(self._late, (when, self._late_number, frame))
        elif isinstance(fault, Cut):
            self._send(frame[: fault.sent])
            self.close()
        elif isinstance(fault, Kill):
            self.close()

    def notify(self, resource_id: int, code: int, payload: bytes) -> None:
        """Send something that was not asked for."""
        if not self.closed:
            head = _NOTIFICATION.pack(resource_id, _FLAG_NOTIFICATION, code)
            self._send_body(head + payload)

    def _send_body(self, body: bytes) -> None:
        self._send(scalars.INT32.pack(len(body)) + body)

    def _send(self, data: bytes) -> None:
        self._out.append(data)
        self._out_size += len(data)
        self.cluster.has_output(self)
        if self._out_size > self.cluster.config.max_output:
            self._out.clear()
            self.close()

    # -- what belongs to the connection ----------------------------------------------------------

    def open_resource(self, resource: Resource) -> int:
        """Give a cursor or a subscription an id.

        Raises:
            Refusal: there are too many.
        """
        self.check_cursors()
        resource_id = self.take_resource_id()
        self._resources[resource_id] = resource
        return resource_id

    def check_cursors(self) -> None:
        """Refuse to open one more cursor than there may be.

        Raises:
            Refusal: there are too many.
        """
        limit = self.cluster.config.max_cursors
        if len(self._resources) >= limit:
            raise Refusal(
                "Too many open cursors (either close other open cursors or increase the limit "
                "through ClientConnectorConfiguration.maxOpenCursorsPerConnection) "
                f"[maximum={limit}, current={len(self._resources)}]",
                TOO_MANY_CURSORS,
            )

    def take_resource_id(self) -> int:
        """An id, also for what is closed at once."""
        self._last_resource += 1
        return self._last_resource

    def resource(self, resource_id: int) -> Resource:
        """A cursor or a subscription.

        Raises:
            Refusal: there is none of that id.
        """
        try:
            return self._resources[resource_id]
        except KeyError:
            words = f"Failed to find resource with id: {resource_id}"
            raise Refusal(words, RESOURCE_DOES_NOT_EXIST) from None

    def close_resource(self, resource_id: int) -> None:
        """Close a cursor or a subscription.

        Raises:
            Refusal: there is none of that id.
        """
        self.resource(resource_id).close()
        del self._resources[resource_id]

    def add_transaction(self, transaction: Transaction) -> int:
        """Give a transaction an id."""
        self._last_transaction += 1
        self.transactions[self._last_transaction] = transaction
        return self._last_transaction


def _message(refusal: Refusal) -> bytes:
    if refusal.message is None:
        return scalars.encode_string(None)
    # What a client has sent may be in the message, and need not be valid.
    return scalars.encode_string(refusal.message.encode("utf-8", "replace").decode())
