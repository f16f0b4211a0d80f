"""Files of rows: CSV and JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import click

CSV = "csv"
JSON_LINES = "jsonl"

format_option = click.option(
    "-f",
    "--format",
    "file_format",
    type=click.Choice([CSV, JSON_LINES]),
    help="The file's format; by default as its name ends, else jsonl.",
)


def format_of(name: str, given: str | None) -> str:
    """The format of a file."""
    if given is not None:
        return given
    return CSV if Path(name).suffix.lower() == ".csv" else JSON_LINES


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a file.

    Attributes:
        number: the number of the line at which it ends, from 1.
        values: its values by name.
        error: why it cannot be read, if it cannot.
    """

    number: int
    values: dict[str, Any]
    error: str | None = None


def read_lines(file: TextIO, file_format: str) -> Iterator[Line]:
    """The rows of a file, those that cannot be read with the reason.

    Args:
        file: the file, opened with ``newline=""``.
        file_format: its format.
    """
    return _read_csv(file) if file_format == CSV else _read_json(file)


def _read_csv(file: TextIO) -> Iterator[Line]:
    reader = csv.reader(file, strict=True)
    try:
        names = next(reader)
    except (StopIteration, csv.Error) as exc:
        raise click.ClickException(f"{file.name}: there is no line of names: {exc}") from None
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            yield Line(reader.line_num, {}, str(exc))
            continue
        if len(row) != len(names):
            words = f"{len(row)} values for {len(names)} names"
            yield Line(reader.line_num, {}, words)
            continue
        values = {name: value or None for name, value in zip(names, row, strict=True)}
        yield Line(reader.line_num, values)


def _read_json(file: TextIO) -> Iterator[Line]:
    for number, text in enumerate(file, 1):
        if not text.strip():
            continue
        try:
            values = json.loads(text)
        except ValueError as exc:
            yield Line(number, {}, str(exc))
            continue
        if isinstance(values, dict):
            yield Line(number, values)
        else:
            yield Line(number, {}, "an object was expected")
