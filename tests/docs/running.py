"""Starts the nodes that a page asks for, and runs it in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from gridgain_sync.node import EmbeddedCluster
from tests.docs.blocks import ROOT, read_page
from tests.docs.ports import FIRST, Ports, free_range
from tests.ignite.tls import TlsFiles

_NODES: Final = 3
_SECONDS: Final = 100
_FOLDER_FILES: Final = ("ca.pem", "client.pem", "client.key")


def run_page(
    page: Path, folder: Path, tls_files: TlsFiles, live: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a page.

    Args:
        page: the page.
        folder: an empty folder for it.
        tls_files: the certificates of nodes that speak TLS.
        live: the addresses of live nodes, for a page that asks for them.

    Returns:
        What became of it; the output says what is wrong.

    Raises:
        Problem: a block would be left out.
    """
    place = folder / "page"
    place.mkdir()
    for name in _FOLDER_FILES:
        shutil.copy(tls_files.ca.parent / name, place / name)
    with ExitStack() as running:
        ports: dict[str, Ports] = {}
        for nodes in {block.nodes for block in read_page(page)}:
            if nodes == "ignite":
                live_ports = (int(address.rpartition(":")[2]) for address in live)
                ports[nodes] = dict(enumerate(live_ports, FIRST))
            else:
                ports[nodes] = _start(nodes, tls_files, running)
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "tests.docs.child", page, json.dumps(ports)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            cwd=place,
            env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(place)},
        )


def _start(nodes: str, files: TlsFiles, running: ExitStack) -> Ports:
    context = None
    if "tls" in nodes:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=files.ca)
        context.load_cert_chain(files.server)
        context.verify_mode = ssl.CERT_REQUIRED if "mutual-tls" in nodes else ssl.CERT_NONE
    ports = free_range(_NODES)
    cluster = EmbeddedCluster(
        _NODES,
        ports=tuple(ports[FIRST + number] for number in range(_NODES)),
        users={"ignite": "ignite"} if "users" in nodes else None,
        ssl_context=context,
    )
    running.enter_context(cluster)
    return ports
