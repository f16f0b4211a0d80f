"""One node: where it is, and for a node of our own, its life as a process."""

from __future__ import annotations

import os
import shutil
import signal
import ssl
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from tests.ignite.classpath import class_path, installation
from tests.ignite.config import NodeOptions, NodePorts, spring_file
from tests.ignite.errors import NodeError
from tests.ignite.java import JVM_OPTIONS, java_tool
from tests.ignite.wire import ClusterView, Probe

USER = ("ignite", "ignite")
_LOGGING = Path(__file__).with_name("logging.properties")
_TERM_SECONDS = 10.0
_LINE_WIDTH = 400


class Node:
    """Where a node serves clients.

    Attributes:
        host: Its address.
        port: Its client port.
    """

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port

    @property
    def address(self) -> str:
        """``host:port``, with brackets around an IPv6 address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.address}>"


class IgniteNode(Node):
    """A node of our own.

    Made by `IgniteCluster`. Its methods may be called from any thread, one at a time.

    Args:
        name: Its lasting name in the cluster.
        instance: The cluster's name.
        folder: Its files; made if missing. The log stays there when the node is gone.
        ports: Its ports, the same for all its life.
        discovery_ports: Those of all nodes of its cluster.
        options: What the test chose.
    """

    def __init__(
        self,
        *,
        name: str,
        instance: str,
        folder: Path,
        ports: NodePorts,
        discovery_ports: list[int],
        options: NodeOptions,
    ) -> None:
        super().__init__(options.client_host, ports.client)
        self.name = name
        self.options = options
        self.log = folder / f"{name}.log"
        self._work = folder / name
        self._config = folder / f"{name}.xml"
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._lock = threading.RLock()
        folder.mkdir(parents=True, exist_ok=True)
        self._config.write_text(
            spring_file(
                options,
                name=name,
                instance=instance,
                work=str(self._work),
                ports=ports,
                discovery_ports=discovery_ports,
            ),
            encoding="utf-8",
        )

    @property
    def pid(self) -> int:
        """The process id.

        Raises:
            NodeError: The node is not running.
        """
        if self._process is None:
            raise NodeError(f"{self.name} is not running")
        return self._process.pid

    @property
    def running(self) -> bool:
        """The process lives; a frozen one does."""
        return self._process is not None and self._process.poll() is None

    @property
    def frozen(self) -> bool:
        """`freeze` was called, and `thaw` was not."""
        return self._guard is not None

    def launch(self) -> None:
        """Starts the process and returns at once; the cluster waits until the node is ready."""
        with self._lock:
            if self.running:
                raise NodeError(f"{self.name} is running already")
            self._reap()
            options = self.options
            home = installation()
            self._work.mkdir(exist_ok=True)
            command = [
                java_tool("java"),
                *JVM_OPTIONS,
                f"-Xmx{options.heap_mb}m",
                f"-Djava.net.preferIPv4Stack={str(':' not in options.client_host).lower()}",
                f"-Djava.util.logging.config.file={_LOGGING}",
                "-DIGNITE_QUIET=false",
                "-DIGNITE_NO_ASCII=true",
                "-DIGNITE_NO_SHUTDOWN_HOOK=false",
                "-DIGNITE_UPDATE_NOTIFIER=false",
                "-DIGNITE_PERFORMANCE_SUGGESTIONS_DISABLED=true",
                f"-DIGNITE_HOME={home or self._work}",
                *options.jvm_options,
                "-cp",
                class_path(),
                "org.gridgain.proto.live.NodeMain",
                str(self._config),
            ]
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    command,
                    # Held open for the node's life: at its end the node halts, see NodeMain.
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self._work,
                    # Ctrl-C in a terminal goes to a whole group: let the tests alone decide.
                    process_group=0,
                )

    def probe(self, timeout: float = 5) -> Probe:
        """Connects as a client does, with the node's own TLS and user.

        Args:
            timeout: Seconds for each exchange.

        Raises:
            ProbeError: The node is not ready.
        """
        context = None
        if self.options.tls is not None:
            context = ssl.create_default_context(cafile=str(self.options.tls.ca))
            context.load_cert_chain(self.options.tls.client_cert, self.options.tls.client_key)
        user = USER if self.options.authentication else None
        return Probe(self.host, self.port, context=context, user=user, timeout=timeout)

    def view(self) -> ClusterView:
        """What the node knows of its cluster."""
        with self.probe() as probe:
            return probe.view()

    def stop(self, timeout: float = _TERM_SECONDS) -> None:
        """Ends the node as an operator does, by SIGTERM; by SIGKILL if that takes too long.

        Args:
            timeout: Seconds between the two.
        """
        with self._lock:
            self.thaw()
            if self._process is not None:
                self._process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(timeout)
            self.kill()

    def kill(self) -> None:
        """Ends the node without warning: SIGKILL."""
        with self._lock:
            if self._process is not None:
                self._process.kill()
            self._reap()

    def freeze(self) -> None:
        """Stops the process in its tracks: its sockets stay open and silent."""
        with self._lock:
            pid = self.pid
            if self._guard is None:
                # A frozen JVM cannot see that its parent is gone. Another process can.
                self._guard = subprocess.Popen(
                    ["/bin/sh", "-c", 'read _; kill -KILL "$1"', "sh", str(pid)],
                    stdin=subprocess.PIPE,
                    process_group=0,
                )
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets a frozen node go on."""
        with self._lock:
            if self._guard is not None:
                self._guard.kill()
                _end(self._guard)
                self._guard = None
                if self.running:
                    os.kill(self.pid, signal.SIGCONT)

    def remove_data(self) -> None:
        """Removes the node's files, all but its log."""
        shutil.rmtree(self._work, ignore_errors=True)

    def log_tail(self, lines: int = 40, since: int = 0) -> str:
        """The end of the log.

        Args:
            lines: At most so many lines.
            since: Nothing from before this byte.
        """
        try:
            with self.log.open("rb") as log:
                return _tail(log, lines, since)
        except FileNotFoundError:
            return ""

    def exit_code(self) -> int | None:
        """The exit code of a process that has ended by itself."""
        return self._process.poll() if self._process is not None else None

    def _reap(self) -> None:
        if self._guard is not None:
            self._guard.kill()
            _end(self._guard)
            self._guard = None
        if self._process is not None:
            _end(self._process)
            self._process = None


def _end(process: subprocess.Popen[bytes]) -> None:
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _tail(log: BinaryIO, lines: int, since: int) -> str:
    size = log.seek(0, os.SEEK_END)
    log.seek(max(since, size - lines * 1000))
    text = log.read().decode("utf-8", "replace")
    # Some of Ignite's lines fill a screen; their beginnings tell enough.
    return "\n".join(line[:_LINE_WIDTH] for line in text.splitlines()[-lines:])
