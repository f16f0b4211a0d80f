"""Rows for people."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .values import shown, to_json, to_text


def print_table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Print rows as an aligned table; how many there were."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    collected = [list(row) for row in rows]
    for position, name in enumerate(names):
        numbers = [row[position] for row in collected if row[position] is not None]
        right = bool(numbers) and all(
            isinstance(one, int | float) and not isinstance(one, bool) for one in numbers
        )
        table.add_column(Text(name), justify="right" if right else "left", overflow="fold")
    for row in collected:
        table.add_row(*(Text("NULL", "dim") if one is None else Text(to_text(one)) for one in row))
    console = Console(soft_wrap=not sys.stdout.isatty())
    console.print(table)
    return len(collected)


def print_csv(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Print rows as CSV, null as nothing; how many there were."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    count = 0
    for row in rows:
        writer.writerow(["" if one is None else to_text(one) for one in row])
        count += 1
    return count


def print_json(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Print rows as JSON, one object a line; how many there were."""
    count = 0
    for row in rows:
        click.echo(to_json(dict(zip(names, map(shown, row), strict=True))))
        count += 1
    return count
