"""The cluster's state, binary types by hand, and listeners."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

import pytest

from gridgain_proto.codec import Codec
from gridgain_proto.datatypes import ClusterState, IntObject, String
from gridgain_proto.exceptions import (
    AuthenticationError,
    BinaryTypeError,
    CacheNotFound,
    EncodeError,
    InsecureConnectionWarning,
    ParameterError,
)
from gridgain_proto.features import V1_7_0, V1_7_1, Feature, Features, Product
from gridgain_proto.monitoring import (
    ConnectionEventListener,
    QueryEventListener,
    QueryFailEvent,
    QueryStartEvent,
    QuerySuccessEvent,
)
from gridgain_proto.operations.cluster_state import CLUSTER_CHANGE_STATE, StateChange
from gridgain_sync import Client, GenericObjectMeta
from tests.ignite import Node
from tests.ignite.fixtures import ClusterFactory

from .conftest import host_and_port

# -- the cluster's state ---------------------------------------------------------------------------


def test_the_state_is_changed_and_read(start_cluster: ClusterFactory) -> None:
    with Client(timeout=60).connect(*host_and_port(start_cluster(1)[0])) as client:
        cluster = client.get_cluster()
        assert cluster.get_state() is ClusterState.ACTIVE
        cluster.set_state(ClusterState.ACTIVE_READ_ONLY)
        assert cluster.get_state() is ClusterState.ACTIVE_READ_ONLY
        cluster.set_state(ClusterState.ACTIVE)
        cluster.set_state(ClusterState.INACTIVE, force=True)
        assert cluster.get_state() is ClusterState.INACTIVE


@pytest.mark.parametrize("state", [3, -1, True, "ACTIVE", None])
def test_no_other_byte_is_ever_sent(client: Client, state: Any) -> None:
    with pytest.raises(ParameterError, match="ClusterState.ACTIVE"):
        client.get_cluster().set_state(state)


def test_deactivating_has_to_be_forced() -> None:
    change = CLUSTER_CHANGE_STATE(StateChange(ClusterState.INACTIVE))
    forced = CLUSTER_CHANGE_STATE(StateChange(ClusterState.INACTIVE, force=True))
    gridgain = Features(Product.GRIDGAIN, V1_7_1, frozenset({Feature.CLUSTER_STATES}))
    with pytest.raises(ParameterError, match="force=True"):
        change.encode(Codec(), gridgain)
    assert bytes(forced.encode(Codec(), gridgain)) == b"\0"
    ignite = Features(Product.IGNITE, V1_7_0, frozenset({Feature.FORCE_DEACTIVATION}))
    assert bytes(change.encode(Codec(), ignite)) == b"\0\0"
    assert bytes(forced.encode(Codec(), ignite)) == b"\0\1"


# -- binary types ----------------------------------------------------------------------------------


def test_types_by_hand(client: Client, name: str) -> None:
    assert client.get_binary_type(name) is None
    assert client.query_binary_type(name) == {}
    described = client.put_binary_type(name, "id", schema={"id": IntObject, "text": String})
    assert client.get_binary_type(name) == client.get_binary_type(described.type_id) == described
    assert described.affinity_key_field == "id"
    (made,) = client.query_binary_type(name).values()
    cache = client.create_cache(name)
    cache.put(1, made(id=1, text="one"))
    assert cache.get(1) == made(id=1, text="one")
    with pytest.raises((BinaryTypeError, EncodeError)):
        client.put_binary_type(name, "id", schema={"id": String})
    cache.destroy()


def test_classes_and_enums(client: Client, name: str) -> None:
    declared: Any = GenericObjectMeta("Declared", (), {}, type_name=name, schema={"id": IntObject})
    client.register_binary_type(declared, "id")
    described = client.get_binary_type(name)
    assert described is not None
    assert described.affinity_key_field == "id"
    assert list(client.query_binary_type(name).values()) == [declared]
    enum = client.put_binary_type(f"{name}_E", is_enum=True, schema={"RED": 0, "BLUE": 1})
    assert client.get_binary_type(enum.type_id) == enum
    assert dict(enum.enum_constants) == {"RED": 0, "BLUE": 1}
    codec = client._flows._session.types.codec
    data = codec.encode(declared(id=5))
    assert client.unwrap_binary((b"xx" + data, 2)) == declared(id=5)
    assert client.unwrap_binary("no bytes") == "no bytes"


def test_wrong_types(client: Client) -> None:
    for wrong in ("", None, 2**31):
        with pytest.raises(ParameterError):
            client.get_binary_type(wrong)  # type: ignore[arg-type]
        with pytest.raises(ParameterError):
            client.put_binary_type(wrong)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="not declared"):
        client.register_binary_type(int)


# -- listeners and the log -------------------------------------------------------------------------


class Everything(ConnectionEventListener, QueryEventListener):
    """Keeps what it is told, and fails every time."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def _keep(self, event: Any) -> None:
        self.events.append(event)
        raise ZeroDivisionError

    on_handshake_start = on_handshake_success = on_handshake_fail = _keep
    on_authentication_fail = on_connection_closed = on_connection_lost = _keep
    on_query_start = on_query_success = on_query_fail = _keep

    def names(self) -> list[str]:
        return [type(event).__name__.removesuffix("Event") for event in self.events]


def test_listeners_see_everything_and_break_nothing(
    ignite_node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    listener = Everything()
    with (
        caplog.at_level(logging.CRITICAL, "gridgain_proto"),
        Client(timeout=30, event_listeners=[listener], partition_aware=False).connect(
            *host_and_port(ignite_node)
        ) as client,
    ):
        client.get_cache_names()
        with pytest.raises(CacheNotFound):
            client.get_cache("no such cache").get(1)
    names = listener.names()
    assert names[:2] == ["HandshakeStart", "HandshakeSuccess"]
    assert names[-1] == "ConnectionClosed"
    assert isinstance(listener.events[1].node_uuid, UUID)
    queries = [event for event in listener.events if isinstance(event, QueryStartEvent)]
    (started, done) = [event for event in queries if event.op_name == "CACHE_GET_NAMES"]
    assert isinstance(done, QuerySuccessEvent)
    assert (started.query_id, started.op_code) == (done.query_id, 1050)
    assert done.duration > 0
    assert not isinstance(done, QueryFailEvent)
    (failed,) = [event for event in queries if isinstance(event, QueryFailEvent)]
    assert failed.op_name == "CACHE_GET"
    assert "Cache does not exist" in failed.err_msg


def test_lost_connections_and_refused_passwords(ignite_node: Node, auth_node: Node) -> None:
    listener = Everything()
    with Client(timeout=30, event_listeners=[listener]).connect(
        *host_and_port(ignite_node)
    ) as client:
        link: Any = client._flows._session.link
        link._transport.shutdown()
        assert isinstance(client.get_cache_names(), list)
    assert "ConnectionLost" in listener.names()
    with pytest.warns(InsecureConnectionWarning):
        refused = Client(
            username="ignite", password="secret!", use_ssl=False, event_listeners=[listener]
        )
    with pytest.raises(AuthenticationError):
        refused.connect(*host_and_port(auth_node))
    assert listener.names()[-1] == "AuthenticationFailed"
    assert "secret!" not in str(listener.events)
    with pytest.raises(ParameterError, match="event_listeners"):
        Client(event_listeners=[object()])  # type: ignore[list-item]


def test_the_log_is_named_after_the_package(
    ignite_node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "gridgain_proto"):
        Client(timeout=30).connect(*host_and_port(ignite_node)).__exit__(None, None, None)
    logged = [record.getMessage() for record in caplog.records if record.name == "gridgain_proto"]
    assert any(message.startswith("connected to") for message in logged)
    assert any(message.startswith("closing") for message in logged)
