"""A cache: its entries, how long they live, and who is told of changes."""

from __future__ import annotations

import enum
import heapq
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Protocol

from ..codec.hashing import field_id, lower_hash, type_id
from ..codec.keyhash import AFFINITY_FIELDS, UnstableHash, field_hash, hash_value, object_root
from ..codec.registry import TypeDescription
from ..exceptions import DecodeError
from .objects import header_of
from .settings import Settings

#: Lifetimes after creation, update and access, in milliseconds.
Lifetimes = tuple[int, int, int]

UNCHANGED: Final = -2
ETERNAL: Final = -1

_FOR_EVER: Final[Lifetimes] = (ETERNAL, UNCHANGED, UNCHANGED)


class Change(enum.IntEnum):
    """What has become of an entry, as notifications say it."""

    CREATED = 0
    UPDATED = 1
    REMOVED = 2
    EXPIRED = 3


class Listener(Protocol):
    """Is told of every change of a cache."""

    def changed(self, key: bytes, old: bytes | None, new: bytes | None, change: Change) -> None:
        """An entry has changed."""


class Entry:
    """An entry.

    Attributes:
        value: the value, as it is kept.
        version: the number of the write that made it so.
        expires: when it goes; None for never.
    """

    __slots__ = ("expires", "value", "version")

    def __init__(self, value: bytes, version: int, expires: float | None) -> None:
        self.value = value
        self.version = version
        self.expires = expires


class Cache:
    """A cache.

    Args:
        cache_id: the number by which the protocol knows it.
        settings: how it is configured.
        types: the descriptions of binary types, by id.
    """

    def __init__(
        self, cache_id: int, settings: Settings, types: Mapping[int, TypeDescription]
    ) -> None:
        self.cache_id = cache_id
        self.settings = settings
        self.now = 0.0
        self.listeners: list[Listener] = []
        #: Called with the key of whatever changes, so that tables can follow.
        self.on_write: Callable[[bytes], None] | None = None
        #: Called when everything is gone.
        self.on_clear: Callable[[], None] | None = None
        #: How many partitions there are.
        self.partitions = settings.partitions

        self._types = types
        self._entries: dict[bytes, Entry] = {}
        self._expiring: list[tuple[float, bytes]] = []
        self._version = 0
        self._affinity_fields = {
            type_id(name): field_id(field_name) for name, field_name in settings.affinity_fields
        }
        self._lifetimes = settings.expiry or _FOR_EVER

    def __len__(self) -> int:
        return len(self._entries)

    def items(self) -> Iterator[tuple[bytes, Entry]]:
        """Keys and entries. The cache may change meanwhile."""
        return iter(list(self._entries.items()))

    # -- one entry -------------------------------------------------------------------------------

    def peek(self, key: bytes) -> Entry | None:
        """The entry of a key; its lifetime does not change."""
        return self._entries.get(key)

    def get(self, key: bytes, lifetimes: Lifetimes | None = None) -> bytes | None:
        """The value of a key, which has been accessed now."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        access = (lifetimes or self._lifetimes)[2]
        if access != UNCHANGED:
            if access == 0:
                self._drop(key, entry, Change.EXPIRED)
            else:
                self._set_lifetime(key, entry, access)
        return entry.value

    def put(self, key: bytes, value: bytes, lifetimes: Lifetimes | None = None) -> None:
        """Store a value."""
        create, update, _ = lifetimes or self._lifetimes
        entry = self._entries.get(key)
        old = None if entry is None else entry.value
        lifetime = create if entry is None else update
        self._version += 1
        if lifetime == 0:
            if entry is not None:
                self._drop(key, entry, Change.EXPIRED)
            return
        if entry is None:
            entry = self._entries[key] = Entry(value, self._version, None)
        else:
            entry.value, entry.version = value, self._version
        if lifetime != UNCHANGED:
            self._set_lifetime(key, entry, lifetime)
        if self.on_write is not None:
            self.on_write(key)
        if self.listeners:
            self._tell(key, old, value, Change.CREATED if old is None else Change.UPDATED)

    def remove(self, key: bytes) -> bytes | None:
        """Remove a key; what was there."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._drop(key, entry, Change.REMOVED)
        return entry.value

    def discard(self, key: bytes) -> None:
        """Remove a key without telling anybody, as clearing does."""
        if self._entries.pop(key, None) is not None:
            self._version += 1
            if self.on_write is not None:
                self.on_write(key)

    def clear(self) -> None:
        """Remove everything without telling anybody."""
        self._entries.clear()
        self._expiring.clear()
        self._version += 1
        if self.on_clear is not None:
            self.on_clear()

    def _drop(self, key: bytes, entry: Entry, change: Change) -> None:
        del self._entries[key]
        self._version += 1
        if self.on_write is not None:
            self.on_write(key)
        if self.listeners:
            self._tell(key, entry.value, None, change)

    def _tell(self, key: bytes, old: bytes | None, new: bytes | None, change: Change) -> None:
        for listener in list(self.listeners):
            listener.changed(key, old, new, change)

    # -- time ------------------------------------------------------------------------------------

    def _set_lifetime(self, key: bytes, entry: Entry, lifetime: int) -> None:
        if lifetime == ETERNAL:
            entry.expires = None
            return
        entry.expires = self.now + lifetime / 1000
        heapq.heappush(self._expiring, (entry.expires, key))
        if len(self._expiring) > 2 * len(self._entries) + 64:
            # Entries whose lifetime was changed often have left old times behind.
            self._expiring = [
                (one.expires, key) for key, one in self._entries.items() if one.expires is not None
            ]
            heapq.heapify(self._expiring)

    def advance(self, now: float) -> None:
        """Let go what has expired by now."""
        self.now = now
        expiring = self._expiring
        while expiring and expiring[0][0] <= now:
            _, key = heapq.heappop(expiring)
            entry = self._entries.get(key)
            if entry is not None and entry.expires is not None and entry.expires <= now:
                self._drop(key, entry, Change.EXPIRED)

    def next_expiry(self) -> float | None:
        """When an entry may expire next."""
        return self._expiring[0][0] if self._expiring else None

    # -- place -----------------------------------------------------------------------------------

    def partition(self, key: bytes) -> int:
        """The number of the partition that a key belongs to."""
        count = self.partitions
        try:
            code = self._placing_hash(key)
        except (UnstableHash, DecodeError):
            code = hash_value(key) if key[0] == 0x67 else sum(key)
        if count & (count - 1) == 0:
            code &= 0xFFFFFFFF
            return (code ^ code >> 16) & (count - 1)
        return abs(code) % count

    def _placing_hash(self, key: bytes) -> int:
        root = object_root(key)
        if root is not None:
            header = header_of(key, root)
            description = self._types.get(header.type_id)
            chosen = self._affinity_fields.get(header.type_id, AFFINITY_FIELDS.get(header.type_id))
            if chosen is None and description is not None and description.affinity_key_field:
                chosen = lower_hash(description.affinity_key_field)
            if chosen is not None:
                schema = None if description is None else description.schemas.get(header.schema_id)
                found = field_hash(key, root, chosen, schema)
                if found is not None:
                    return found
        return hash_value(key)
