"""``gridgain load``: from a file into a cache or a table."""

from __future__ import annotations

import io
import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from gridgain_proto.exceptions import EncodeError, ServerError
from gridgain_sync import Client

from .connecting import Settings, pass_settings
from .formats import Line, format_of, format_option, read_lines
from .values import TYPES, read_value, type_choice

Store = Callable[[list[Line]], None]

_PROGRESS: Final = ".progress"


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--cache", help="The cache to load into; it is created if there is none.")
@click.option("--table", help="The table to load into.")
@format_option
@click.option(
    "--key", "key_field", default="key", show_default=True, help="Which value is the key."
)
@click.option("-k", "--key-type", type=type_choice, help="What the keys are.")
@click.option("-v", "--value-type", type=type_choice, help="What the values are.")
@click.option("--batch", type=click.IntRange(min=1), default=500, show_default=True)
@click.option(
    "--max-errors",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="How many lines may fail before it ends.",
)
@click.option("--resume", is_flag=True, help="Go on where an earlier attempt ended.")
@pass_settings
def load(settings: Settings, /, file: str, **options: Any) -> None:
    """Load FILE (CSV with a line of names, or JSON lines) into a cache or a table.

    A cache gets each line's "key" and "value"; without a "value", all that is not the key is the
    value, as a map. A table gets a row for each line, by MERGE, so that a line may be loaded again.

    Where it has come to is kept in FILE.progress until it is done.
    """
    if (options["cache"] is None) == (options["table"] is None):
        raise click.UsageError("either --cache or --table is needed")
    loader = _Loader(Path(file), options["max_errors"])
    skip = loader.done_before() if options["resume"] else 0
    with settings.connected() as client:
        store = (
            _into_cache(client, **options)
            if options["cache"] is not None
            else _into_table(client, options["table"])
        )
        file_format = format_of(file, options["file_format"])
        loader.run(store, file_format, options["batch"], skip)
    click.echo(f"{loader.loaded} lines loaded, {loader.failed} failed", err=True)
    if loader.failed:
        sys.exit(1)


class _Loader:
    """Loads a file in batches, and remembers how far it has come."""

    def __init__(self, path: Path, max_errors: int) -> None:
        self._path = path
        self._progress_file = path.with_name(path.name + _PROGRESS)
        self._max_errors = max_errors
        self.loaded = 0
        self.failed = 0

    def done_before(self) -> int:
        """The last line that an earlier attempt has done; 0 if there was none."""
        try:
            return int(self._progress_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return 0
        except ValueError:
            raise click.ClickException(f"{self._progress_file} holds no number") from None

    def run(self, store: Store, file_format: str, size: int, skip: int) -> None:
        """Load the file.

        Args:
            store: stores a batch.
            file_format: the file's format.
            size: how many lines a batch has.
            skip: up to which line nothing is to be done.
        """
        total = self._path.stat().st_size
        with (
            self._path.open("rb") as raw,
            io.TextIOWrapper(raw, encoding="utf-8", newline="") as file,
            _bar(total) as advance,
        ):
            lines = (one for one in read_lines(file, file_format) if one.number > skip)
            while batch := list(itertools.islice(lines, size)):
                self._store(store, batch)
                self._progress_file.write_text(str(batch[-1].number), encoding="utf-8")
                advance(min(raw.tell(), total), self.loaded)
        self._progress_file.unlink(missing_ok=True)

    def _store(self, store: Store, batch: list[Line]) -> None:
        good = []
        for line in batch:
            if line.error is None:
                good.append(line)
            else:
                self._note(line, line.error)
        try:
            if good:
                store(good)
            self.loaded += len(good)
        except (ServerError, EncodeError, click.ClickException):
            # Which of them it was is found out one by one.
            for line in good:
                try:
                    store([line])
                    self.loaded += 1
                except (ServerError, EncodeError) as exc:
                    self._note(line, str(exc))
                except click.ClickException as exc:
                    self._note(line, exc.message)

    def _note(self, line: Line, reason: str) -> None:
        self.failed += 1
        click.echo(f"{self._path}:{line.number}: {reason}", err=True)
        if self.failed > self._max_errors:
            self._progress_file.write_text(str(line.number - 1), encoding="utf-8")
            raise click.ClickException(
                f"given up at line {line.number}, after {self.loaded} lines; mend it, and go on "
                "with --resume"
            )


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int, int], None]]:
    """A progress bar where there is somebody to see it."""
    console = Console(stderr=True)
    columns = (
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[lines]} lines"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("load", total=total, lines=0)

        def advance(done: int, lines: int) -> None:
            progress.update(task, completed=done, lines=lines)

        yield advance


def _into_cache(
    client: Client,
    cache: str,
    key_field: str,
    key_type: str | None,
    value_type: str | None,
    **_: Any,
) -> Store:
    target = client.get_or_create_cache(cache)

    def store(batch: list[Line]) -> None:
        pairs = {}
        for line in batch:
            values = dict(line.values)
            if values.get(key_field) is None:
                raise click.ClickException(f"there is no {key_field!r}")
            key = _typed(values.pop(key_field), key_type)
            value = _typed(values["value"], value_type) if "value" in values else values
            pairs[key] = value
        try:
            target.put_all(pairs)
        except TypeError as exc:
            raise click.ClickException(f"it cannot be a key: {exc}") from None

    return store


def _typed(value: Any, type_name: str | None) -> Any:
    if type_name is None:
        return value
    if isinstance(value, str):
        return read_value(value, type_name)
    convert, hint = TYPES[type_name]
    try:
        found = convert(value)
    except (ValueError, TypeError, ArithmeticError):
        raise click.ClickException(f"{value!r} is no {type_name}") from None
    return found if hint is None else (found, hint)


def _into_table(client: Client, table: str) -> Store:
    def store(batch: list[Line]) -> None:
        for names, group in itertools.groupby(batch, lambda line: tuple(line.values)):
            lines = list(group)
            columns = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
            row = f"({', '.join('?' * len(names))})"
            # Names are as they stand in the file; without quotes they would be upper-cased.
            if all(name.isidentifier() for name in names):
                columns = ", ".join(names)
            statement = f"MERGE INTO {table} ({columns}) VALUES {', '.join([row] * len(lines))}"
            args = [value for line in lines for value in line.values.values()]
            with client.sql(statement, query_args=args) as rows:
                list(rows)

    return store
