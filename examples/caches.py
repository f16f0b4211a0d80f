"""Create caches, by name and by settings; store, read and count entries, with hints and lifetimes.

Usage: python examples/caches.py [host:port]
"""

import os
import sys

from gridgain_proto.datatypes import CharObject, ExpiryPolicy, ShortObject
from gridgain_proto.datatypes.cache_config import CacheConfiguration, CacheMode
from gridgain_proto.datatypes.prop_codes import PROP_BACKUPS_NUMBER, PROP_CACHE_MODE, PROP_NAME
from gridgain_sync import Client

default = os.environ.get("GRIDGAIN_ADDRESSES", "127.0.0.1:10800").split(",")[0]
node = sys.argv[1] if len(sys.argv) > 1 else default

with Client(timeout=10).connect(node) as client:
    # By a dictionary of settings, or typed: both say the same.
    cache = client.get_or_create_cache({PROP_NAME: "example", PROP_BACKUPS_NUMBER: 1})
    replicated = client.get_or_create_cache(
        CacheConfiguration(name="replicated example", cache_mode=CacheMode.REPLICATED)
    )
    print("mode:", replicated.settings[PROP_CACHE_MODE].name)

    cache.put_all({number: number**2 for number in range(10)})
    print("get:", cache.get(7), cache.get(11))
    print("get_all:", cache.get_all([1, 2, 11]))
    print("replaced:", cache.replace(7, "seven"), cache.replace(11, "eleven"))
    print("in:", 7 in cache, 11 in cache)
    print("scan:", sorted(dict(cache.scan())))

    # The same letter twice: as a string, and as a character.
    cache.put("a", 1, value_hint=ShortObject)
    cache.put("a", 2, key_hint=CharObject)
    print("hints:", cache.get("a"), cache.get("a", key_hint=CharObject))
    cache.remove_keys(["a", ("a", CharObject)])

    cache.with_expire_policy(ExpiryPolicy(create=0)).put("brief", "gone at once")
    print("lifetimes:", cache.get("brief"))

    cache.destroy()
    replicated.destroy()
