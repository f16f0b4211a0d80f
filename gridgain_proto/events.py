"""What `gridgain_proto.Connection.next_event` gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from .features import Features


@dataclass(slots=True)
class HandshakeCompleted:
    """The node accepted us; requests can be sent."""

    features: Features
    "What both sides speak."

    node_id: UUID | None
    "The node's id, or None before protocol 1.4."


@dataclass(slots=True)
class ResponseReceived:
    """The answer to one request."""

    request_id: int
    "The id that `Connection.send_request` gave."

    status: int
    "0 for success, else the server's status code."

    message: str | None
    "The server's words for an error; None for success, and for errors without any."

    data: bytes
    "The whole frame; the payload begins at `offset`. Nothing is copied or decoded here."

    offset: int
    "Where the payload begins in `data`."


@dataclass(slots=True)
class NotificationReceived:
    """Something that the node sent of its own accord."""

    resource_id: int
    "The id that the operation gave which created the resource."

    op_code: int
    "What it is about."

    status: int
    "0, or the status code of a failure."

    message: str | None
    "The server's words for a failure."

    data: bytes
    "The whole frame; the payload begins at `offset`."

    offset: int
    "Where the payload begins in `data`."


@dataclass(slots=True)
class TopologyChanged:
    """The node has seen a newer topology than it had told this connection about."""

    version: tuple[int, int]
    "Major and minor version. (-1, 0) means that the node has none yet."


@dataclass(slots=True)
class ConnectionTerminated:
    """The connection is over. It is the last event, and comes once."""

    cause: Exception | None
    "Why, or None if it was closed from this side."

    unsent: frozenset[int]
    "Requests of which not a byte was handed out: always safe to send elsewhere."

    unanswered: frozenset[int]
    "Requests that were handed out: whether they were carried out is unknown."


#: What `Connection.next_event` gives.
Event: TypeAlias = (
    HandshakeCompleted
    | ResponseReceived
    | NotificationReceived
    | TopologyChanged
    | ConnectionTerminated
)
