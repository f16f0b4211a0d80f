"""The node answers what real servers have answered, byte for byte where it can."""

from __future__ import annotations

import pytest

from .captured import Replay

#: What the node does not have: entry processors, index queries, replication, vectors.
REFUSED = {1022, 1023, 1024, 1025, 2008, 2009, 30000, 30001, 32000}

#: Where the node differs, or where the capture cannot be replayed on a node of its own.
DIFFERENCES = {
    "it has no such caches": {
        "LOCAL (mode 0)",
        "get configuration after: LOCAL (mode 0)",
        "TRANSACTIONAL_SNAPSHOT (2)",
        "get configuration after: TRANSACTIONAL_SNAPSHOT (2)",
    },
    "it has sorted indexes only": {
        "SORTED index without similarity, bit 33, followed by backups",
        "VECTOR index without similarity, bit 33, followed by backups",
        "get configuration after: SORTED index with similarity",
        "get configuration after: SORTED index without similarity",
        "query entity, key and value fields",
        "two query entities",
        "get configuration after: query entity, key and value fields",
        "get configuration after: two query entities",
        "close the index cursor",
    },
    "it has no plans, system views or chosen partitions": {
        "EXPLAIN",
        "select from the system view",
        "select from the system view, schema SYS",
        "select, partitions [0..3]",
        "select, partitions descending",
    },
    "names and aliases come in an order of Java's, or were made at random": {
        "get configuration of a table's cache",
        "get configuration with SQL schema",
        "names",
        "names, with the new cache",
        "node partitions",
    },
    "time went by, which the capture does not say": {
        "get after expiry",
        "get after expiry on access",
        "size with expiry policy flag",
    },
    "it depends on requests that are not in the capture, or that the node refuses": {
        "close one cursor",
        "close the continuous query",
        "close the cursor",
        "get after invoke",
        "get the row of the refused DML",
        "get all, many keys",
        "put all, 40 entries",
        "clear keys, one absent",
        "remove keys, many",
        "size",
        "size ALL, REPLICATED",
        "unknown property code -1, int 0, last",
        "unknown property code 102, int 0, last",
        "unknown property code 207, int 0, last",
        "unknown property code 307, int 0, last",
        "unknown property code 409, int 0, last",
        "unknown property code 999, int 0, last",
        "destroy",
        "destroy several",
        "scan, 40 entries, page 15",
        "scan, one cursor too many",
        "scan, partition 511, REPLICATED cache",
        "scan, partition 512, REPLICATED cache",
        "scan, next page",
        "scan, next page from another connection",
        "DDL while the connection holds 128 cursors",
        "DML while the connection holds 128 cursors",
        "select from the table of the refused DDL",
        "select with one row, one cursor too many",
        "select, one cursor too many",
        "continuous query, one cursor too many",
        "legacy SQL, one cursor too many",
        "legacy SQL with tx flag and id",
    },
}


@pytest.mark.parametrize(("server", "least"), [("gridgain", 735), ("ignite", 725)])
def test_caches_and_queries(server: str, least: int) -> None:
    named = set[str]().union(*DIFFERENCES.values())
    equal = 0
    for row, found, wanted in Replay("cache_ops.json", server).run():
        if row["code"] in REFUSED or row["what"] in named:
            continue
        assert found == wanted, (row["code"], row["what"], row["meaning"])
        equal += 1
    assert equal >= least


@pytest.mark.parametrize("server", ["gridgain", "ignite"])
def test_transactions(server: str) -> None:
    """All but what depends on time, and on a deadlock's being found."""
    different = {
        "op after the timeout",
        "commit after the timeout",
        "lock wait past the timeout",
        "deadlock side 1",
        "deadlock side 2",
        "up to the limit",
        "scan inside a transaction",
        "size inside a transaction",
    }
    for row, found, wanted in Replay("transactions.json", server).run():
        if row["what"] not in different:
            assert found == wanted, (row["code"], row["what"])


@pytest.mark.parametrize("server", ["gridgain", "ignite"])
@pytest.mark.parametrize(("file", "least"), [("cache_ops_extra.json", 85), ("other_ops.json", 70)])
def test_what_can_be_replayed_of_other_captures(file: str, least: int, server: str) -> None:
    """They lack the requests that prepared them, so only their number is watched."""
    equal = sum(found == wanted for _, found, wanted in Replay(file, server).run())
    assert equal >= least
