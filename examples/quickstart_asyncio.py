"""Connect to a node, store values, read them: the first steps, in asyncio.

Usage: python examples/quickstart_asyncio.py [host:port]

Without an argument, the node is the first of the environment variable GRIDGAIN_ADDRESSES, else
127.0.0.1:10800.
"""

import asyncio
import os
import sys

from gridgain_asyncio import Client

default = os.environ.get("GRIDGAIN_ADDRESSES", "127.0.0.1:10800").split(",")[0]
node = sys.argv[1] if len(sys.argv) > 1 else default


async def main() -> None:
    async with Client(timeout=10).connect(node) as client:
        print(f"Connected to {client}")

        cache = await client.get_or_create_cache("quickstart")
        await cache.put("answer", 42)
        print("cache.get('answer') =", await cache.get("answer"))
        print("cache.get('question') =", await cache.get("question"))

        await cache.put_all({f"key {number}": number**2 for number in range(1000)})
        found = await cache.get_all([f"key {number}" for number in range(0, 2000, 250)])
        print("cache.get_all(...) =", dict(sorted(found.items())))
        print("cache.get_size() =", await cache.get_size())

        await cache.destroy()
        print("caches now:", await client.get_cache_names())


asyncio.run(main())
