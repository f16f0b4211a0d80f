"""Connect to a node, store values, read them: the first steps, with gevent.

Usage: python examples/quickstart_gevent.py [host:port]

Without an argument, the node is the first of the environment variable GRIDGAIN_ADDRESSES, else
127.0.0.1:10800.
"""

import os
import sys

from gridgain_gevent import Client

default = os.environ.get("GRIDGAIN_ADDRESSES", "127.0.0.1:10800").split(",")[0]
node = sys.argv[1] if len(sys.argv) > 1 else default

with Client(timeout=10).connect(node) as client:
    print(f"Connected to {client}")

    cache = client.get_or_create_cache("quickstart")
    cache.put("answer", 42)
    print("cache.get('answer') =", cache.get("answer"))
    print("cache.get('question') =", cache.get("question"))

    cache.put_all({f"key {number}": number**2 for number in range(1000)})
    found = cache.get_all([f"key {number}" for number in range(0, 2000, 250)])
    print("cache.get_all(...) =", dict(sorted(found.items())))
    print("cache.get_size() =", cache.get_size())

    cache.destroy()
    print("caches now:", client.get_cache_names())
