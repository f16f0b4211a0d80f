"""What type checkers see of the facades: the same in all, but for their colour."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ASYNC = ("gridgain_trio", "gridgain_asyncio")
BLOCKING = ("gridgain_sync", "gridgain_gevent")

REVEALED = {
    "await_ cache.get(1)": "str | None",
    'await_ cache.put(1, "one")': "None",
    "await_ cache.get_all([1])": "dict[int, str]",
    "await_ cache.contains_key(1)": "bool",
    "await_ cache.get_size()": "int",
    "await_ client.get_cache_names()": "list[str]",
    "await_ anycache.get(1)": "Any | None",
    "client.get_cache('name')": "Cache[Any, Any]",
    "await_ client.create_cache('name')": "Cache[Any, Any]",
    "cache.name": "str",
    "await_ cache.get_and_put(1, 'one')": "str | None",
    "(row_of_scan)": "tuple[int, str]",
    "(row_of_sql)": "list[Any]",
    "(transaction)": "Transaction",
    "(connected)": "Client",
}
"""Expressions, and their types."""


class Checker:
    """Runs mypy over snippets; all of a test run share one cache.

    Args:
        folder: where the snippets go.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def check(self, source: str) -> list[str]:
        """What mypy says, without the file's name."""
        snippet = self._folder / "snippet.py"
        snippet.write_text(source, encoding="utf-8")
        run = subprocess.run(
            [sys.executable, "-m", "mypy", "--strict", "--hide-error-context", "--no-error-summary",
             "--cache-dir", str(self._folder / "cache"), "--follow-imports", "silent",
             str(snippet)],
            cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert not run.stderr, run.stderr
        said = [line.partition("snippet.py:")[2] for line in run.stdout.splitlines()]
        # Besides what was revealed, advice on an error comes as a note.
        return [line for line in said if "error:" in line or "Revealed type" in line]


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Checker:
    """mypy."""
    return Checker(tmp_path_factory.mktemp("typing"))


def snippet(module: str, *, is_async: bool) -> str:
    """All expressions, revealed."""
    await_, async_ = ("await ", "async ") if is_async else ("", "")
    lines = [
        "from typing import Any",
        f"from {module} import Cache, Client",
        f"{async_}def main(cache: Cache[int, str], anycache: Cache[Any, Any]) -> None:",
        f"  {async_}with Client().connect('host', 1) as client:",
        f"   {async_}with cache.scan() as scan, client.sql('SELECT 1', cache=cache) as sql:",
        f"    {async_}with client.tx_start() as transaction:",
        "     connected = client",
        f"     {async_}for row_of_scan in scan:",
        f"      {async_}for row_of_sql in sql:",
        *(f"       reveal_type({line.replace('await_ ', await_)})" for line in REVEALED),
    ]
    return "\n".join(lines) + "\n"


def short(said: str) -> str:
    """A revealed type without modules, and without what marks a facade as async."""
    _, _, revealed = said.partition('Revealed type is "')
    revealed = revealed.rstrip('"')
    words = revealed.replace("[", " [ ").replace("]", " ] ").replace(",", " , ").split(" ")
    text = " ".join(word.rpartition(".")[2].removeprefix("Async") for word in words if word)
    return text.replace(" [ ", "[").replace(" ]", "]").replace(" , ", ", ")


@pytest.mark.parametrize("module", [*ASYNC, *BLOCKING])
def test_revealed_types(module: str, checker: Checker) -> None:
    said = checker.check(snippet(module, is_async=module in ASYNC))
    revealed = dict(zip(REVEALED, map(short, said), strict=True))
    assert revealed == REVEALED, said


@pytest.mark.parametrize("module", ASYNC)
def test_a_forgotten_await(module: str, checker: Checker) -> None:
    said = checker.check(
        f"""
from {module} import Cache
async def main(cache: Cache[int, str]) -> None:
    cache.put(1, "one")
    (cache.get(1) or "").upper()
    size: int = cache.get_size()
"""
    )
    assert len(said) == 3, said
    assert all("Coroutine" in line for line in said), said


@pytest.mark.parametrize("module", [*ASYNC, *BLOCKING])
def test_wrong_types(module: str, checker: Checker) -> None:
    colour = "await " if module in ASYNC else ""
    said = checker.check(
        f"""
from {module} import Cache, Client
{"async " if colour else ""}def main(cache: Cache[int, str]) -> None:
    {colour}cache.put("one", 1)
    {colour}cache.get("one")
    {colour}cache.get(1, timeout="long")
    Client(no_such_option=1)
"""
    )
    assert len(said) == 5, said
    assert "no_such_option" in said[-1]


def test_a_blocking_client_cannot_be_awaited(checker: Checker) -> None:
    said = checker.check(
        """
from gridgain_sync import Cache
async def main(cache: Cache[int, str]) -> None:
    await cache.contains_key(1)
"""
    )
    assert len(said) == 1
    assert "Incompatible types in" in said[0]


def pyright(source: str, folder: Path) -> list[str]:
    """What pyright calls an error, by a distribution of it that needs no other registry."""
    (folder / "snippet.py").write_text(source, encoding="utf-8")
    settings = {"typeCheckingMode": "standard", "pythonVersion": "3.11", "include": ["snippet.py"]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "basedpyright", "-p", str(folder), "--pythonpath", sys.executable,
         "--level", "error", "--outputjson"],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    result = json.loads(run.stdout)
    assert result["summary"]["filesAnalyzed"] == 1
    return [one["message"] for one in result["generalDiagnostics"]]


@pytest.mark.parametrize("module", [*ASYNC, *BLOCKING])
def test_pyright_sees_the_same(module: str, tmp_path: Path) -> None:
    source = snippet(module, is_async=module in ASYNC)
    for line, revealed in REVEALED.items():
        seen = line.replace("await_ ", "await " if module in ASYNC else "")
        source = source.replace(f"reveal_type({seen})", f"assert_type({seen}, {revealed})", 1)
    assert source.count("assert_type") == len(REVEALED)
    transaction = "AsyncTransaction" if module in ASYNC else "Transaction"
    imported = (
        "from typing import assert_type\n"
        f"from gridgain_proto.transaction import {transaction} as Transaction\n"
    )
    assert pyright(imported + source, tmp_path) == []


def test_pyright_notices_mistakes(tmp_path: Path) -> None:
    said = pyright(
        """
from gridgain_trio import Cache, Client
async def main(cache: Cache[int, str]) -> None:
    await cache.put("one", 1)
    size: int = cache.get_size()
    Client(no_such_option=1)
""",
        tmp_path,
    )
    assert len(said) == 4, said
