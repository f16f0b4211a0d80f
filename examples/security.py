"""TLS and authentication.

Usage: python examples/security.py host:port [user:password] [ca-file [certificate key]]
"""

import sys
import warnings

from gridgain_proto.exceptions import InsecureConnectionWarning
from gridgain_sync import Client

node, *rest = sys.argv[1:]
user, password = rest.pop(0).split(":") if rest and ":" in rest[0] else (None, None)

if rest:  # encrypted; the server's certificate and its name are verified
    ca_file, *own = rest
    certificate, key = own or (None, None)
    client = Client(
        timeout=10,
        username=user,
        password=password,
        ssl_ca_certfile=ca_file,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
else:  # a password in clear text: only where nobody can listen
    warnings.simplefilter("ignore", InsecureConnectionWarning)
    client = Client(timeout=10, username=user, password=password, use_ssl=False)

with client.connect(node):
    print("caches:", len(client.get_cache_names()))
