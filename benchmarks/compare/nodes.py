"""The nodes that the clients are measured with, and what is stored in them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from benchmarks.compare import data
from benchmarks.compare.worker.libraries import object_class
from gridgain_proto.datatypes.cache_config import CacheAtomicityMode
from gridgain_proto.datatypes.prop_codes import PROP_CACHE_ATOMICITY_MODE, PROP_NAME
from gridgain_sync import Client
from tests.ignite.cluster import IgniteCluster
from tests.ignite.config import NodeOptions
from tests.ignite.tls import TlsFiles

_BATCH = 10_000
_SQL_BATCH = 500
_OBJECTS = 1000


class Place(Enum):
    """What kind of cluster a case runs on."""

    ONE = "one node"
    TLS = "one node with TLS"
    THREE = "three nodes"


@dataclass(frozen=True)
class Nodes:
    """Nodes that run.

    Attributes:
        addresses: `host:port` of each, with commas between them.
        ca: the file with the authority to trust; empty without TLS.
    """

    addresses: str
    ca: str = ""


@contextmanager
def running(place: Place, entries: Iterable[int], sql_rows: int) -> Iterator[Nodes]:
    """Starts nodes, stores what is read from them, and stops them at the end.

    Args:
        place: what kind of cluster.
        entries: the sizes of the caches with entries.
        sql_rows: the size of the table; 0 for none.
    """
    with tempfile.TemporaryDirectory(prefix="compare-") as name:
        folder = Path(name)
        tls = TlsFiles.create(folder / "tls") if place is Place.TLS else None
        count = 3 if place is Place.THREE else 1
        options = NodeOptions(
            tls=tls,
            # With the JVM's full compiler: the nodes should not be what is measured.
            jvm_options=("-XX:TieredStopAtLevel=4",),
            heap_mb=1024 if count == 1 else 512,
            data_region_mb=1024 if count == 1 else 256,
        )
        with IgniteCluster.start(count, options, folder=folder) as cluster:
            nodes = Nodes(",".join(cluster.addresses), str(tls.ca) if tls else "")
            fill(nodes, entries, sql_rows)
            yield nodes


def fill(nodes: Nodes, entries: Iterable[int], sql_rows: int) -> None:
    """Stores what is read, and makes the caches that are written to.

    Args:
        nodes: where.
        entries: the sizes of the caches with entries.
        sql_rows: the size of the table; 0 for none.
    """
    client = Client(ssl_ca_certfile=nodes.ca) if nodes.ca else Client()
    with client.connect(nodes.addresses.split(",")):
        for rows in sorted({data.KEYS, *entries}):
            _fill_cache(client, rows)
        client.get_or_create_cache(data.WRITES)
        client.get_or_create_cache(data.WRITTEN_OBJECTS)
        client.get_or_create_cache(
            {
                PROP_NAME: data.TRANSACTIONAL,
                PROP_CACHE_ATOMICITY_MODE: CacheAtomicityMode.TRANSACTIONAL,
            }
        )
        five = object_class("gridgain_sync")
        objects = {number: five(*data.fields(number)) for number in range(_OBJECTS)}
        client.get_or_create_cache(data.OBJECTS).put_all(objects)
        if sql_rows:
            _fill_table(client, sql_rows)


def _fill_cache(client: Any, rows: int) -> None:
    cache = client.get_or_create_cache(data.entries_cache(rows))
    for first in range(0, rows, _BATCH):
        numbers = range(first, min(first + _BATCH, rows))
        cache.put_all({number: data.text(number) for number in numbers})


def _fill_table(client: Any, rows: int) -> None:
    client.sql(
        f"CREATE TABLE {data.TABLE} (id BIGINT PRIMARY KEY, label VARCHAR, amount DECIMAL(20, 2), "
        "moment TIMESTAMP, ratio DOUBLE)"
    )
    for first in range(0, rows, _SQL_BATCH):
        numbers = range(first, min(first + _SQL_BATCH, rows))
        values = ", ".join(["(?, ?, ?, ?, ?)"] * len(numbers))
        statement = f"INSERT INTO {data.TABLE} (id, label, amount, moment, ratio) VALUES {values}"
        client.sql(statement, query_args=[cell for n in numbers for cell in data.sql_row(n)])
