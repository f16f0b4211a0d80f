"""The launcher itself: are these the nodes that the other live tests believe in?"""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.ignite import (
    Cluster,
    IgniteCluster,
    IgniteNode,
    Node,
    NodeError,
    NodeOptions,
    TlsFiles,
    run_java,
)
from tests.ignite.classpath import class_path, make_once
from tests.ignite.fixtures import ClusterFactory
from tests.ignite.wire import Probe, ProbeError

ROOT = Path(__file__).parent.parent.parent

# A process that starts two nodes, freezes one, and then waits to be killed.
PARENT = """
import pathlib, signal, sys
from tests.ignite import IgniteCluster

cluster = IgniteCluster.start(2, folder=pathlib.Path(sys.argv[1]))
cluster[1].freeze()
print(*(node.port for node in cluster), flush=True)
signal.pause()
"""


def eventually(condition: Callable[[], bool], what: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)


def listens(port: int, host: str = "127.0.0.1") -> bool:
    try:
        socket.create_connection((host, port), 1).close()
    except OSError:
        return False
    return True


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs this Python in the repository's root, with nothing about nodes in its environment."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "CI" and not name.startswith(("GRIDGAIN_", "IGNITE_", "PYTEST_", "COV_"))
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=kept | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


class TestNodes:
    def test_one_answers_a_handshake(self, ignite_node: Node) -> None:
        with Probe(ignite_node.host, ignite_node.port) as probe:
            assert probe.view().nodes[probe.node_id] == ignite_node.port

    def test_three_form_one_cluster_and_know_nobody_else(
        self, ignite_node: Node, ignite_cluster: Cluster[Node]
    ) -> None:
        views = []
        for node in ignite_cluster:
            with Probe(node.host, node.port) as probe:
                views.append(probe.view())
        assert all(view.nodes == views[0].nodes for view in views)
        assert {view.node_id for view in views} == set(views[0].nodes)
        assert sorted(views[0].nodes.values()) == sorted(node.port for node in ignite_cluster)

    def test_one_may_serve_ipv6(self, start_cluster: ClusterFactory) -> None:
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            pytest.skip("this machine has no IPv6")
        node = start_cluster(1, NodeOptions(client_host="::1"))[0]
        assert node.address == f"[::1]:{node.port}"
        assert list(node.view().nodes.values()) == [node.port]
        assert not listens(node.port)

    def test_options_reach_the_server(self, start_cluster: ClusterFactory) -> None:
        node = start_cluster(1, NodeOptions(handshake_timeout_ms=300))[0]
        with socket.create_connection((node.host, node.port), 5) as silent:
            assert silent.recv(1) == b""


class TestLifeAndDeath:
    def test_killed_and_restarted_on_the_same_port(self, failover_cluster: IgniteCluster) -> None:
        alive, dead = failover_cluster[0], failover_cluster[2]
        dead.kill()
        assert not dead.running
        assert not listens(dead.port)
        eventually(lambda: len(alive.view().nodes) == 2, "the others notice")

        failover_cluster.restart(dead)
        assert dead.view().nodes == alive.view().nodes
        assert dead.port in alive.view().nodes.values()

    def test_frozen_is_silent_until_thawed(self, failover_cluster: IgniteCluster) -> None:
        node = failover_cluster[1]
        node.freeze()
        assert node.frozen
        assert node.running
        with pytest.raises(ProbeError, match="timed out"):
            node.probe(timeout=0.5)
        node.thaw()
        assert not node.frozen
        assert len(node.view().nodes) == 3

    def test_healed_whatever_happened(self, failover_cluster: IgniteCluster) -> None:
        frozen, killed, _ = failover_cluster
        pids = [node.pid for node in failover_cluster]
        frozen.freeze()
        killed.kill()
        failover_cluster.heal()
        assert len(frozen.view().nodes) == 3
        assert frozen.pid == pids[0]
        assert killed.pid != pids[1]

    def test_none_outlives_a_killed_parent(
        self, cluster_factory: ClusterFactory, tmp_path: Path
    ) -> None:
        # Of the factory only its judgement is wanted, whether nodes can run here.
        with subprocess.Popen(
            [sys.executable, "-c", PARENT, str(tmp_path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        ) as parent:
            assert parent.stdout is not None
            ports = [int(word) for word in parent.stdout.readline().split()]
            assert len(ports) == 2
            assert all(listens(port) for port in ports)
            parent.send_signal(signal.SIGKILL)
            parent.wait()
        eventually(lambda: not any(map(listens, ports)), "both nodes are gone", 10)

    def test_one_that_dies_at_once_shows_its_log(self, start_cluster: ClusterFactory) -> None:
        with pytest.raises(NodeError, match=r"(?s)exit code 1.*Unrecognized option: --no-such"):
            start_cluster(1, NodeOptions(jvm_options=("--no-such-option",)))

    def test_one_that_is_late_shows_its_log_and_is_gone(
        self, cluster_factory: ClusterFactory, tmp_path: Path
    ) -> None:
        with pytest.raises(NodeError, match="not ready in time: cannot connect") as caught:
            IgniteCluster.start(1, folder=tmp_path, timeout=0.1)
        port = int(str(caught.value).partition("127.0.0.1:")[2].partition(")")[0])
        time.sleep(0.5)
        assert not listens(port)


class TestVariants:
    def test_tls(self, tls_node: IgniteNode, tls_files: TlsFiles) -> None:
        context = ssl.create_default_context(cafile=str(tls_files.ca))
        with Probe(tls_node.host, tls_node.port, context=context) as probe:
            assert len(probe.view().nodes) == 1
        with pytest.raises(ProbeError):
            Probe(tls_node.host, tls_node.port)
        stranger = ssl.create_default_context(cafile=str(tls_files.other_ca))
        with pytest.raises(ProbeError, match="CERTIFICATE_VERIFY_FAILED"):
            Probe(tls_node.host, tls_node.port, context=stranger)

    def test_tls_with_client_certificates(
        self, mutual_tls_node: IgniteNode, tls_files: TlsFiles
    ) -> None:
        host, port = mutual_tls_node.host, mutual_tls_node.port
        context = ssl.create_default_context(cafile=str(tls_files.ca))
        with pytest.raises(ProbeError):
            Probe(host, port, context=context)
        context.load_cert_chain(tls_files.other_cert, tls_files.other_key)
        with pytest.raises(ProbeError):
            Probe(host, port, context=context)
        context = ssl.create_default_context(cafile=str(tls_files.ca))
        context.load_cert_chain(tls_files.client_cert, tls_files.client_key)
        with Probe(host, port, context=context) as probe:
            assert len(probe.view().nodes) == 1

    def test_user_and_password(self, auth_node: IgniteNode) -> None:
        host, port = auth_node.host, auth_node.port
        with Probe(host, port, user=("ignite", "ignite")) as probe:
            assert len(probe.view().nodes) == 1
        for user in (None, ("ignite", "wrong"), ("nobody", "ignite")):
            with pytest.raises(ProbeError, match="refused"):
                Probe(host, port, user=user)


class TestJavaPrograms:
    def test_objects_from_java_are_as_java_expects(self, ignite_node: Node) -> None:
        if not isinstance(ignite_node, IgniteNode):
            pytest.skip("Java programs are for nodes that were started here")
        target = (ignite_node.host, str(ignite_node.port), "java-objects")
        assert run_java("ObjectExchange", "write", *target) == ""
        lines = run_java("ObjectExchange", "check", *target).splitlines()
        assert len(lines) == 10
        assert "6: BLUE" in lines
        assert "5: Packed{label=label, raw=[42, no names here, [1, 2, 3]]}" in lines

    def test_a_failing_one_says_why(self, ignite_node: Node) -> None:
        with pytest.raises(NodeError, match=r"(?s)exit code 2.*usage: write\|check"):
            run_java("ObjectExchange")


class TestCommand:
    def test_runs_a_command_beside_nodes(self, cluster_factory: ClusterFactory) -> None:
        script = "import os, sys; print(os.environ['GRIDGAIN_ADDRESSES']); sys.exit(7)"
        done = run("-m", "tests.ignite", "--", sys.executable, "-c", script)
        assert done.returncode == 7
        printed, seen = done.stdout.splitlines()
        assert printed == seen
        assert not listens(int(seen.rpartition(":")[2]))

    def test_uses_an_installation(self, cluster_factory: ClusterFactory, tmp_path: Path) -> None:
        # Laid out as an unpacked one is: the core's jars in libs, the modules' in folders.
        for jar in map(Path, class_path().split(os.pathsep)):
            if jar.suffix == ".jar":
                module = "ignite-spring" if "spring" in jar.name else ""
                (tmp_path / "libs" / module).mkdir(parents=True, exist_ok=True)
                (tmp_path / "libs" / module / jar.name).symlink_to(jar)
        done = run("-m", "tests.ignite", "--", "pwd", GRIDGAIN_HOME=str(tmp_path))
        assert done.returncode == 0, done.stderr

    def test_says_what_is_wrong_with_an_installation(self, tmp_path: Path) -> None:
        done = run("-m", "tests.ignite", "--", "pwd", IGNITE_HOME=str(tmp_path))
        assert done.returncode == 1
        assert "there is no libs folder in it" in done.stderr


class TestWithinPytest:
    ONE_TEST = (
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "tests/live/test_nodes.py::TestNodes::test_one_answers_a_handshake",
    )

    def test_without_a_jvm_live_tests_skip_loudly(self) -> None:
        done = run(*self.ONE_TEST, PATH="/nowhere", JAVA_HOME="/nowhere")
        assert done.returncode == 0
        assert "1 skipped" in done.stdout
        assert "LIVE TESTS DID NOT RUN: no java in JAVA_HOME (/nowhere)" in done.stdout

    def test_without_a_jvm_ci_fails(self) -> None:
        done = run(*self.ONE_TEST, PATH="/nowhere", JAVA_HOME="/nowhere", CI="true")
        assert done.returncode == 1
        assert "CI must run the live tests, but no java" in done.stdout

    def test_addresses_from_outside_take_the_nodes_place(self, ignite_node: Node) -> None:
        done = run(*self.ONE_TEST, GRIDGAIN_ADDRESSES=ignite_node.address, PATH="/nowhere")
        assert done.returncode == 0
        assert "1 passed" in done.stdout

    def test_nodes_from_outside_are_not_for_killing(self) -> None:
        test = "tests/live/test_nodes.py::TestLifeAndDeath::test_frozen_is_silent_until_thawed"
        done = run(*self.ONE_TEST[:-1], "-rs", test, GRIDGAIN_ADDRESSES="127.0.0.1:1")
        assert done.returncode == 0
        assert "needs nodes of its own, but GRIDGAIN_ADDRESSES" in done.stdout

    def test_a_failure_shows_the_logs(
        self, cluster_factory: ClusterFactory, tmp_path: Path
    ) -> None:
        test = tmp_path / "test_that_fails.py"
        test.write_text("def test_it(start_cluster):\n    start_cluster()\n    assert False\n")
        done = run(
            *self.ONE_TEST[:-1],
            *("-p", "tests.ignite.fixtures", "-c", "pyproject.toml", f"--rootdir={tmp_path}"),
            str(test),
        )
        assert done.returncode == 1
        assert "log of cluster-1-1, 127.0.0.1:" in done.stdout
        assert "INFO    org.apache.ignite" in done.stdout


class TestMakeOnce:
    def test_one_of_many_makes_it_and_all_find_it(self, tmp_path: Path) -> None:
        made: list[Path] = []
        together = threading.Barrier(4)

        def fill(folder: Path) -> None:
            made.append(folder)
            time.sleep(0.1)
            (folder / "file").touch()

        def make(_: int) -> bool:
            together.wait()
            make_once(tmp_path / "folder", fill)
            return (tmp_path / "folder" / "file").exists()

        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(make, range(4)))
        assert len(made) == 1

    def test_what_failed_leaves_nothing(self, tmp_path: Path) -> None:
        def fail(folder: Path) -> None:
            (folder / "half").touch()
            raise RuntimeError

        with pytest.raises(RuntimeError):
            make_once(tmp_path / "folder", fail)
        assert [path.name for path in tmp_path.iterdir()] == ["lock"]
