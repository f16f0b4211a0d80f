"""The cluster's state."""

from __future__ import annotations

from typing import Final, NamedTuple

from .. import scalars
from ..datatypes.cluster_state import ClusterState
from ..exceptions import ClusterError, DecodeError, NotSupportedByClusterError, ParameterError
from ..features import Feature
from .layout import nothing
from .operation import Operation, Reader, Repeat, Writer


class StateChange(NamedTuple):
    """A state to change to.

    Attributes:
        state: the state.
        force: whether to deactivate even if that loses data.
    """

    state: ClusterState
    force: bool = False


def _state_change(writer: Writer, change: StateChange) -> None:
    features = writer.features
    if change.state > ClusterState.ACTIVE and Feature.CLUSTER_STATES not in features:
        raise NotSupportedByClusterError(
            f"{change.state!r}: the node does not know it ({features})"
        )
    asks = Feature.FORCE_DEACTIVATION in features  # the others deactivate without a question
    if change.state == ClusterState.INACTIVE and not change.force and not asks:
        raise ParameterError(
            "state: deactivating the cluster loses what caches hold in memory only; "
            "say force=True if that is what you want"
        )
    writer += scalars.INT8.pack(change.state)
    if Feature.FORCE_DEACTIVATION in features:
        writer += b"\x01" if change.force else b"\x00"


def _read_state(reader: Reader) -> ClusterState:
    # Without the feature it is a boolean, with the same two numbers.
    number, reader.pos = scalars.read_int8(reader.data, reader.pos)
    try:
        return ClusterState(number)
    except ValueError:
        raise DecodeError(f"{number} where the state of a cluster should be") from None


CLUSTER_GET_STATE: Final = Operation(
    name="CLUSTER_GET_STATE",
    code=5000,
    request=(),
    response=_read_state,
    repeat=Repeat.SAFE,
    error=ClusterError,
)
CLUSTER_CHANGE_STATE: Final = Operation(
    name="CLUSTER_CHANGE_STATE",
    code=5001,
    request=(_state_change,),
    response=nothing,
    repeat=Repeat.CONVERGES,
    error=ClusterError,
)
