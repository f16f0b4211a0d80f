"""A cluster in memory: what its nodes share, and how entries are spread over them.

```python
import time

from gridgain_proto.node import Cluster

cluster = Cluster()
member = cluster.join("127.0.0.1", 10800, now=time.monotonic())
node = cluster.connect(member, now=time.monotonic())  # one for each TCP connection
node.receive_data(bytes.fromhex("08000000 01 0100 0600 0000 02"), now=time.monotonic())
print(node.data_to_send())  # b'...'
for other in cluster.take_ready():  # others that have to send something now, too
    other.data_to_send()
```
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING, Final
from uuid import UUID

from .. import scalars
from ..codec.hashing import cache_id as id_of_cache
from ..exceptions import ParameterError
from ..features import Feature, Product, ProtocolVersion
from ..framing import DEFAULT_MAX_FRAME
from .binary_types import BinaryTypes
from .caches import Cache
from .connection import NodeConnection
from .failures import CACHE_EXISTS, Refusal
from .faults import Interceptor
from .greeting import GRIDGAIN_VERSIONS, IGNITE_VERSIONS, KNOWN_FEATURES
from .settings import Settings
from .transactions import Locks

if TYPE_CHECKING:
    from .sql import Database

INACTIVE: Final = 0
ACTIVE: Final = 1
READ_ONLY: Final = 2


@dataclass(frozen=True, kw_only=True)
class NodeConfig:
    """How the nodes of a cluster are. All times are seconds.

    Args:
        product: which server they stand for.
        versions: the protocol's versions that they know, newest first; by default those of the
            product's newest server.
        features: what they know beyond the versions.
        users: passwords by user name; None for no authentication.
        persistent: whether what a node holds survives when it goes, as with native persistence.
        handshake_timeout: how long a client may take for its handshake; 0 for ever.
        idle_timeout: how long a connection may be silent; 0 for ever.
        max_frame: the longest message that is taken. Real servers have no such limit.
        max_cursors: how many cursors and subscriptions one connection may have open.
        max_transactions: how many transactions one connection may have open.
        timezone: the zone in which SQL's dates and times are what they are; None for the process's
            own.
        max_output: how many bytes may wait for a client that does not read, before its connection
            is closed.
    """

    product: Product = Product.GRIDGAIN
    versions: tuple[ProtocolVersion, ...] = ()
    features: frozenset[Feature] = KNOWN_FEATURES
    users: Mapping[str, str] | None = None
    persistent: bool = False
    handshake_timeout: float = 10.0
    idle_timeout: float = 0.0
    max_frame: int = DEFAULT_MAX_FRAME
    max_cursors: int = 128
    max_transactions: int = 100
    timezone: tzinfo | None = None
    max_output: int = 1 << 30

    def __post_init__(self) -> None:
        if self.product is Product.UNKNOWN:
            raise ParameterError("product: a node is GridGain's or Apache Ignite's")
        if not self.versions:
            is_gridgain = self.product is Product.GRIDGAIN
            versions = GRIDGAIN_VERSIONS if is_gridgain else IGNITE_VERSIONS
            object.__setattr__(self, "versions", versions)


@dataclass(frozen=True, eq=False)
class Member:
    """A node of the cluster.

    Attributes:
        node_id: its id; a node that comes again is another one.
        host: where it listens.
        port: the port.
        order: the topology version at which it came.
    """

    node_id: UUID
    host: str
    port: int
    order: int


class Cluster:
    """What the nodes of one cluster share.

    Args:
        config: how the nodes are.
        new_id: gives the id of each new node; by default they are the same in each run.
    """

    def __init__(
        self, config: NodeConfig | None = None, *, new_id: Callable[[], UUID] | None = None
    ) -> None:
        self.config = config or NodeConfig()
        self.product = self.config.product
        self.now = 0.0
        self.state = ACTIVE
        self.caches: dict[int, Cache] = {}
        self.locks = Locks()
        self.binary = BinaryTypes()
        #: Decides what is to go wrong, and sees every request; None for nothing.
        self.interceptor: Interceptor | None = None
        #: The members that there are, the oldest first.
        self.members: list[Member] = []
        #: The topology's version: major and minor.
        self.topology = (0, 0)
        #: Which nodes there were, by major topology version.
        self.history: dict[int, tuple[Member, ...]] = {}

        self._new_id = new_id or self._next_id
        self._connected = 0
        self._connections: dict[NodeConnection, None] = {}
        self._ready: dict[NodeConnection, None] = {}
        self._owners: dict[tuple[int, int], tuple[tuple[Member, ...], ...]] = {}
        self._database: Database | None = None

    # -- nodes and connections -------------------------------------------------------------------

    def join(self, host: str, port: int, *, now: float) -> Member:
        """Add a node."""
        self.advance(now)
        major = self.topology[0] + 1
        member = Member(self._new_id(), host, port, major)
        self.members.append(member)
        self._change_members(major)
        return member

    def leave(self, member: Member, *, now: float) -> None:
        """Take a node away, its connections and what only it held."""
        self.advance(now)
        if member not in self.members:
            return
        for connection in list(self._connections):
            if connection.member is member:
                connection.receive_eof(now=now)
                self._ready[connection] = None
        lost = [] if self.config.persistent else self._lost_with(member)
        self.members.remove(member)
        self._change_members(self.topology[0] + 1)
        for cache, keys in lost:
            for key in keys:
                cache.discard(key)

    def _lost_with(self, member: Member) -> list[tuple[Cache, list[bytes]]]:
        return [
            (
                cache,
                [
                    key
                    for key, _ in cache.items()
                    if self.owners(cache, cache.partition(key)) == (member,)
                ],
            )
            for cache in self.caches.values()
            if cache.settings.backups == 0 or len(self.members) == 1
        ]

    def _change_members(self, major: int) -> None:
        self.topology = (major, 0)
        self.history[major] = tuple(self.members)
        self._owners.clear()

    def _next_id(self) -> UUID:
        # Ids need not be secret, only different; a node has no source of randomness of its own.
        seed = b"node %d" % (self.topology[0] + 1)
        return UUID(bytes=hashlib.blake2b(seed, digest_size=16).digest(), version=4)

    def connect(self, member: Member, *, now: float) -> NodeConnection:
        """A client has connected to a node."""
        self.advance(now)
        self._connected += 1
        connection = NodeConnection(self, member, self._connected, now=now)
        self._connections[connection] = None
        return connection

    def forget(self, connection: NodeConnection) -> None:
        """A connection is closed."""
        self._connections.pop(connection, None)

    def has_output(self, connection: NodeConnection) -> None:
        """A connection has something to send, or is closed."""
        self._ready[connection] = None

    def take_ready(self) -> list[NodeConnection]:
        """The connections that have something to send, or were closed, since the last call."""
        ready = list(self._ready)
        self._ready.clear()
        return ready

    # -- time ------------------------------------------------------------------------------------

    def advance(self, now: float) -> None:
        """Take notice of the time."""
        if now > self.now:
            self.now = now

    def next_timer(self) -> float | None:
        """When `handle_timer` is due, or None."""
        times = [connection.next_timer() for connection in self._connections]
        times += [cache.next_expiry() for cache in self.caches.values()]
        return min((time for time in times if time is not None), default=None)

    def handle_timer(self, *, now: float) -> None:
        """Do what is due by now."""
        self.advance(now)
        for connection in list(self._connections):
            connection.handle_timer(now=now)
        for cache in self.caches.values():
            cache.advance(now)

    # -- caches ----------------------------------------------------------------------------------

    def check_active(self) -> None:
        """Refuse what needs an active cluster.

        Raises:
            Refusal: the cluster is not active.
        """
        if self.state == INACTIVE:
            raise Refusal(
                "Can not perform the operation because the cluster is inactive. Note, that the "
                "cluster is considered inactive by default if Ignite Persistent Store is used to "
                "let all the nodes join the cluster."
            )

    def check_writable(self) -> None:
        """Refuse what changes something.

        Raises:
            Refusal: the cluster is read-only, or not active.
        """
        self.check_active()
        if self.state == READ_ONLY:
            raise Refusal("Failed to perform cache operation (cluster is in read-only mode)")

    def create_cache(self, settings: Settings, *, or_get: bool = False) -> Cache:
        """Create a cache.

        Args:
            settings: how it is configured.
            or_get: whether one of that name will do.

        Raises:
            Refusal: there is one, or there can be none like that.
        """
        self.check_writable()
        number = id_of_cache(settings.name) or 1  # 0 stands for no cache
        existing = self.caches.get(number)
        if existing is not None:
            if existing.settings.name != settings.name:
                raise Refusal(
                    f"Cache with the same ID exists: {existing.settings.name}, {settings.name}"
                )
            if or_get:
                return existing
            words = f"Failed to start cache (a cache with the same name exists): {settings.name}"
            raise Refusal(words, CACHE_EXISTS)
        cache = Cache(number, settings, self.binary.types)
        cache.advance(self.now)
        if settings.entities:
            self.database.add_cache(cache)
        self.caches[number] = cache
        self._bump()
        return cache

    def destroy_cache(self, cache: Cache) -> None:
        """Destroy a cache and its tables."""
        del self.caches[cache.cache_id]
        cache.clear()
        if self._database is not None:
            self._database.remove_cache(cache)
        self._bump()

    def _bump(self) -> None:
        major, minor = self.topology
        self.topology = (major, minor + 1)

    def change_state(self, state: int) -> None:
        """Activate or deactivate the cluster; deactivation drops what is only in memory."""
        if state == self.state:
            return
        self.state = state
        if state == INACTIVE and not self.config.persistent:
            for cache in self.caches.values():
                cache.clear()
        self._bump()

    @property
    def database(self) -> Database:
        """SQL, made when it is first needed: importing SQLite takes longer than a node's start."""
        if self._database is None:
            from .sql import Database

            self._database = Database(self)
        return self._database

    # -- where entries are -----------------------------------------------------------------------

    def backups_of(self, cache: Cache) -> int:
        """How many copies beside the first there really are."""
        return min(cache.settings.backups, max(len(self.members) - 1, 0))

    def owners(self, cache: Cache, partition: int) -> tuple[Member, ...]:
        """The nodes that hold a partition, the primary first."""
        copies = 1 + self.backups_of(cache)
        table = self._owners.get((cache.partitions, copies))
        if table is None:
            table = self._owners[cache.partitions, copies] = tuple(
                self._ranked(number)[:copies] for number in range(cache.partitions)
            )
        return table[partition]

    def _ranked(self, partition: int) -> tuple[Member, ...]:
        # Rendezvous hashing, as servers do; the hash itself is nobody's business.
        number = scalars.INT32.pack(partition)

        def rank(member: Member) -> bytes:
            return hashlib.blake2b(member.node_id.bytes + number, digest_size=8).digest()

        return tuple(sorted(self.members, key=rank, reverse=True))

    def holds(self, member: Member, cache: Cache, key: bytes) -> bool:
        """Whether a node has a copy of a key."""
        if cache.settings.replicated or len(self.members) == 1:
            return True
        return member in self.owners(cache, cache.partition(key))

    def is_primary(self, member: Member, cache: Cache, partition: int) -> bool:
        """Whether a node has the first copy of a partition."""
        return self.owners(cache, partition)[:1] == (member,)
