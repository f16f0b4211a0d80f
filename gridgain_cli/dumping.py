"""``gridgain dump``: from a cache or a table into a file."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from gridgain_sync import Client

from .connecting import Settings, pass_settings
from .formats import CSV, format_of, format_option
from .values import shown, to_json, to_text


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default="-")
@click.option("--cache", help="The cache to dump.")
@click.option("--table", help="The table to dump.")
@format_option
@click.option("--page-size", type=click.IntRange(min=1), default=1024, show_default=True)
@pass_settings
def dump(
    settings: Settings,
    file: str,
    cache: str | None,
    table: str | None,
    file_format: str | None,
    page_size: int,
) -> None:
    """Dump a cache or a table into FILE, or to the output.

    FILE is written under another name and renamed at the end, so that it is whole or not there.
    """
    if (cache is None) == (table is None):
        raise click.UsageError("either --cache or --table is needed")
    chosen = format_of(file, file_format)
    with settings.connected() as client:
        names, rows = (
            _of_cache(client, cache, page_size)
            if cache is not None
            else _of_table(client, str(table), page_size)
        )
        with _opened(file) as out:
            count = _write(out, chosen, names, _counted(rows, visible=file != "-"))
    if file != "-":
        click.echo(f"{count} rows dumped", err=True)


def _of_cache(
    client: Client, cache: str, page_size: int
) -> tuple[list[str], Iterable[Sequence[Any]]]:
    return ["key", "value"], client.get_cache(cache).scan(page_size)


def _of_table(
    client: Client, table: str, page_size: int
) -> tuple[list[str], Iterable[Sequence[Any]]]:
    rows = iter(client.sql(f"SELECT * FROM {table}", page_size, include_field_names=True))
    return next(rows), rows


def _write(out: TextIO, chosen: str, names: list[str], rows: Iterable[Sequence[Any]]) -> int:
    count = 0
    if chosen == CSV:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow(["" if one is None else to_text(one) for one in row])
            count += 1
        return count
    for row in rows:
        out.write(to_json(dict(zip(names, map(shown, row), strict=True))) + "\n")
        count += 1
    return count


@contextmanager
def _opened(name: str) -> Iterator[TextIO]:
    if name == "-":
        yield sys.stdout
        return
    path = Path(name)
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as out:
            yield out
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _counted(rows: Iterable[Sequence[Any]], *, visible: bool) -> Iterator[Sequence[Any]]:
    """The rows, counted where there is somebody to see it."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed} rows"))
    shows = visible and console.is_terminal
    with Progress(*columns, console=console, disable=not shows, transient=True) as progress:
        task = progress.add_task("dump", total=None)
        for row in rows:
            yield row
            progress.advance(task)
