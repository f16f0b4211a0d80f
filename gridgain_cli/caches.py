"""Commands for caches: listing them, and their entries."""

from __future__ import annotations

import itertools
import sys
from typing import Any, Final

import click

from gridgain_proto.datatypes import prop_codes as props
from gridgain_proto.datatypes.cache_config import CacheAtomicityMode, CacheMode

from .connecting import Settings, pass_settings
from .printing import print_table
from .values import read_value, to_json, type_choice

#: The exit code when there is no such key, as of grep.
NOT_FOUND = 1

#: A key or a value may be a negative number, which looks like an option.
_NEGATIVE: Final[dict[str, Any]] = {"ignore_unknown_options": True}

_key_type = click.option(
    "-k", "--key-type", type=type_choice, help="What the key is, if not what JSON makes of it."
)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each cache.")
@pass_settings
def caches(settings: Settings, as_json: bool) -> None:
    """List the caches."""
    rows = []
    with settings.connected() as client:
        for name in sorted(client.get_cache_names()):
            cache = client.get_cache(name)
            found = cache.settings
            rows.append(
                {
                    "name": name,
                    "mode": CacheMode(found[props.PROP_CACHE_MODE]).name,
                    "atomicity": CacheAtomicityMode(found[props.PROP_CACHE_ATOMICITY_MODE]).name,
                    "backups": found[props.PROP_BACKUPS_NUMBER],
                    "entries": cache.get_size(),
                }
            )
    if as_json:
        for row in rows:
            click.echo(to_json(row))
        return
    names = ["name", "mode", "atomicity", "backups", "entries"]
    print_table(names, ([row[name] for name in names] for row in rows))


@click.command(context_settings=_NEGATIVE)
@click.argument("cache")
@click.argument("keys", nargs=-1, required=True)
@_key_type
@pass_settings
def get(settings: Settings, cache: str, keys: tuple[str, ...], key_type: str | None) -> None:
    """Print the values of KEYS, as JSON, one a line. The exit code is 1 if one is missing."""
    missing = False
    with settings.connected() as client:
        found = client.get_cache(cache)
        for key in keys:
            value = found.get(*_hinted(key, key_type))
            missing |= value is None
            click.echo(to_json(value))
    if missing:
        sys.exit(NOT_FOUND)


def _hinted(text: str, type_name: str | None) -> tuple[Any, Any]:
    value = read_value(text, type_name)
    return value if isinstance(value, tuple) else (value, None)


@click.command(context_settings=_NEGATIVE)
@click.argument("cache")
@click.argument("key")
@click.argument("value")
@_key_type
@click.option("-v", "--value-type", type=type_choice, help="What the value is.")
@click.option("--create", is_flag=True, help="Create the cache if there is none.")
@pass_settings
def put(
    settings: Settings,
    cache: str,
    key: str,
    value: str,
    key_type: str | None,
    value_type: str | None,
    create: bool,
) -> None:
    """Store VALUE under KEY. Both are JSON, or else text."""
    with settings.connected() as client:
        found = client.get_or_create_cache(cache) if create else client.get_cache(cache)
        key_and_hint, value_and_hint = _hinted(key, key_type), _hinted(value, value_type)
        found.put(key_and_hint[0], value_and_hint[0], key_and_hint[1], value_and_hint[1])


@click.command(context_settings=_NEGATIVE)
@click.argument("cache")
@click.argument("keys", nargs=-1, required=True)
@_key_type
@pass_settings
def remove(settings: Settings, cache: str, keys: tuple[str, ...], key_type: str | None) -> None:
    """Remove KEYS. The exit code is 1 if one was missing."""
    missing = False
    with settings.connected() as client:
        found = client.get_cache(cache)
        for key in keys:
            missing |= not found.remove_key(*_hinted(key, key_type))
    if missing:
        sys.exit(NOT_FOUND)


@click.command()
@click.argument("cache")
@click.option("-n", "--limit", type=click.IntRange(min=1), help="How many entries at most.")
@click.option("--page-size", type=click.IntRange(min=1), default=1024, show_default=True)
@pass_settings
def scan(settings: Settings, cache: str, limit: int | None, page_size: int) -> None:
    """Print the entries, as JSON, one a line: {"key": ..., "value": ...}."""
    with settings.connected() as client, client.get_cache(cache).scan(page_size) as cursor:
        for key, value in itertools.islice(cursor, limit):
            click.echo(to_json({"key": key, "value": value}))
