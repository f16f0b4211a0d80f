"""SQL: statements for scripts, and a shell for people."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click

from gridgain_proto.datatypes import prop_codes as props
from gridgain_proto.exceptions import ConnectionFailed, GridGainError, SQLError
from gridgain_sync import Client

from .connecting import Settings, pass_settings
from .printing import print_csv, print_json, print_table
from .values import read_value

Print = Callable[[Sequence[str], Iterable[Sequence[Any]]], int]

_HISTORY: Final = Path("~/.local/state/gridgain/sql_history")

_KEYWORDS: Final = (
    "ALTER TABLE",
    "AND",
    "AS",
    "BETWEEN",
    "CREATE INDEX",
    "CREATE TABLE",
    "DELETE FROM",
    "DESC",
    "DISTINCT",
    "DROP TABLE",
    "FROM",
    "GROUP BY",
    "HAVING",
    "IN",
    "INSERT INTO",
    "IS NULL",
    "JOIN",
    "LEFT JOIN",
    "LIKE",
    "LIMIT",
    "MERGE INTO",
    "NOT",
    "NULL",
    "OR",
    "ORDER BY",
    "PRIMARY KEY",
    "SELECT",
    "SET",
    "UNION",
    "UPDATE",
    "VALUES",
    "WHERE",
)

_HELP: Final = """\
Statements end with a semicolon and may go over several lines.
  \\t            list the tables
  \\d TABLE      list the columns of a table
  \\timing       show how long statements take, or no more
  \\q            leave (or Ctrl-D)"""


@click.command()
@click.argument("statement", required=False)
@click.option("-s", "--schema", default="PUBLIC", show_default=True, help="The schema's name.")
@click.option("-p", "--param", "params", multiple=True, help="The value of a ?, JSON or text.")
@click.option("--csv", "as_csv", is_flag=True, help="Rows as CSV.")
@click.option("--json", "as_json", is_flag=True, help="Rows as JSON, one object a line.")
@click.option("--page-size", type=click.IntRange(min=1), default=1024, show_default=True)
@pass_settings
def sql(
    settings: Settings,
    statement: str | None,
    schema: str,
    params: tuple[str, ...],
    as_csv: bool,
    as_json: bool,
    page_size: int,
) -> None:
    """Run STATEMENT, or else a shell.

    If the input is no terminal, statements are read from it, one after the other, and the first
    that fails ends it with exit code 1.
    """
    if as_csv and as_json:
        raise click.UsageError("--csv and --json exclude each other")
    output: Print = print_csv if as_csv else print_json if as_json else print_table
    args = [read_value(one) for one in params]
    with settings.connected() as client:
        session = _Session(client, schema, output, page_size)
        if statement is not None:
            for one in split(statement):
                session.run(one, args)
        elif sys.stdin.isatty():
            _shell(session)
        else:
            for one in split(sys.stdin.read()):
                session.run(one, args)


class _Session:
    """Statements on one client."""

    def __init__(self, client: Client, schema: str, output: Print, page_size: int) -> None:
        self.client = client
        self.schema = schema
        self.output = output
        self.page_size = page_size
        self.timing = False

    def run(self, statement: str, args: Sequence[Any] = ()) -> None:
        """Run one statement and print what it gives."""
        start = time.perf_counter()
        with self.client.sql(
            statement,
            query_args=list(args) or None,
            schema=self.schema,
            page_size=self.page_size,
            include_field_names=True,
        ) as rows:
            found = iter(rows)
            names = next(found)
            if names == ["UPDATED"] and self.output is print_table:
                for (count,) in found:
                    click.echo(f"{count} row{'' if count == 1 else 's'} changed")
            else:
                count = self.output(names, found)
                if self.output is print_table:
                    click.echo(f"{count} row{'' if count == 1 else 's'}")
        if self.timing:
            click.echo(f"{(time.perf_counter() - start) * 1000:.1f} ms")

    def tables(self) -> dict[str, list[str]]:
        """The tables and their columns, as the caches are configured."""
        found: dict[str, list[str]] = {}
        for name in self.client.get_cache_names():
            try:
                entities = self.client.get_cache(name).settings[props.PROP_QUERY_ENTITIES]
            except GridGainError:
                continue  # destroyed in the meantime, or not ours to see
            for entity in entities:
                columns = {
                    alias["field_name"]: alias["alias"] for alias in entity["field_name_aliases"]
                }
                found[str(entity["table_name"])] = [
                    columns.get(field["name"], field["name"].upper())
                    for field in entity["query_fields"]
                ]
        return found


def split(text: str) -> Iterator[str]:
    """Statements, cut at the semicolons that stand outside of quotes and comments."""
    statement = ""
    place = 0
    while place < len(text):
        character = text[place]
        end = place + 1
        if character in "'\"":
            end = text.find(character, place + 1) + 1 or len(text)
        elif text.startswith("--", place):
            end = text.find("\n", place) + 1 or len(text)
        elif text.startswith("/*", place):
            end = text.find("*/", place) + 2 if "*/" in text[place:] else len(text)
        elif character == ";":
            if statement.strip():
                yield statement.strip()
            statement = ""
            place += 1
            continue
        statement += text[place:end]
        place = end
    if statement.strip():
        yield statement.strip()


def is_complete(text: str) -> bool:
    """Whether a statement ends with the text, or there is none."""
    stripped = text.strip()
    if not stripped or stripped.startswith("\\"):
        return True
    # The semicolon has to be outside of quotes and comments, else it would not cut.
    return stripped.endswith(";") and list(split(stripped)) == list(split(stripped[:-1]))


def _shell(session: _Session) -> None:
    try:
        from .prompting import make_prompt
    except ImportError as exc:
        raise click.ClickException(
            f"The shell needs {exc.name}: pip install 'gridgain-proto[cli]'"
        ) from exc

    history = _HISTORY.expanduser()
    history.parent.mkdir(parents=True, exist_ok=True)
    prompt = make_prompt(session.tables, _KEYWORDS, is_complete, history)
    click.echo(f"Connected to {session.client}. Statements end with ';', \\? helps, \\q leaves.")
    while True:
        try:
            text = prompt()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if text.strip().startswith("\\"):
            if not _command(session, text.strip()):
                return
            continue
        for statement in split(text):
            try:
                session.run(statement)
            except KeyboardInterrupt:
                click.echo("given up; the server may go on with it", err=True)
                break
            except SQLError as exc:
                click.secho(f"{exc} [{exc.sqlstate}]", fg="red", err=True)
                break
            except (GridGainError, ConnectionFailed) as exc:
                click.secho(str(exc), fg="red", err=True)
                break


def _command(session: _Session, text: str) -> bool:
    """Do what a backslash asks for; False to leave."""
    command, _, argument = text.partition(" ")
    if command in ("\\q", "\\quit"):
        return False
    if command == "\\t":
        rows = [[name, len(columns)] for name, columns in sorted(session.tables().items())]
        print_table(["table", "columns"], rows)
    elif command == "\\d":
        name = argument.strip()
        tables = session.tables()
        columns = tables.get(name, tables.get(name.upper()))
        if columns is None:
            click.secho(f"there is no table {name}", fg="red", err=True)
        else:
            print_table(["column"], [[column] for column in columns])
    elif command == "\\timing":
        session.timing = not session.timing
        click.echo(f"timing is {'on' if session.timing else 'off'}")
    else:
        click.echo(_HELP)
    return True
