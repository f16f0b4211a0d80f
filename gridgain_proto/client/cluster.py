"""The cluster's state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..datatypes.cluster_state import ClusterState
from ..operations.cluster_state import CLUSTER_CHANGE_STATE, CLUSTER_GET_STATE, StateChange
from .options import check_choice

if TYPE_CHECKING:
    from .session import Session


class AsyncCluster:
    """The cluster as a whole: comes from the client's ``get_cluster``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get_state(self, *, timeout: float | None = None) -> ClusterState:
        """What the cluster allows.

        Args:
            timeout: seconds; the client's by default.

        Raises:
            ClusterError: the server refused it.
        """
        return await self._session.perform(CLUSTER_GET_STATE(), timeout)

    async def set_state(
        self, state: ClusterState, *, force: bool = False, timeout: float | None = None
    ) -> None:
        """Change what the cluster allows, and wait until all nodes have done so.

        Deactivating loses what caches hold in memory only. GridGain does it without a question, so
        there it has to be forced; newer nodes of Apache Ignite refuse it where data would be lost.

        Args:
            state: the state; the one that it has already changes nothing.
            force: whether to deactivate even if data is lost.
            timeout: seconds; the client's by default. It may take long.

        Raises:
            ParameterError: it is not a state, or a deactivation that has to be forced.
            ClusterError: the server refused it.
            NotSupportedByClusterError: the node does not know the state.
        """
        change = StateChange(check_choice(ClusterState, state, "state"), force)
        await self._session.perform(CLUSTER_CHANGE_STATE(change), timeout)
