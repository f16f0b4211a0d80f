"""Commands around nodes: serving one in memory, a demonstration, and pinging."""

from __future__ import annotations

import signal
import statistics
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import click
from rich.console import Console

from gridgain_proto.client.endpoints import parse_endpoints
from gridgain_proto.client.runtime import Endpoint
from gridgain_proto.datatypes.prop_codes import (
    PROP_BACKUPS_NUMBER,
    PROP_CACHE_ATOMICITY_MODE,
    PROP_NAME,
)
from gridgain_proto.exceptions import GridGainError
from gridgain_proto.features import Product
from gridgain_sync import Client

from .connecting import Settings, pass_settings
from .pinging import Ping, ping_node
from .printing import print_table
from .values import to_json

_PRODUCTS: Final = {"gridgain": Product.GRIDGAIN, "ignite": Product.IGNITE}


# -- node ------------------------------------------------------------------------------------------


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(0, 65535), default=10800, show_default=True)
@click.option("--nodes", type=click.IntRange(min=1), default=1, show_default=True)
@click.option(
    "--product", type=click.Choice(sorted(_PRODUCTS)), default="gridgain", show_default=True
)
def node(host: str, port: int, nodes: int, product: str) -> None:
    """Serve a node in memory until it is stopped (Ctrl-C). Nothing is kept."""
    from gridgain_sync.node import EmbeddedCluster

    ports = tuple(port + offset if port else 0 for offset in range(nodes))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with EmbeddedCluster(nodes, host=host, ports=ports, product=_PRODUCTS[product]) as cluster:
        for served in cluster:
            click.echo(f"{served.host}:{served.port}")
        sys.stdout.flush()
        while not stop.wait(3600):
            pass
    click.echo("stopped", err=True)


# -- ping ------------------------------------------------------------------------------------------


@click.command()
@click.option("-n", "--count", type=click.IntRange(min=1), default=5, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each node.")
@pass_settings
def ping(settings: Settings, count: int, as_json: bool) -> None:
    """Try each address: reachable, product, version, features, latency. Exit code 1 if none is."""
    found: list[tuple[Endpoint, Ping | None, str]] = []
    options = settings.options()
    for endpoint in parse_endpoints(settings.addresses, None):
        try:
            found.append((endpoint, ping_node(options, endpoint, count), ""))
        except (GridGainError, OSError) as exc:
            found.append((endpoint, None, str(exc)))
    if as_json:
        for endpoint, result, error in found:
            click.echo(to_json(_as_mapping(endpoint, result, error)))
    else:
        rows: list[list[str | None]] = []
        for endpoint, result, error in found:
            if result is None:
                rows.append([str(endpoint), "no", error, None, None, None])
            else:
                best, middle = min(result.latencies), statistics.median(result.latencies)
                latency = f"{best * 1000:.2f} / {middle * 1000:.2f} ms"
                features = ", ".join(result.features)
                rows.append(
                    [str(endpoint), "yes", result.product, result.version, latency, features]
                )
        names = ["node", "reachable", "product", "protocol", "latency", "features"]
        print_table(names, rows)
    if not any(result for _, result, _ in found):
        sys.exit(1)


def _as_mapping(endpoint: Endpoint, result: Ping | None, error: str) -> dict[str, Any]:
    if result is None:
        return {"node": str(endpoint), "reachable": False, "error": error}
    return {
        "node": str(endpoint),
        "reachable": True,
        "product": result.product,
        "protocol": result.version,
        "node_id": result.node_id,
        "features": result.features,
        "latency_ms": [round(one * 1000, 3) for one in result.latencies],
    }


# -- demo ------------------------------------------------------------------------------------------


@click.command()
@click.option("--entries", type=click.IntRange(min=1), default=10_000, show_default=True)
def demo(entries: int) -> None:
    """Start three nodes in memory, and walk through what the client does."""
    from gridgain_sync.node import EmbeddedCluster

    console = Console(highlight=False, soft_wrap=True)
    start = time.perf_counter()
    with EmbeddedCluster(3) as cluster:
        addresses = ", ".join(f"{host}:{port}" for host, port in cluster.addresses)
        console.print(f"[bold]Three nodes in memory[/bold], up in {_since(start)}: {addresses}")
        console.print("There is no server and no JVM: they speak the same protocol.\n")
        with Client(timeout=30).connect(cluster.addresses) as client:
            console.print(f"[bold]Connected[/bold]: {client!r}\n")
            step = _Steps(console)
            step("A cache", lambda: _cache(client, console))
            step("A batch", lambda: _batch(client, console, entries))
            step("SQL", lambda: _sql(client, console))
            step("A transaction", lambda: _transaction(client, console))
            step("A failover", lambda: _failover(client, console, cluster))
    console.print(f"[bold]Done[/bold] in {_since(start)}. Next: gridgain node, gridgain --help")


def _since(start: float) -> str:
    seconds = time.perf_counter() - start
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


class _Steps:
    """Numbers what is shown."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._number = 0

    def __call__(self, title: str, show: Callable[[], None]) -> None:
        self._number += 1
        self._console.print(f"[bold]{self._number}. {title}[/bold]")
        show()
        self._console.print()


def _code(console: Console, text: str) -> None:
    console.print(f"   [cyan]>>> {text}[/cyan]")


def _cache(client: Client, console: Console) -> None:
    _code(console, 'cache = client.get_or_create_cache("people")')
    cache = client.get_or_create_cache({PROP_NAME: "people", PROP_BACKUPS_NUMBER: 1})
    _code(console, 'cache.put("ann", {"age": 42, "likes": ["tea", "chess"]})')
    cache.put("ann", {"age": 42, "likes": ["tea", "chess"]})
    _code(console, 'cache.get("ann")')
    console.print(f"   {cache.get('ann')}", markup=False)
    _code(console, 'cache.get("bob")')
    console.print(f"   {cache.get('bob')}")


def _batch(client: Client, console: Console, entries: int) -> None:
    cache = client.get_cache("people")
    _code(console, f"cache.put_all({{number: ... for number in range({entries})}})")
    start = time.perf_counter()
    cache.put_all({number: f"person {number}" for number in range(entries)})
    seconds = time.perf_counter() - start
    console.print(f"   {entries} entries in {_since(start)}: {entries / seconds:,.0f} a second")
    start = time.perf_counter()
    count = 1000
    for number in range(count):
        cache.get(number)
    seconds = time.perf_counter() - start
    console.print(f"   {count} single gets in {_since(start)}: {count / seconds:,.0f} a second")
    start = time.perf_counter()
    found = sum(1 for _ in cache.scan())
    console.print(f"   a scan of {found} entries in {_since(start)}")


def _sql(client: Client, console: Console) -> None:
    for statement, args in (
        ("CREATE TABLE city (id INT PRIMARY KEY, name VARCHAR, people INT)", []),
        ("CREATE INDEX by_people ON city (people DESC)", []),
        (
            "INSERT INTO city VALUES (?, ?, ?), (?, ?, ?), (?, ?, ?)",
            [1, "Bern", 133_000, 2, "Basel", 177_000, 3, "Chur", 38_000],
        ),
        ("SELECT name, people FROM city WHERE people > ? ORDER BY people DESC", [100_000]),
    ):
        start = time.perf_counter()
        rows = list(client.sql(statement, query_args=args))
        _code(console, f"client.sql({statement!r})")
        console.print(f"   {rows}   ({_since(start)})", markup=False)


def _transaction(client: Client, console: Console) -> None:
    accounts = client.create_cache(
        {PROP_NAME: "accounts", PROP_CACHE_ATOMICITY_MODE: 0, PROP_BACKUPS_NUMBER: 1}
    )
    accounts.put_all({"ann": 100, "bob": 100})
    _code(console, "with client.tx_start() as tx: ...")
    with client.tx_start() as tx:
        accounts.put("ann", 70)
        accounts.put("bob", 130)
        tx.commit()
    console.print(f"   committed:   {accounts.get_all(['ann', 'bob'])}", markup=False)
    with client.tx_start():
        accounts.put("ann", 0)
    console.print(f"   rolled back: {accounts.get_all(['ann', 'bob'])}", markup=False)


def _failover(client: Client, console: Console, cluster: Any) -> None:
    people = client.get_cache("people")
    before = people.get_size()
    # The node that the client began with; any other would be missed less.
    victim = next(one for one in cluster if f"{one.host}:{one.port}" == str(client))
    _code(console, f"kill the node {victim.host}:{victim.port}")
    victim.kill()
    start = time.perf_counter()
    after = people.get_size()
    console.print(
        f"   {after} of {before} entries are there, from the two others, after {_since(start)}: "
        "the cache has a backup"
    )
    console.print(f"   now: {client!r}", markup=False)
