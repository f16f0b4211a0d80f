"""Live nodes as pytest fixtures.

Session-scoped nodes are shared by all tests: use caches of your own, and leave the nodes alone.
A test that kills or freezes nodes takes ``failover_cluster``, or starts a cluster by
``start_cluster`` (ended with the test) or ``cluster_factory`` (for fixtures with a wider scope)::

    @pytest.fixture(scope="module")
    def impatient_node(cluster_factory: ClusterFactory) -> Iterator[IgniteNode]:
        with cluster_factory(1, NodeOptions(idle_timeout_ms=500)) as cluster:
            yield cluster[0]

Nothing is started before a test asks for it. Where ``GRIDGAIN_ADDRESSES`` is set, its nodes stand
in for the plain ones, and tests that need nodes of their own skip.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn, Protocol

import pytest

from tests.ignite.classpath import class_path
from tests.ignite.cluster import Cluster, IgniteCluster, running_nodes
from tests.ignite.config import NodeOptions
from tests.ignite.environment import given_nodes, live_tests_are_required
from tests.ignite.errors import Unavailable
from tests.ignite.node import IgniteNode, Node
from tests.ignite.tls import TlsFiles
from tests.in_memory import STANDS_IN_FOR, runs_in_memory

_LIVE_FOLDER = Path(__file__).parent.parent / "live"
_LIVE_FIXTURES = {
    "auth_node",
    "cluster_factory",
    "failover_cluster",
    "ignite_cluster",
    "ignite_node",
    "mutual_tls_node",
    "start_cluster",
    "tls_node",
}
_TAIL_LINES = 60

_unavailable = pytest.StashKey[str]()
_log_sizes = pytest.StashKey[dict[Path, int]]()


class ClusterFactory(Protocol):
    """Starts clusters; see `IgniteCluster.start`."""

    def __call__(self, nodes: int = 1, options: NodeOptions | None = None) -> IgniteCluster: ...


@pytest.fixture(scope="session")
def tls_files(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    """The key material of all TLS nodes and their clients."""
    return TlsFiles.create(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="session")
def cluster_factory(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ClusterFactory]:
    """Starts clusters that live until they are stopped, or else until the end of the session."""
    if given_nodes():
        pytest.skip("needs nodes of its own, but GRIDGAIN_ADDRESSES names nodes from outside")
    if reason := request.config.stash.get(_unavailable, None):
        _give_up(request.config, reason)
    folder = tmp_path_factory.mktemp("ignite")
    numbers = itertools.count(1)

    with ExitStack() as clusters:

        def start(nodes: int = 1, options: NodeOptions | None = None) -> IgniteCluster:
            name = f"cluster-{next(numbers)}"
            try:
                cluster = IgniteCluster.start(nodes, options, folder=folder / name, name=name)
            except Unavailable as error:
                _give_up(request.config, str(error))
            return clusters.enter_context(cluster)

        yield start


@pytest.fixture
def start_cluster(cluster_factory: ClusterFactory) -> Iterator[ClusterFactory]:
    """Starts clusters that are the test's own and end with it."""
    with ExitStack() as clusters:

        def start(nodes: int = 1, options: NodeOptions | None = None) -> IgniteCluster:
            return clusters.enter_context(cluster_factory(nodes, options))

        yield start


@pytest.fixture(scope="session")
def ignite_node(request: pytest.FixtureRequest) -> Node:
    """One plain node."""
    if given := given_nodes():
        return given[0]
    return _start(request)[0]


@pytest.fixture(scope="session")
def ignite_cluster(request: pytest.FixtureRequest) -> Cluster[Node]:
    """Three plain nodes, or those from outside, however many they are."""
    if given := given_nodes():
        return Cluster(given)
    return _start(request, 3)


@pytest.fixture(scope="session")
def _mortal_cluster(cluster_factory: ClusterFactory) -> IgniteCluster:
    return cluster_factory(3, NodeOptions())


@pytest.fixture
def failover_cluster(_mortal_cluster: IgniteCluster) -> Iterator[IgniteCluster]:
    """Three nodes to be killed, frozen and restarted; whole again before the next test."""
    yield _mortal_cluster
    _mortal_cluster.heal()


@pytest.fixture(scope="session")
def tls_node(cluster_factory: ClusterFactory, tls_files: TlsFiles) -> IgniteNode:
    """A node whose client port speaks TLS; its clients need ``tls_files.ca``."""
    return cluster_factory(1, NodeOptions(tls=tls_files))[0]


@pytest.fixture(scope="session")
def mutual_tls_node(cluster_factory: ClusterFactory, tls_files: TlsFiles) -> IgniteNode:
    """A node that demands a certificate: ``tls_files.client_cert`` and ``.client_key``."""
    return cluster_factory(1, NodeOptions(tls=tls_files, client_certificate=True))[0]


@pytest.fixture(scope="session")
def auth_node(cluster_factory: ClusterFactory) -> IgniteNode:
    """A node that asks for a user name and a password; it knows ``ignite``/``ignite``."""
    return cluster_factory(1, NodeOptions(authentication=True, persistence=True))[0]


def _start(request: pytest.FixtureRequest, nodes: int = 1) -> IgniteCluster:
    # Not an argument of its callers: with nodes from outside the factory skips the test.
    factory: ClusterFactory = request.getfixturevalue("cluster_factory")
    return factory(nodes)


def _give_up(config: pytest.Config, reason: str) -> NoReturn:
    if live_tests_are_required():
        pytest.fail(f"CI must run the live tests, but {reason}", pytrace=False)
    config.stash[_unavailable] = reason
    pytest.skip(f"cannot run live nodes: {reason}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what needs nodes, before the selection by marks."""
    for item in items:
        needed = _LIVE_FIXTURES.intersection(getattr(item, "fixturenames", ()))
        if runs_in_memory(item):
            needed -= STANDS_IN_FOR
        if needed or item.path.is_relative_to(_LIVE_FOLDER):
            item.add_marker("live")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Brings the server's jars, where they are missing, before the clock of any test runs."""
    wanted = any(item.get_closest_marker("live") for item in session.items)
    if wanted and not session.config.option.collectonly and not given_nodes():
        try:
            class_path()
        except Unavailable as error:
            session.config.stash[_unavailable] = str(error)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Notes how long the logs are, so that a failure shows what was logged during its test."""
    item.stash[_log_sizes] = {
        node.log: node.log.stat().st_size for node in running_nodes() if node.log.exists()
    }


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds to the report of a failed live test what its nodes logged meanwhile."""
    report = yield
    if report.failed and item.get_closest_marker("live"):
        sizes = item.stash.get(_log_sizes, {})
        for node in running_nodes():
            tail = node.log_tail(_TAIL_LINES, since=sizes.get(node.log, 0))
            if tail:
                report.sections.append((f"log of {node.name}, {node.address} ({node.log})", tail))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says in one line of its own that live tests did not run."""
    reason = terminalreporter.config.stash.get(_unavailable, None)
    if reason:
        line = f"LIVE TESTS DID NOT RUN: {reason.splitlines()[0]}"
        terminalreporter.write_line(line, yellow=True, bold=True)
