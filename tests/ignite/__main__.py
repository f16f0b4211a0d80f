"""Runs a command beside nodes of its own: ``python -m tests.ignite --nodes 3 -- COMMAND ARGS…``."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from types import FrameType

from tests.ignite.cluster import IgniteCluster
from tests.ignite.config import NodeOptions
from tests.ignite.errors import LauncherError
from tests.ignite.node import USER
from tests.ignite.tls import TlsFiles


def main() -> int:
    """Starts the nodes, runs the command and stops them.

    Returns:
        The command's exit code; 1 when the nodes did not start.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tests.ignite",
        description="Starts nodes on this machine, prints their addresses, and stops them when the "
        "command ends; without a command, at Ctrl-C.",
    )
    parser.add_argument("--nodes", type=int, default=1, help="how many (default: 1)")
    parser.add_argument(
        "--tls",
        action="store_true",
        help="speak TLS; GRIDGAIN_CA, GRIDGAIN_CERT and GRIDGAIN_KEY name a client's PEM files",
    )
    parser.add_argument(
        "--auth",
        action="store_true",
        help="the nodes ask for GRIDGAIN_USER and GRIDGAIN_PASSWORD",
    )
    parser.add_argument("command", nargs="*", help="gets GRIDGAIN_ADDRESSES and GRIDGAIN_ADDRESS")
    arguments = parser.parse_args()

    signal.signal(signal.SIGTERM, _exit)
    with tempfile.TemporaryDirectory(prefix="live-nodes-") as name:
        folder = Path(name)
        environment: dict[str, str] = {}
        tls = None
        if arguments.tls:
            tls = TlsFiles.create(folder / "tls")
            environment |= {
                "GRIDGAIN_CA": str(tls.ca),
                "GRIDGAIN_CERT": str(tls.client_cert),
                "GRIDGAIN_KEY": str(tls.client_key),
            }
        if arguments.auth:
            environment |= dict(zip(("GRIDGAIN_USER", "GRIDGAIN_PASSWORD"), USER, strict=True))
        options = NodeOptions(tls=tls, authentication=arguments.auth, persistence=arguments.auth)
        try:
            cluster = IgniteCluster.start(arguments.nodes, options, folder=folder)
        except LauncherError as error:
            print(error, file=sys.stderr)
            return 1
        with cluster:
            print(" ".join([*cluster.addresses, *_settings(environment)]), flush=True)
            if not arguments.command:
                with suppress(KeyboardInterrupt):
                    signal.pause()
                return 0
            environment["GRIDGAIN_ADDRESSES"] = ",".join(cluster.addresses)
            environment["GRIDGAIN_ADDRESS"] = cluster.addresses[0]
            return _run(arguments.command, os.environ | environment)


def _run(command: list[str], environment: dict[str, str]) -> int:
    try:
        process = subprocess.Popen(command, env=environment)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    try:
        while True:
            # Ctrl-C reaches the command as well: what it means is for the command to say.
            with suppress(KeyboardInterrupt):
                code = process.wait()
                return code if code >= 0 else 128 - code
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def _settings(environment: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in environment.items()]


def _exit(number: int, frame: FrameType | None) -> None:
    # As an exception, so that the nodes are stopped and the temporary folder goes.
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
