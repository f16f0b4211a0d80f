"""Transactions: commit, rollback, conflicts, defaults for all.

Usage: python examples/transactions.py [host:port]
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from gridgain_proto.cache import Cache
from gridgain_proto.datatypes import TransactionConcurrency, TransactionIsolation
from gridgain_proto.datatypes.cache_config import CacheAtomicityMode, CacheConfiguration
from gridgain_proto.exceptions import TransactionConflict
from gridgain_sync import Client

default = os.environ.get("GRIDGAIN_ADDRESSES", "127.0.0.1:10800").split(",")[0]
node = sys.argv[1] if len(sys.argv) > 1 else default


def deposit(accounts: Cache[str, int], amount: int) -> None:
    """Add to an account, and again if somebody else has changed it meanwhile."""
    while True:
        try:
            with client.tx_start() as tx:
                accounts.put("Ann", (accounts.get("Ann") or 0) + amount)
                tx.commit()
        except TransactionConflict:
            continue
        return


client = Client(
    timeout=30,
    tx_concurrency=TransactionConcurrency.OPTIMISTIC,
    tx_isolation=TransactionIsolation.SERIALIZABLE,
    tx_timeout=5000,
)
with client.connect(node):
    accounts = client.get_or_create_cache(
        CacheConfiguration(name="accounts", atomicity_mode=CacheAtomicityMode.TRANSACTIONAL)
    )
    accounts.put_all({"Ann": 100, "Bob": 100})

    with client.tx_start(label="transfer") as tx:
        accounts.put("Ann", 70)
        accounts.put("Bob", 130)
        tx.commit()
    print("after the commit:", accounts.get("Ann"), accounts.get("Bob"))

    with client.tx_start():
        accounts.put("Ann", 0)
    print("left without a commit:", accounts.get("Ann"))

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(deposit, accounts, 1) for _ in range(20)]:
            done.result()
    print("after twenty deposits at once:", accounts.get("Ann"))
    accounts.destroy()
