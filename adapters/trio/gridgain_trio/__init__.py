"""The GridGain and Apache Ignite client for trio.

```python
import trio

from gridgain_trio import Client


async def main() -> None:
    async with Client().connect("127.0.0.1", 10800) as client:
        cache = await client.get_or_create_cache("my cache")
        await cache.put("key", 42)
        print(await cache.get("key"))  # 42


trio.run(main)
```
"""

from gridgain_proto import __version__
from gridgain_proto.client.cache import AsyncCache as Cache
from gridgain_proto.codec import GenericObjectMeta, binary_enum, binary_type

from .client import Client, open_client

__all__ = [
    "Cache",
    "Client",
    "GenericObjectMeta",
    "__version__",
    "binary_enum",
    "binary_type",
    "open_client",
]
