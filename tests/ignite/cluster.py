"""Several nodes that know each other and nobody else."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar, overload

from tests.ignite.config import NodeOptions, NodePorts
from tests.ignite.errors import NodeError
from tests.ignite.node import IgniteNode, Node
from tests.ignite.ports import free_ports
from tests.ignite.wire import ProbeError

_START_SECONDS = 60.0
_POLL_SECONDS = 0.1
_ATTEMPTS = 3

AnyNode = TypeVar("AnyNode", bound=Node, covariant=True)

_started: weakref.WeakSet[IgniteCluster] = weakref.WeakSet()


class Cluster(Sequence[AnyNode]):
    """Where the nodes of one cluster serve clients."""

    def __init__(self, nodes: Sequence[AnyNode]) -> None:
        self._nodes = tuple(nodes)

    @overload
    def __getitem__(self, index: int) -> AnyNode: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[AnyNode]: ...
    def __getitem__(self, index: int | slice) -> AnyNode | Sequence[AnyNode]:
        return self._nodes[index]

    def __len__(self) -> int:
        return len(self._nodes)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {', '.join(self.addresses)}>"

    @property
    def addresses(self) -> list[str]:
        """``host:port`` of each node."""
        return [node.address for node in self._nodes]


class IgniteCluster(Cluster[IgniteNode]):
    """One to a few nodes on this machine, with a discovery of their own.

    Use it as a context manager, or call `stop`. Should neither happen, the nodes end with this
    process, however it ends. Nodes that do not run stay in the sequence.

    Attributes:
        folder: The nodes' logs and other files.
    """

    def __init__(self, nodes: list[IgniteNode], folder: Path, *, keep_folder: bool) -> None:
        super().__init__(nodes)
        self.folder = folder
        self._keep_folder = keep_folder
        _started.add(self)

    @classmethod
    def start(
        cls,
        nodes: int = 1,
        options: NodeOptions | None = None,
        *,
        folder: Path | None = None,
        name: str = "live",
        timeout: float = _START_SECONDS,
    ) -> IgniteCluster:
        """Starts a cluster and waits until all its nodes serve clients and know each other.

        Args:
            nodes: How many nodes.
            options: What they are like; plain ones by default.
            folder: Where logs and data go; the logs stay there. By default a temporary folder,
                which `stop` removes.
            name: A name for logs.
            timeout: Seconds for all of it.

        Raises:
            NodeError: A node ended or was not ready in time; its log's end is in the message.
            Unavailable: This machine cannot run nodes.
        """
        options = options or NodeOptions()
        deadline = time.monotonic() + timeout
        for attempt in range(1, _ATTEMPTS + 1):
            place = folder or Path(tempfile.mkdtemp(prefix="live-nodes-"))
            ports = [NodePorts(*free_ports(3)) for _ in range(nodes)]
            cluster = cls(
                [
                    IgniteNode(
                        name=f"{name}-{number}",
                        instance=name,
                        folder=place,
                        ports=own,
                        discovery_ports=[each.discovery for each in ports],
                        options=options,
                    )
                    for number, own in enumerate(ports, 1)
                ],
                place,
                keep_folder=folder is not None,
            )
            try:
                for node in cluster:
                    node.launch()
                if options.persistence:
                    cluster._activate(deadline)
                cluster._wait(deadline)
            except BaseException as error:
                # Another process took a port between our look at it and the node's.
                port_taken = any("BindException" in node.log_tail(200) for node in cluster)
                cluster._kill()
                if not (port_taken and isinstance(error, NodeError) and attempt < _ATTEMPTS):
                    raise
            else:
                return cluster
        raise AssertionError("the last attempt returns or raises")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def restart(self, node: IgniteNode, timeout: float = _START_SECONDS) -> None:
        """Starts a node again, on its old ports; ends it first if it runs.

        Args:
            node: One of this cluster's nodes.
            timeout: Seconds until it must be ready.
        """
        node.stop()
        node.launch()
        self._wait(time.monotonic() + timeout)

    def heal(self, timeout: float = _START_SECONDS) -> None:
        """Thaws what is frozen, starts what has ended, and waits until the cluster is whole.

        Args:
            timeout: Seconds for all of it.
        """
        for node in self:
            node.thaw()
        deadline = time.monotonic() + timeout
        while True:
            for node in self:
                if not node.running:
                    node.launch()
            try:
                self._wait(deadline)
            except NodeError:
                # One that was frozen for long learns only now that the others put it out, and ends.
                if time.monotonic() >= deadline or all(node.running for node in self):
                    raise
            else:
                return

    def stop(self) -> None:
        """Ends all nodes and removes what they stored, but no log of a folder that was given."""
        with ThreadPoolExecutor(max(1, len(self))) as pool:
            list(pool.map(IgniteNode.stop, self))
        self._clean()

    def _kill(self) -> None:
        for node in self:
            node.kill()
        self._clean()

    def _clean(self) -> None:
        _started.discard(self)
        for node in self:
            node.remove_data()
        if not self._keep_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _activate(self, deadline: float) -> None:
        # Data on disk is not touched before an operator says so. Until then nothing settles.
        self._wait(deadline, settled=False)
        with self[0].probe(timeout=max(1.0, deadline - time.monotonic())) as probe:
            probe.activate()

    def _wait(self, deadline: float, *, settled: bool = True) -> None:
        """Waits until each running node serves clients and sees all the running ones."""
        running = [node for node in self if node.running or node.exit_code() is not None]
        for node in running:
            while True:
                problem = self._problem(node, len(running), settled)
                if problem is None:
                    break
                code = node.exit_code()
                if code is not None:
                    raise _failure(node, f"ended with exit code {code} while it started")
                if time.monotonic() >= deadline:
                    raise _failure(node, f"is not ready in time: {problem}")
                time.sleep(_POLL_SECONDS)

    def _problem(self, node: IgniteNode, expected: int, settled: bool) -> str | None:
        try:
            with node.probe() as probe:
                view = probe.view()
        except ProbeError as error:
            return str(error)
        if set(view.nodes.values()) - {node.port for node in self}:
            raise NodeError(f"a stranger joined the cluster: {view}")
        if len(view.nodes) != expected:
            return f"it sees {len(view.nodes)} of {expected} nodes"
        if settled and not view.settled:
            return "it has not settled after the last change of topology"
        return None


def _failure(node: IgniteNode, what: str) -> NodeError:
    return NodeError(f"{node.name} ({node.address}) {what}; its log ends with:\n{node.log_tail()}")


def running_nodes() -> list[IgniteNode]:
    """All nodes of this process's clusters."""
    return [node for cluster in list(_started) for node in cluster]


def _kill_all(owner: int = os.getpid()) -> None:
    # A forked child that ends must leave its parent's nodes alone.
    if os.getpid() == owner:
        for cluster in list(_started):
            cluster._kill()


atexit.register(_kill_all)
