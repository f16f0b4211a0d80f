"""Count up in a cache while nodes of the cluster die: the user guide's loop.

Usage: python examples/failover.py host:port [host:port …]

Without arguments, the nodes are those of the environment variable GRIDGAIN_ADDRESSES. Kill the node
that it is connected to; it goes on for as long as one node lives.
"""

import os
import sys

from gridgain_proto.datatypes.cache_config import CacheMode
from gridgain_proto.datatypes.prop_codes import PROP_CACHE_MODE, PROP_NAME
from gridgain_proto.exceptions import ReconnectError, SocketError
from gridgain_sync import Client

nodes = sys.argv[1:] or os.environ.get("GRIDGAIN_ADDRESSES", "127.0.0.1:10800").split(",")

client = Client(timeout=40.0)
client.connect(nodes)
print(f"Connected to {client}", flush=True)

my_cache = client.get_or_create_cache(
    {PROP_NAME: "my_cache", PROP_CACHE_MODE: CacheMode.REPLICATED}
)
my_cache.put("test_key", 0)
test_value = 0

while test_value < 20_000:
    try:
        test_value = my_cache.get("test_key") or 0
        my_cache.put("test_key", test_value + 1)
        if test_value % 1000 == 0:
            print(f"{test_value} on {client}", flush=True)
    except (OSError, SocketError) as exc:
        # The value may have been stored or not; the next round reads what it is.
        print(f"Error: {exc}", flush=True)
    except ReconnectError as exc:
        print(f"No node is left: {exc}", flush=True)
        sys.exit(1)

print(f"Counted to {test_value}", flush=True)
client.close()
