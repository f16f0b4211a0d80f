"""Any calls in any order, with a node that behaves or any bytes at all, against a model."""

from __future__ import annotations

from collections.abc import Callable
from struct import pack

import pytest
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gridgain_proto import (
    Connection,
    ConnectionConfig,
    ConnectionTerminated,
    Event,
    HandshakeCompleted,
    HandshakeConfig,
    NotificationReceived,
    Product,
    ProtocolVersion,
    ResponseReceived,
    State,
    TopologyChanged,
)
from gridgain_proto.exceptions import (
    AuthenticationError,
    ConnectionFailed,
    GridGainError,
    LocalProtocolError,
    RemoteProtocolError,
)
from gridgain_proto.features import SUPPORTED_VERSIONS

from .fake_node import (
    GRIDGAIN_VERSIONS,
    IGNITE_VERSIONS,
    NODE_ID,
    Failure,
    FakeNode,
    byte_array,
    string,
    typed_uuid,
)
from .support import NODE, frame, response

RANKS = {State.HANDSHAKING: 0, State.READY: 1, State.CLOSING: 2, State.CLOSED: 3}
CAUSES = (AuthenticationError, ConnectionFailed, RemoteProtocolError)
MAX_ABANDONED = 4
OP_CODES = st.one_of(*[st.integers(3, 2**15 - 1)] * 7, st.integers(-(2**16), 2**16))
MOSTLY = st.sampled_from([True] * 15 + [False])
CONFIG = ConnectionConfig(
    node=NODE,
    handshake=HandshakeConfig(username="u", password="p", user_attributes={"a": "b"}),
    max_abandoned=MAX_ABANDONED,
    max_frame=100_000,
)


class Calls(RuleBasedStateMachine):
    """The caller's side, and the model of what is known of requests.

    Attributes:
        unsent: requests not handed out.
        waiting: requests handed out and not answered.
        given_up: requests handed out, then abandoned, and not answered as far as is known.
        over: requests that were answered, or abandoned unsent, or named at the end.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.connection = Connection(CONFIG, now=self.now)
        self.rank = 0
        self.unsent: set[int] = set()
        self.waiting: set[int] = set()
        self.given_up: set[int] = set()
        self.over: set[int] = set()
        self.last_id = 0
        self.completed = False
        self.end: ConnectionTerminated | None = None

    # -- what is done to it ----------------------------------------------------------------------

    @rule(op_code=OP_CODES, payload=st.binary(max_size=8), count=st.integers(1, 3))
    def send_requests(self, op_code: int, payload: bytes, count: int) -> None:
        for _ in range(count):
            if self.connection.state is State.READY and -(2**15) <= op_code < 2**15:
                request_id = self.connection.send_request(op_code, payload, now=self.now)
                assert request_id == self.last_id + 1
                self.last_id = request_id
                self.unsent.add(request_id)
            else:
                with pytest.raises(LocalProtocolError):
                    self.connection.send_request(op_code, payload, now=self.now)

    @rule(data=st.data())
    def abandon(self, data: st.DataObject) -> None:
        known = sorted(self.unsent | self.waiting)
        self.abandon_one(
            data.draw(st.sampled_from(known) if known else st.integers(-3, 3), label="id")
        )

    @rule(request_id=st.one_of(st.integers(-5, 10), st.integers()))
    def abandon_one(self, request_id: int) -> None:
        self.connection.abandon(request_id)
        if request_id in self.unsent:
            self.unsent.remove(request_id)
            self.over.add(request_id)
        elif request_id in self.waiting:
            self.waiting.remove(request_id)
            self.given_up.add(request_id)

    @rule()
    def data_to_send(self) -> None:
        self.hand_out()

    def hand_out(self) -> bytes:
        data = self.connection.data_to_send()
        assert type(data) is bytes
        if self.connection.state is not State.CLOSED:
            self.waiting |= self.unsent
            self.unsent.clear()
        assert self.connection.data_to_send() == b""
        return data

    @rule(seconds=st.floats(0, 3))
    def time_goes_on(self, seconds: float) -> None:
        self.now += seconds

    @rule(seconds=st.floats(0, 200), spare=MOSTLY)
    def much_time_goes_by(self, seconds: float, spare: bool) -> None:
        if not self.spared(spare):
            self.now += seconds

    @rule(spare=MOSTLY)
    def time_goes_on_to_the_timer(self, spare: bool) -> None:
        if self.rank != 1 and self.spared(spare):
            return
        due = self.connection.next_timer()
        if due is not None:
            self.now = max(self.now, due)
            self.handle_timer()

    @rule()
    def handle_timer(self) -> None:
        before = self.connection.next_timer()
        self.connection.handle_timer(now=self.now)
        due = self.connection.next_timer()
        assert due is None or due > self.now
        if before is not None and before > self.now:
            assert due == before

    def spared(self, spare: bool) -> bool:
        """Whether to leave out what would end the connection: most runs are to get further."""
        return spare and self.rank < 3

    @rule(spare=MOSTLY)
    def close(self, spare: bool) -> None:
        if self.connection.in_flight < 2 and self.spared(spare):
            return
        self.connection.close(now=self.now)
        assert self.connection.state in (State.CLOSING, State.CLOSED)

    @rule(exc=st.sampled_from([None, OSError(5, "broken"), ConnectionResetError()]), spare=MOSTLY)
    def receive_eof(self, exc: OSError | None, spare: bool) -> None:
        if self.spared(spare):
            return
        self.connection.receive_eof(exc, now=self.now)
        assert self.connection.state is State.CLOSED

    def receive(self, data: bytes, cuts: list[int] | None = None) -> None:
        last = 0
        for place in sorted({*(cuts or ()), len(data)}):
            self.connection.receive_data(data[last:place], now=self.now)
            last = max(last, place)

    # -- what comes of it ------------------------------------------------------------------------

    @rule()
    def drain(self) -> None:
        while (found := self.connection.next_event()) is not None:
            assert self.end is None, "nothing comes behind the end"
            self.check(found)

    def check(self, event: Event) -> None:
        if isinstance(event, HandshakeCompleted):
            assert not self.completed
            self.completed = True
            assert event.features == self.connection.features
            assert event.node_id == self.connection.node_id
            return
        if isinstance(event, ConnectionTerminated):
            self.end = event
            assert event.cause is None or isinstance(event.cause, CAUSES)
            assert event.cause is None or NODE in str(event.cause)
            assert event.unsent == self.unsent
            assert event.unanswered == self.waiting
            self.over |= self.unsent | self.waiting | self.given_up
            self.unsent, self.waiting, self.given_up = set(), set(), set()
            return
        assert self.completed
        if isinstance(event, ResponseReceived):
            assert event.request_id in self.waiting
            self.waiting.remove(event.request_id)
            self.over.add(event.request_id)
            assert (event.status == 0) <= (event.message is None)
            assert 0 < event.offset <= len(event.data)
        elif isinstance(event, NotificationReceived):
            assert 0 < event.offset <= len(event.data)
        else:
            assert isinstance(event, TopologyChanged)

    @invariant()
    def states_go_forward(self) -> None:
        rank = RANKS[self.connection.state]
        assert rank >= self.rank
        self.rank = rank

    @invariant()
    def numbers_agree(self) -> None:
        self.drain()
        connection = self.connection
        assert connection.in_flight == len(self.unsent) + len(self.waiting)
        assert connection.abandoned <= len(self.given_up)
        if connection.state is State.READY:
            assert connection.abandoned <= MAX_ABANDONED
        assert (self.end is not None) is (connection.state is State.CLOSED)
        assert self.completed is (connection.features is not None)
        if connection.state in (State.HANDSHAKING, State.CLOSING):
            assert connection.next_timer() is not None
        if connection.state is State.CLOSED:
            assert connection.next_timer() is None
        if connection.state is State.CLOSING:
            assert connection.in_flight > 0

    def teardown(self) -> None:
        event(f"ends {self.connection.state.value} after {min(self.last_id, 3)} requests")
        self.connection.close(now=self.now)
        self.connection.receive_eof(now=self.now)
        self.drain()
        assert self.end is not None
        assert self.over == set(range(1, self.last_id + 1))
        for call in self.harmless_calls():
            call()
        assert self.connection.next_event() is None
        assert self.connection.data_to_send() == b""

    def harmless_calls(self) -> list[Callable[[], object]]:
        connection = self.connection
        return [
            connection.data_to_send,
            lambda: connection.receive_data(b"\0\0\0\0", now=self.now),
            lambda: connection.receive_eof(now=self.now),
            lambda: connection.handle_timer(now=self.now + 1e6),
            lambda: connection.close(now=self.now),
            lambda: connection.abandon(1),
        ]


class WithANode(Calls):
    """The other side behaves: what it does is known, and the model is exact."""

    @initialize(
        is_ignite=st.booleans(),
        oldest=st.integers(0, 6),
        idle_timeout=st.sampled_from([0, -1, 600, 90_000]),
        password=st.sampled_from(["p"] * 31 + ["q"]),
        starting=st.sampled_from([False] * 31 + [True]),
        greeted=MOSTLY,
    )
    def choose_a_node(
        self,
        is_ignite: bool,
        oldest: int,
        idle_timeout: int,
        password: str,
        starting: bool,
        greeted: bool,
    ) -> None:
        versions = (IGNITE_VERSIONS if is_ignite else GRIDGAIN_VERSIONS)[oldest:]
        self.node = FakeNode(
            product=Product.IGNITE if is_ignite else Product.GRIDGAIN,
            versions=versions,
            users={"u": password},
            starting=starting,
            idle_timeout=idle_timeout,
        )
        self.on_the_way = b""
        self.answered: set[int] = set()
        if greeted:
            for _ in range(10):
                self.bytes_go_out()
                self.all_bytes_come_in()

    @rule()
    def bytes_go_out(self) -> None:
        if not self.node.closed:
            self.node.receive(self.hand_out())
            assert not self.node.closed, "nothing is sent that a server cannot read"

    @precondition(lambda self: bool(self.node.requests))
    @rule(data=st.data(), failure=st.booleans(), payload=st.binary(max_size=8))
    def node_answers(self, data: st.DataObject, failure: bool, payload: bytes) -> None:
        request_id = data.draw(st.sampled_from(sorted(self.node.requests)), label="id")
        self.node.respond(request_id, Failure("no", 7) if failure else payload)
        # Until all bytes have come in it is not known which answers have.
        self.on_the_way += self.node.data_to_send()
        self.answered.add(request_id)

    @precondition(lambda self: self.node.version is not None and self.node.version >= (1, 4, 0))
    @rule(resource_id=st.integers(-1, 3), failure=st.booleans())
    def node_notifies(self, resource_id: int, failure: bool) -> None:
        self.node.notify(resource_id, 2007, Failure(None) if failure else b"x")

    @rule(major=st.integers(0, 1), minor=st.integers(0, 1))
    def topology_grows(self, major: int, minor: int) -> None:
        self.node.topology = (self.node.topology[0] + major, self.node.topology[1] + minor)

    @rule(size=st.integers(1, 30))
    def some_bytes_come_in(self, size: int) -> None:
        self.on_the_way += self.node.data_to_send()
        data, self.on_the_way = self.on_the_way[:size], self.on_the_way[size:]
        self.receive(data)
        if not self.on_the_way:
            arrived = self.given_up & self.answered
            self.given_up -= arrived
            self.over |= arrived

    @rule()
    def all_bytes_come_in(self) -> None:
        self.some_bytes_come_in(size=len(self.on_the_way) + 1_000_000)

    @invariant()
    def no_one_is_blamed(self) -> None:
        if self.end is not None:
            assert not isinstance(self.end.cause, RemoteProtocolError)

    @invariant()
    def every_abandoned_request_is_remembered_until_it_is_answered(self) -> None:
        if self.connection.state is State.CLOSED or self.on_the_way:
            return
        assert self.connection.abandoned == len(self.given_up)


class WithAnything(Calls):
    """The other side sends what is right, what is nearly right, and what is nonsense."""

    @initialize(greeted=MOSTLY)
    def begin(self, greeted: bool) -> None:
        if greeted:
            self.handshake_succeeds()

    def draw_frame(self, data: st.DataObject) -> bytes:
        expected = sorted(self.waiting | self.given_up)
        ids = expected or [1]
        op_codes = [None, None, None, 2007] if expected else [2007] * 7 + [None]
        likely = st.sampled_from([*ids, *ids, *ids, -1, -2, 0, self.last_id + 1])
        if self.connection.state is State.HANDSHAKING:
            return self.draw_handshake(data)
        request_id = data.draw(st.one_of(likely, likely, st.integers(-(2**63), 2**63 - 1)))
        return response(
            request_id,
            data.draw(st.binary(max_size=12)),
            topology=data.draw(st.sampled_from([None, None, (-1, 0), (2, 1), (9, 9)])),
            op_code=data.draw(st.sampled_from(op_codes)),
            status=data.draw(st.sampled_from([0, 0, 0, 1, -1])),
            message=data.draw(st.sampled_from([None, "no", "é" * 20])),
        )

    def draw_handshake(self, data: st.DataObject) -> bytes:
        if data.draw(st.booleans(), label="accepted"):
            features = data.draw(st.sampled_from([b"\xff" * 8, b"", b"\x01\x09"]))
            body = data.draw(
                st.sampled_from(
                    [b"", typed_uuid(NODE_ID), byte_array(features) + typed_uuid(NODE_ID)]
                )
            )
            return frame(b"\1" + body)
        versions = st.sampled_from([*SUPPORTED_VERSIONS, ProtocolVersion(0, 0, 0)])
        version = data.draw(versions, label="named")
        status = data.draw(st.sampled_from([1, 1, 1, 11, 1012, 2000]))
        return frame(b"\0" + pack("<hhh", *version) + string("no") + pack("<i", status))

    @rule(data=st.data(), spare=MOSTLY)
    def valid_frame(self, data: st.DataObject, spare: bool) -> None:
        if not self.spared(spare):
            self.receive(self.draw_frame(data), data.draw(st.lists(st.integers(0, 60), max_size=3)))

    @rule(data=st.data())
    def frame_after_sending(self, data: st.DataObject) -> None:
        self.hand_out()
        self.receive(self.draw_frame(data))

    @rule()
    def handshake_succeeds(self) -> None:
        if self.connection.state is State.HANDSHAKING:
            self.hand_out()
            self.receive(frame(b"\1" + byte_array(b"\xff" * 5) + typed_uuid(NODE_ID)))

    @precondition(lambda self: bool(self.waiting))
    @rule(data=st.data())
    def right_answer(self, data: st.DataObject) -> None:
        self.receive(response(data.draw(st.sampled_from(sorted(self.waiting))), b"ok"))

    @rule(data=st.data(), place=st.integers(0, 40), bit=st.integers(0, 7), spare=MOSTLY)
    def mutated_frame(self, data: st.DataObject, place: int, bit: int, spare: bool) -> None:
        if self.spared(spare):
            return
        chunk = bytearray(self.draw_frame(data))
        chunk[place % len(chunk)] ^= 1 << bit
        self.receive(bytes(chunk))

    @rule(data=st.data(), size=st.integers(0, 20), spare=MOSTLY)
    def part_of_a_frame(self, data: st.DataObject, size: int, spare: bool) -> None:
        if not self.spared(spare):
            self.receive(self.draw_frame(data)[:size])

    @rule(chunk=st.binary(max_size=40), spare=MOSTLY)
    def random_bytes(self, chunk: bytes, spare: bool) -> None:
        if not self.spared(spare):
            self.receive(chunk)

    @rule(body=st.binary(min_size=1, max_size=40), spare=MOSTLY)
    def random_frame(self, body: bytes, spare: bool) -> None:
        if not self.spared(spare):
            self.receive(frame(body))

    @invariant()
    def an_end_has_a_name(self) -> None:
        if self.end is not None and self.end.cause is not None:
            assert isinstance(self.end.cause, GridGainError)


TestWithANode = WithANode.TestCase
TestWithANode.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)

TestWithAnything = WithAnything.TestCase
TestWithAnything.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
