"""The SQL shell: cutting statements, completion, and a session at a terminal."""

from __future__ import annotations

import os
import select
import sys
import time
from pathlib import Path
from typing import Any, cast

import click
import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from gridgain_cli.prompting import SqlCompleter
from gridgain_cli.sqlshell import _shell, is_complete, split

from .conftest import Cli

pty = pytest.importorskip("pty", reason="there are no terminals to pretend here")


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1;;\n SELECT 2;", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';'; SELECT \"a;b\"", ["SELECT ';'", 'SELECT "a;b"']),
        ("SELECT 'it''s;'", ["SELECT 'it''s;'"]),
        ("-- ;\nSELECT 1 /* ; */", ["-- ;\nSELECT 1 /* ; */"]),
        ("SELECT 'open;", ["SELECT 'open;"]),
        ("  ", []),
    ],
)
def test_statements_are_cut_at_semicolons(text: str, statements: list[str]) -> None:
    assert list(split(text)) == statements


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("", True),
        ("\\t", True),
        ("SELECT 1;", True),
        ("SELECT 1", False),
        ("SELECT ';", False),
        ("SELECT ';';", True),
        ("SELECT 1 -- ;", False),
    ],
)
def test_when_a_statement_is_complete(text: str, complete: bool) -> None:
    assert is_complete(text) is complete


def test_without_its_package_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prompt_toolkit", None)
    monkeypatch.delitem(sys.modules, "gridgain_cli.prompting")
    with pytest.raises(click.ClickException, match=r"needs prompt_toolkit: pip install"):
        _shell(cast(Any, None))


def completions(text: str) -> list[str]:
    tables = {"CITY": ["ID", "NAME", "PEOPLE"], "COUNTRY": ["CODE"]}
    completer = SqlCompleter(lambda: tables, ["SELECT", "CREATE TABLE"])
    return [one.text for one in completer.get_completions(Document(text), CompleteEvent())]


def test_completion() -> None:
    assert completions("sel") == ["SELECT"]
    assert completions("SELECT * FROM c") == ["CITY", "COUNTRY", "CREATE TABLE"]
    assert completions("SELECT pe") == []
    assert completions("UPDATE city SET pe") == ["PEOPLE"]
    assert completions("SELECT ") == []


def test_a_session_at_a_terminal(run: Cli) -> None:
    with run.client() as client:
        list(client.sql("CREATE TABLE city (id INT PRIMARY KEY, name VARCHAR)"))
        list(client.sql("INSERT INTO city VALUES (1, 'Bern')"))
    child, terminal = pty.fork()
    if child == 0:
        environment = {key: value for key, value in run.environment.items() if value is not None}
        environment |= {"PATH": os.environ["PATH"], "TERM": "xterm"}
        command = [sys.executable, "-m", "gridgain_cli", "sql"]
        os.execvpe(sys.executable, command, environment)
    output = _talk(
        terminal,
        [
            ("sql>", "\\t\r"),
            ("CITY", "\\d city\r"),
            ("NAME", "SELECT name\r"),
            ("...>", "FROM city;\r"),
            ("1 row", "SELEC;\r"),
            ("42000", "\\timing\r"),
            ("on", "SELECT COUNT(*) FROM city;\r"),
            (" ms", "\\?\r"),
            ("leave", "\\q\r"),
        ],
    )
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, output
    assert "Bern" in output
    history = Path(run.folder) / ".local/state/gridgain/sql_history"
    assert "FROM city;" in history.read_text()


def _talk(terminal: int, dialogue: list[tuple[str, str]]) -> str:
    """Wait for each text, and answer it; all that was seen."""
    output, seen = "", 0
    deadline = time.monotonic() + 30
    for wanted, answer in dialogue:
        while wanted not in output[seen:]:
            ready, _, _ = select.select([terminal], [], [], max(deadline - time.monotonic(), 0))
            assert ready, f"no {wanted!r} in {output!r}"
            output += os.read(terminal, 65536).decode("utf-8", "replace")
        seen = len(output)
        os.write(terminal, answer.encode())
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            chunk = b""
        if not chunk:
            os.close(terminal)
            return output
        output += chunk.decode("utf-8", "replace")
