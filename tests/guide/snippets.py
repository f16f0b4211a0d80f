"""The examples of the user guide, with nothing changed but what they import."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import pytest

import gridgain_sync
from tests.ignite import Node

from .conftest import host_and_port

CONNECT = """
from gridgain_sync import Client

## Open a connection
client = Client()
client.connect('127.0.0.1', 10800)
"""

FAILOVER = """
from gridgain_sync import Client
from gridgain_proto.datatypes.cache_config import CacheMode
from gridgain_proto.datatypes.prop_codes import *
from gridgain_proto.exceptions import SocketError

nodes = [
    ('127.0.0.1', 10800),
    ('217.29.2.1', 10800),
    ('200.10.33.1', 10800),
]

client = Client(timeout=40.0)
client.connect(nodes)
print('Connected to {}'.format(client))

my_cache = client.get_or_create_cache({
    PROP_NAME: 'my_cache',
    PROP_CACHE_MODE: CacheMode.REPLICATED,
})
my_cache.put('test_key', 0)

# Abstract main loop
while True:
    try:
        # Do the work
        test_value = my_cache.get('test_key')
        my_cache.put('test_key', test_value + 1)
    except (OSError, SocketError) as e:
        # Recover from error (repeat last command, check data
        # consistency or just continue − depends on the task)
        print('Error: {}'.format(e))
        print('Last value: {}'.format(my_cache.get('test_key')))
        print('Reconnected to {}'.format(client))
"""

CREATE = """
from gridgain_sync import Client

# Open a connection
client = Client()
client.connect('127.0.0.1', 10800)

# Create a cache
my_cache = client.create_cache('myCache')
"""

CREATE_WITH_PROPERTIES = """
from collections import OrderedDict

from gridgain_sync import Client, GenericObjectMeta
from gridgain_proto.datatypes import *
from gridgain_proto.datatypes.prop_codes import *

# Open a connection
client = Client()
client.connect('127.0.0.1', 10800)

cache_config = {
    PROP_NAME: 'my_cache',
    PROP_BACKUPS_NUMBER: 2,
    PROP_CACHE_KEY_CONFIGURATION: [
        {
            'type_name': 'PersonKey',
            'affinity_key_field_name': 'companyId'
        }
    ]
}

my_cache = client.create_cache(cache_config)


class PersonKey(metaclass=GenericObjectMeta, type_name='PersonKey', schema=OrderedDict([
    ('personId', IntObject),
    ('companyId', IntObject),
])):
    pass


personKey = PersonKey(personId=1, companyId=1)
my_cache.put(personKey, 'test')

print(my_cache.get(personKey))
"""

KEY_VALUE = """
from gridgain_sync import Client

client = Client()
client.connect('127.0.0.1', 10800)

# Create cache
my_cache = client.create_cache('my cache')

# Put value in cache
my_cache.put('my key', 42)

# Get value from cache
result = my_cache.get('my key')
print(result)  # 42

result = my_cache.get('non-existent key')
print(result)  # None

# Get multiple values from cache
result = my_cache.get_all([
    'my key',
    'non-existent key',
    'other-key',
])
print(result)  # {'my key': 42}
"""

HINTS = """
from gridgain_sync import Client
from gridgain_proto.datatypes import CharObject, ShortObject

client = Client()
client.connect('127.0.0.1', 10800)

my_cache = client.get_or_create_cache('my cache')

my_cache.put('my key', 42)
# Value ‘42’ takes 9 bytes of memory as a LongObject

my_cache.put('my key', 42, value_hint=ShortObject)
# Value ‘42’ takes only 3 bytes as a ShortObject

my_cache.put('a', 1)
# ‘a’ is a key of type String

my_cache.put('a', 2, key_hint=CharObject)
# Another key ‘a’ of type CharObject is created

value = my_cache.get('a')
print(value)  # 1

value = my_cache.get('a', key_hint=CharObject)
print(value)  # 2

# Now let us delete both keys at once
my_cache.remove_keys([
    'a',  # a default type key
    ('a', CharObject),  # a key of type CharObject
])
"""

_TRANSACTION_IMPORTS = """
from gridgain_sync import Client
from gridgain_proto.datatypes import *
from gridgain_proto.datatypes.prop_codes import *
"""

TRANSACTION = (
    _TRANSACTION_IMPORTS
    + """
client = Client()
with client.connect('127.0.0.1', 10800):
    cache = client.get_or_create_cache({
        PROP_NAME: 'tx_cache',
        ROP_CACHE_ATOMICITY_MODE: CacheAtomicityMode.TRANSACTIONAL
    })

    # starting transaction
    key = 1
    with client.tx_start(timeout=2000, label='tx-sync') as tx:
        cache.put(key, 'success')
        tx.commit()
"""
)

TRANSACTION_MODES = (
    _TRANSACTION_IMPORTS
    + """
client = Client()
with client.connect('127.0.0.1', 10800):
    cache = client.get_or_create_cache({
        PROP_NAME: 'tx_cache',
        ROP_CACHE_ATOMICITY_MODE: CacheAtomicityMode.TRANSACTIONAL
    })

    # starting transaction
    key = 1
    with client.tx_start(
            isolation=TransactionIsolation.REPEATABLE_READ,
            concurrency=TransactionConcurrency.PESSIMISTIC
    ) as tx:
        cache.put(key, 'success')
        tx.commit()
"""
)

SCAN = """
from gridgain_sync import Client

client = Client()
client.connect('127.0.0.1', 10800)

my_cache = client.create_cache('myCache')

my_cache.put_all({'key_{}'.format(v): v for v in range(20)})

result = my_cache.scan()

for k, v in result:
    print(k, v)

result = my_cache.scan()
print(dict(result))
"""

SQL = """
from gridgain_sync import Client

client = Client()
client.connect('127.0.0.1', 10800)

CITY_CREATE_TABLE_QUERY = '''CREATE TABLE City (
    ID INT(11),
    Name CHAR(35),
    CountryCode CHAR(3),
    District CHAR(20),
    Population INT(11),
    PRIMARY KEY (ID, CountryCode)
) WITH "affinityKey=CountryCode"'''

client.sql(CITY_CREATE_TABLE_QUERY)

CITY_CREATE_INDEX = '''CREATE INDEX idx_country_code ON city (CountryCode)'''

client.sql(CITY_CREATE_INDEX)

CITY_INSERT_QUERY = '''INSERT INTO City(
    ID, Name, CountryCode, District, Population
) VALUES (?, ?, ?, ?, ?)'''

CITY_DATA = [
    [3793, 'New York', 'USA', 'New York', 8008278],
    [3794, 'Los Angeles', 'USA', 'California', 3694820],
    [3795, 'Chicago', 'USA', 'Illinois', 2896016],
    [3796, 'Houston', 'USA', 'Texas', 1953631],
    [3797, 'Philadelphia', 'USA', 'Pennsylvania', 1517550],
    [3798, 'Phoenix', 'USA', 'Arizona', 1321045],
    [3799, 'San Diego', 'USA', 'California', 1223400],
    [3800, 'Dallas', 'USA', 'Texas', 1188580],
]

for row in CITY_DATA:
    client.sql(CITY_INSERT_QUERY, query_args=row)

CITY_SELECT_QUERY = "SELECT * FROM City"

cities = client.sql(CITY_SELECT_QUERY)
for city in cities:
    print(*city)

field_names = client.sql(CITY_SELECT_QUERY, include_field_names=True).__next__()
print(field_names)
"""

TLS = """
from gridgain_sync import Client
import ssl

client = Client(
                use_ssl=True,
                ssl_cert_reqs=ssl.CERT_REQUIRED,
                ssl_keyfile='/path/to/key/file',
                ssl_certfile='/path/to/client/cert',
                ssl_ca_certfile='/path/to/trusted/cert/or/chain',
)

client.connect('localhost', 10800)
"""

AUTHENTICATION = """
from gridgain_sync import Client
import ssl


client = Client(
                ssl_cert_reqs=ssl.CERT_REQUIRED,
                ssl_keyfile='/path/to/key/file',
                ssl_certfile='/path/to/client/cert',
                ssl_ca_certfile='/path/to/trusted/cert/or/chain',
                username='ignite',
                password='ignite',)

client.connect('localhost', 10800)
"""

AUTHENTICATION_WITHOUT_TLS = """
from gridgain_sync import Client

client = Client(username='ignite', password='ignite', use_ssl=False)
client.connect('127.0.0.1', 10800)
"""


def run(
    snippet: str,
    node: Node,
    monkeypatch: pytest.MonkeyPatch,
    *,
    paths: dict[str, str] | None = None,
) -> tuple[dict[str, Any], list[str]]:
    """Run an example against a node that listens on another port.

    Args:
        snippet: the example.
        node: the node.
        monkeypatch: pytest's.
        paths: what stands for the paths in the example.

    Returns:
        the names that it leaves, and the lines that it prints.
    """
    _, port = host_and_port(node)
    original = gridgain_sync.Client.connect
    clients: list[gridgain_sync.Client] = []

    def connect(self: Any, host: Any = None, number: Any = None, **keywords: Any) -> Any:
        clients.append(self)
        if isinstance(host, list):
            return original(self, [(name, port) for name, _ in host], **keywords)
        return original(self, host, port if number == 10800 else number, **keywords)

    monkeypatch.setattr(gridgain_sync.Client, "connect", connect)
    for placeholder, path in (paths or {}).items():
        snippet = snippet.replace(placeholder, path)
    names: dict[str, Any] = {}
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            exec(compile(snippet, "<guide>", "exec"), names)
    except BaseException:
        for client in clients:
            client.close()
        raise
    return names, output.getvalue().splitlines()
