"""The GridGain and Apache Ignite client for gevent.

```python
from gridgain_gevent import Client

with Client().connect("127.0.0.1", 10800) as client:
    cache = client.get_or_create_cache("my cache")
    cache.put("key", 42)
    print(cache.get("key"))  # 42
```

It does not matter whether gevent has patched the standard library, nor when.
"""

from gridgain_proto import __version__
from gridgain_proto.client.blocking import Cache
from gridgain_proto.codec import GenericObjectMeta, binary_enum, binary_type

from .client import Client

__all__ = ["Cache", "Client", "GenericObjectMeta", "__version__", "binary_enum", "binary_type"]
