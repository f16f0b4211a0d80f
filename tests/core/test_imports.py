"""The core does no I/O: it does not even import what could do any."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import gridgain_proto

ROOT = Path(gridgain_proto.__file__).parent

FORBIDDEN = {
    # sockets
    "socket", "socketserver", "select", "selectors", "http", "urllib", "ftplib", "smtplib",
    # threads and processes
    "threading", "_thread", "queue", "concurrent", "multiprocessing", "subprocess", "signal",
    # clocks
    "time", "sched",
    # files
    "os", "pathlib", "io", "tempfile", "shutil", "glob", "fileinput", "mmap",
    # event loops
    "asyncio", "trio", "gevent", "greenlet", "anyio", "curio",
}  # fmt: skip


def modules() -> list[str]:
    return sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))


def imported(tree: ast.AST, *, inside_functions: bool = True) -> Iterator[str]:
    """The top-level names of what is imported when the program runs."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            if not node.level and node.module:
                yield node.module.partition(".")[0]
        elif isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            for other in node.orelse:
                yield from imported(ast.Module([other], []), inside_functions=inside_functions)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not inside_functions:
            pass
        else:
            yield from imported(node, inside_functions=inside_functions)


def parse(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"), module)


@pytest.mark.parametrize("module", modules())
def test_no_io_is_imported(module: str) -> None:
    assert not FORBIDDEN.intersection(imported(parse(module)))


@pytest.mark.parametrize("module", modules())
def test_ssl_stays_in_its_module(module: str) -> None:
    assert module == "tls.py" or "ssl" not in imported(parse(module))


@pytest.mark.parametrize("module", modules())
def test_numpy_is_never_needed(module: str) -> None:
    assert "numpy" not in imported(parse(module), inside_functions=False)


@pytest.mark.parametrize("module", modules())
def test_no_clock_is_read(module: str) -> None:
    for node in ast.walk(parse(module)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called = ast.unparse(node.func)
            assert not called.endswith(
                ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")
            ), f"{called}() in line {node.lineno}"


@pytest.mark.parametrize("module", modules())
def test_nothing_is_opened_or_printed(module: str) -> None:
    for node in ast.walk(parse(module)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("open", "print", "input", "__import__"), node.lineno


def test_the_walk_sees_what_it_should() -> None:
    tree = ast.parse(
        "import os.path\n"
        "from socket import socket\n"
        "from . import time\n"
        "if TYPE_CHECKING:\n    import trio\nelse:\n    import gevent\n"
        "class A:\n    import io\n"
        "def f():\n    import numpy as np\n"
        "try:\n    import asyncio\nexcept ImportError:\n    import select\n"
    )
    everything = ["os", "socket", "gevent", "io", "numpy", "asyncio", "select"]
    assert list(imported(tree)) == everything
    everything.remove("numpy")
    assert list(imported(tree, inside_functions=False)) == everything


def test_importing_loads_no_runtime() -> None:
    code = """
import sys, ssl
before = set(sys.modules)
import gridgain_proto
runtimes = {"asyncio", "trio", "gevent", "greenlet", "numpy", "threading", "concurrent"}
print(*sorted(runtimes & set(sys.modules) - before))
"""
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert run.stdout.strip() == ""
