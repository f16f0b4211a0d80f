"""Data objects: Python values to bytes and back, for every type of the binary format.

```python
from gridgain_proto.codec import Codec
from gridgain_proto.datatypes import ShortObject

codec = Codec()
data = codec.encode({"name": "Ann", "age": (42, ShortObject)})
print(codec.decode(data))  # {'name': 'Ann', 'age': 42}
```

A codec is immutable, and so is what it knows of the cluster's types.
"""

from __future__ import annotations

from .accelerated import ACCELERATED
from .codec import Codec, Output
from .declared import GenericObject, GenericObjectMeta
from .decorators import binary_enum, binary_type
from .hashing import NameMapper
from .registry import FieldDescription, TypeDescription, TypeRegistry
from .values import (
    ClassReference,
    EnumValue,
    JavaDict,
    JavaList,
    JavaSet,
    MapItems,
    ObjectArray,
    ObjectArrayItems,
    OpaqueValue,
    ProxyValue,
    RawDate,
    RawObject,
    RawTime,
    RawTimestamp,
    SqlDate,
    Timestamp,
)

__all__ = [
    "ACCELERATED",
    "ClassReference",
    "Codec",
    "EnumValue",
    "FieldDescription",
    "GenericObject",
    "GenericObjectMeta",
    "JavaDict",
    "JavaList",
    "JavaSet",
    "MapItems",
    "NameMapper",
    "ObjectArray",
    "ObjectArrayItems",
    "OpaqueValue",
    "Output",
    "ProxyValue",
    "RawDate",
    "RawObject",
    "RawTime",
    "RawTimestamp",
    "SqlDate",
    "Timestamp",
    "TypeDescription",
    "TypeRegistry",
    "binary_enum",
    "binary_type",
]
