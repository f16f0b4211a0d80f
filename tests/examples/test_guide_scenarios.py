"""The examples for the scenarios of the guide, run as a user would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.ignite import IgniteNode, Node, TlsFiles

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, *arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_caches(ignite_node: Node) -> None:
    assert run("caches", ignite_node.address) == [
        "mode: REPLICATED",
        "get: 49 None",
        "get_all: {1: 1, 2: 4}",
        "replaced: True False",
        "in: True False",
        "scan: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]",
        "hints: 1 2",
        "lifetimes: None",
    ]


def test_transactions(ignite_node: Node) -> None:
    assert run("transactions", ignite_node.address) == [
        "after the commit: 70 130",
        "left without a commit: 70",
        "after twenty deposits at once: 90",
    ]


def test_sql(ignite_node: Node) -> None:
    assert run("sql", ignite_node.address) == [
        "columns: NAME PEOPLE",
        "Berlin 3755251",
        "Rome 2748109",
        "Paris 2102650",
        "updated: 2",
        "deleted: 1",
        "error: 42000",
    ]


def test_security(auth_node: IgniteNode, mutual_tls_node: IgniteNode, tls_files: TlsFiles) -> None:
    assert run("security", auth_node.address, "ignite:ignite")[0].startswith("caches: ")
    port = mutual_tls_node.address.rpartition(":")[2]
    files = [str(tls_files.ca), str(tls_files.client_cert), str(tls_files.client_key)]
    assert run("security", f"localhost:{port}", *files)[0].startswith("caches: ")
