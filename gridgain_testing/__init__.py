"""A test kit for code that uses the client: nodes in memory that record, and fail on demand.

Installed, it is a pytest plugin; see `gridgain_testing.plugin` for its fixtures. Without pytest:

```python
from gridgain_testing.node import ObservedNode

with ObservedNode() as node:
    node.fail("CACHE_PUT", message="no space left")
```

Nothing is imported here, so that the plugin costs those nothing who do not use it.
"""
