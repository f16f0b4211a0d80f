"""The nodes of a cluster, and the connections to them.

One connection, the *main* one, is made when it is needed, by a caller who needs it. All others
are made in the background, by a flow that looks after the whole: it asks the cluster for its
nodes, connects to those that are due, and fetches the partition maps of the caches in use. No
caller ever waits for it: a call whose node is not connected, or not known, goes by the main one.

What callers read is in snapshots that are replaced by one assignment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ..affinity import PartitionMap, Placement, TopologyVersion
from ..datatypes.cache_config import CacheAtomicityMode
from ..datatypes.prop_codes import PROP_CACHE_ATOMICITY_MODE
from ..exceptions import (
    AuthenticationError,
    ClientClosed,
    ConnectionFailed,
    DecodeError,
    EncodeError,
    GridGainError,
    LocalProtocolError,
    ReconnectError,
    RequestTimeout,
    ServerError,
)
from ..failover import Health
from ..features import FLAGS_SINCE, Feature
from ..operations.cluster import CACHE_PARTITIONS, NODE_ENDPOINTS
from ..operations.configuration import CACHE_GET_CONFIGURATION
from ..operations.layout import CacheHeader
from ..operations.operation import Request
from .runtime import Background, Endpoint, Link
from .watching import ConnectionWatch

if TYPE_CHECKING:
    from .session import Session

#: How long one step of the looking after may take, in seconds.
_STEP = 10.0
#: After this long a cache that the cluster said nothing about is asked for again, in seconds.
_ASK_AGAIN_AFTER = 1.0


class Nodes:
    """A client's connections to the nodes of its cluster.

    Args:
        session: by which the cluster is asked.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._runtime = session.runtime
        self._options = session.options
        self._watch = ConnectionWatch(session.options.listeners)
        self._dialing = self._runtime.lock()
        self._mutex = self._runtime.mutex()  # for changes of the tables
        self.health = Health()
        self._given: tuple[Endpoint, ...] = ()
        self._open = False
        self._era = 0  # what has begun before a close changes nothing after the next connect

        #: The connection for whatever need not go to a certain node.
        self.main: Link | None = None
        #: All connections, by endpoint and by the node's id.
        self._links: Mapping[Endpoint, Link] = {}
        self._by_id: Mapping[UUID, Link] = {}
        #: Connections that are only kept for what still goes on there.
        self._retired: list[Link] = []

        #: What the cluster said of its nodes' addresses, for the topology of that version.
        self._discovered: Mapping[UUID, tuple[Endpoint, ...]] = {}
        self._discovered_version = -1
        self._topology: TopologyVersion = (-1, 0)

        self._placements: Mapping[int, Placement] = {}
        self._atomic: frozenset[int] = frozenset()  # caches where a call is no transaction
        self._wanted: dict[int, float] = {}  # caches without a map, and when to ask (again)
        #: Whether there is something to look after now, or from a certain time on.
        self.due = False
        self.due_at: float | None = None
        self._background: Background | None = None

    # -- the whole -------------------------------------------------------------------------------

    async def connect(self, endpoints: tuple[Endpoint, ...], deadline: float | None) -> None:
        """Connect to the first node that can be reached; the others follow in the background."""
        if self._open:
            await self._runtime.checkpoint()
            node = self.main.node if self.main is not None else "a cluster"
            raise LocalProtocolError(f"the client is already connected to {node}; close it first")
        self._given = endpoints
        self._open = True
        try:
            await self.connected(deadline)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close all connections, also where everything is being cancelled."""
        background, self._background = self._background, None
        if background is not None:
            background.cancel()
        with self._mutex:
            self._open = False
            self._era += 1
            links = {*self._links.values(), *self._retired}
            self.main = None
            self._retired = []
            self._links, self._by_id, self._discovered, self._placements = {}, {}, {}, {}
            self._discovered_version, self._topology = -1, (-1, 0)
            self._atomic = frozenset()
            self.due, self.due_at = False, None
        for link in links:
            if not link.closed:
                self._watch.closed(link)
            await link.aclose()

    @property
    def links(self) -> list[Link]:
        """The live connections."""
        return [link for link in self._links.values() if not link.closed]

    @property
    def count(self) -> int:
        """How many addresses are known."""
        return len(self._endpoints())

    # -- which connection ------------------------------------------------------------------------

    def owner(self, request: Request[Any]) -> Link | None:
        """The connection to the node that owns a request's key, if that is known and live."""
        if len(self._by_id) < 2:
            return None
        key, hint = request.args[request.operation.key or 0]
        return self.owner_of_key(request.args[0].cache_id, key, hint)

    def owner_of_key(self, cache_id: int, key: Any, hint: Any) -> Link | None:
        """The connection to the node that owns a key, if that is known and live."""
        owners = self._owners(cache_id)
        if owners is None:
            return None
        try:
            hash_code = self._session.types.codec.routing_hash(key, hint, owners.affinity_fields)
        except EncodeError:
            return None  # it will be said when the request is encoded
        if hash_code is None:
            return None
        return self._live(owners.owner_of(hash_code))

    def can_split(self, cache_id: int, changes: bool) -> bool:
        """Whether a batch may be split by the owners of its keys."""
        if len(self._by_id) < 2 or self._owners(cache_id) is None:
            return False
        return not changes or cache_id in self._atomic

    def owner_of_partition(self, cache_id: int, partition: int) -> Link | None:
        """The connection to the node that owns a partition, if that is known and live."""
        owners = self._owners(cache_id)
        if owners is None or not 0 <= partition < len(owners.owners):
            return None
        return self._live(owners.owners[partition])

    def _owners(self, cache_id: int) -> PartitionMap | None:
        placement = self._placements.get(cache_id)
        if placement is None or placement.version < self._topology:
            # An old map does no harm: the server forwards what comes to the wrong node.
            if cache_id not in self._wanted:
                self._wanted[cache_id] = 0.0
                self.due = True
            if placement is None:
                return None
        return placement.map

    def _live(self, node_id: UUID) -> Link | None:
        link = self._by_id.get(node_id)
        if link is None or link.closed:
            self.due = True
            return None
        return link

    async def connected(self, deadline: float | None) -> Link:
        """A live connection: one that there is, or one dialled by one of those who need it."""
        if not self._open:
            await self._runtime.checkpoint()
            raise self._not_open()
        if not await self._dialing.acquire(deadline):
            raise RequestTimeout("no connection in time: another call is still connecting")
        try:
            await self._drop_lost()
            for link in self._links.values():
                self.main = link
                return link
            self.main = await self._dial_any(deadline)
            self.due = True
            return self.main
        finally:
            self._dialing.release()

    # -- connecting ------------------------------------------------------------------------------

    async def _dial_any(self, deadline: float | None) -> Link:
        """A connection to the first node that can be reached."""
        failures: list[Exception] = []
        for endpoint in self.health.in_order(self._endpoints(), now=self._runtime.now()):
            try:
                return await self._dial(endpoint, deadline)
            except ReconnectError as exc:
                failures += exc.attempts
            except ConnectionFailed as exc:
                failures.append(exc)
        reasons = "; ".join(str(exc) for exc in failures)
        raise ReconnectError(f"no node could be reached: {reasons}", failures) from failures[0]

    async def _dial(self, endpoint: Endpoint, deadline: float | None) -> Link:
        """A connection to the first address of an endpoint that answers, entered in the tables.

        Raises:
            ConnectionFailed: the name is not known.
            ReconnectError: no address answers.
            AuthenticationError, RequestTimeout: as they are.
        """
        runtime = self._runtime
        era = self._era
        failures: list[Exception] = []
        try:
            for address in await runtime.resolve(endpoint, deadline=deadline):
                config = self._options.connection_config(endpoint, address)
                self._watch.connecting(address)
                try:
                    link = await runtime.dial(address, config, deadline=deadline)
                except ConnectionFailed as exc:
                    self._watch.failed(address, exc)
                    failures.append(exc)
                    continue
                except GridGainError as exc:
                    self._watch.failed(address, exc)
                    raise
                self._watch.connected(address, link)
                try:
                    await self._session.types.adopt(link, deadline, afresh=not self.links)
                except ConnectionFailed as exc:
                    await link.aclose()
                    failures.append(exc)
                    continue
                except BaseException:
                    await link.aclose()
                    raise
                return await self._enter(endpoint, link, era)
        except BaseException:
            self.health.failed(endpoint, now=runtime.now())
            raise
        self.health.failed(endpoint, now=runtime.now())
        raise ReconnectError(f"{endpoint} could not be reached", failures)

    async def _enter(self, endpoint: Endpoint, link: Link, era: int) -> Link:
        """Put a new connection into the tables; the one to use, which may be an older one."""
        node_id = link.node_id
        with self._mutex:
            is_open = self._open and era == self._era
            known = self._by_id.get(node_id) if node_id is not None else None
            if known is not None and known.closed:
                known = None
            if is_open:
                self.health.succeeded(endpoint)
                # Two addresses of one node: the second is not tried while the first connects.
                self._links = {**self._links, endpoint: known or link}
                if node_id is not None:
                    self._by_id = {**self._by_id, node_id: known or link}
        if known is not None or not is_open:
            await link.aclose()
        if not is_open:  # closed in the meantime
            raise self._not_open()
        if known is not None:
            return known
        link.on_topology = self._see_topology
        if link.topology is not None:
            self._see_topology(link.topology)
        return link

    async def _drop_lost(self) -> None:
        """Take connections that are gone out of the tables."""
        now = self._runtime.now()
        with self._mutex:
            lost = {endpoint: link for endpoint, link in self._links.items() if link.closed}
            if not lost:
                return
            self._links = {key: link for key, link in self._links.items() if key not in lost}
            self._by_id = {key: link for key, link in self._by_id.items() if not link.closed}
            if self.main is not None and self.main.closed:
                self.main = None
            for endpoint in lost:
                self.health.failed(endpoint, now=now)
            self.due = True
        for link in set(lost.values()):
            if link.failure is None and link.in_flight:
                with self._mutex:  # it takes nothing new, and ends with its last answer
                    self._retired.append(link)
                continue
            self._watch.lost(link)
            await link.aclose()

    def retire(self, link: Link) -> None:
        """Use a connection no more for anything new; it is closed when nothing goes on there."""
        with self._mutex:
            if link in self._retired or link.closed:
                return
            self._links = {key: known for key, known in self._links.items() if known is not link}
            self._by_id = {key: known for key, known in self._by_id.items() if known is not link}
            if self.main is link:
                self.main = None
            self._retired.append(link)
            self.due = True

    async def _close_retired(self) -> None:
        with self._mutex:
            done = [link for link in self._retired if not self._session.is_used(link)]
            self._retired = [link for link in self._retired if link not in done]
        for link in done:
            self._watch.closed(link)
            await link.aclose()

    def _endpoints(self) -> list[Endpoint]:
        """All endpoints that are worth trying, each once."""
        found = dict.fromkeys(self._given)
        for endpoints in self._discovered.values():
            found.update(dict.fromkeys(endpoints))
        return list(found)

    # -- looking after ---------------------------------------------------------------------------

    def _see_topology(self, version: TopologyVersion) -> None:
        """A node has told of a topology. Called by whoever reads, so nothing is done here."""
        if version > self._topology:
            self._topology = version
            self.due = True

    def look_after(self) -> None:
        """Start what there is to do in the background, unless it is going on."""
        with self._mutex:
            background = self._background
            if not self._open or (background is not None and not background.done):
                return
            self.due, self.due_at = False, None
            self._background = self._runtime.spawn(self._look_after)

    async def _look_after(self) -> None:
        try:
            await self._drop_lost()
            await self._close_retired()
            await self._discover()
            if self._options.partition_aware:
                await self._connect_others()
                await self._fetch_maps()
        except GridGainError:
            # The cluster is away, or the client was closed: callers find out by themselves. What
            # was not done is done later.
            self.due_at = self._runtime.now() + _ASK_AGAIN_AFTER
            return
        times = [time for time in self._wanted.values() if time]
        if self._options.partition_aware:
            waiting = [node for node in self._endpoints() if node not in self._links]
            if (due := self.health.next_due(waiting)) is not None:
                times.append(due)
        self.due_at = min(times, default=None)

    async def _discover(self) -> None:
        """Ask for the addresses of all nodes, if the topology has changed since."""
        link = self._any_link()
        if (
            link is None
            or not self._options.discovery
            or Feature.NODE_ENDPOINTS not in link.features
            or self._topology[0] <= self._discovered_version
        ):
            return
        era = self._era
        answer = await self._session.exchange(link, NODE_ENDPOINTS(-1, -1), self._step())
        found = {
            node.node_id: tuple(Endpoint(host, node.port) for host in node.hosts if node.port > 0)
            for node in answer.nodes
        }
        with self._mutex:
            self._check_era(era)
            self._discovered_version, self._discovered = answer.topology_version, found

    async def _connect_others(self) -> None:
        """Connect to all nodes that are due and have no connection."""
        for endpoint in self._endpoints():
            if not self._open:
                return
            if endpoint in self._links or self._is_reached(endpoint):
                continue
            if not self.health.due(endpoint, now=self._runtime.now()):
                continue
            try:
                await self._dial(endpoint, self._step())
            except (ConnectionFailed, ReconnectError, RequestTimeout, AuthenticationError):
                continue  # it is tried again later

    def _is_reached(self, endpoint: Endpoint) -> bool:
        """Whether it is only another address of a node that is connected already."""
        return any(
            endpoint in endpoints and node_id in self._by_id
            for node_id, endpoints in self._discovered.items()
        )

    async def _fetch_maps(self) -> None:
        """Fetch the maps of the caches in use that are missing or old."""
        if len(self._by_id) < 2:
            return
        now, era = self._runtime.now(), self._era
        old = [key for key, known in self._placements.items() if known.version < self._topology]
        asked = [key for key, when in list(self._wanted.items()) if when <= now]
        for cache_id in dict.fromkeys([*old, *asked]):
            link = self._any_link()
            if link is None or link.features.version < FLAGS_SINCE:
                return
            answer = await self._session.exchange(link, CACHE_PARTITIONS(cache_id), self._step())
            self._check_era(era)
            placement = answer.placement(cache_id)
            if placement is None:
                # No such cache, or no map yet. It is asked for again, but not at every call.
                self._placements = {
                    key: known for key, known in self._placements.items() if key != cache_id
                }
                self._wanted[cache_id] = self._runtime.now() + _ASK_AGAIN_AFTER
                continue
            is_new = cache_id not in self._placements
            with self._mutex:
                self._check_era(era)
                self._placements = {**self._placements, cache_id: placement}
            self._wanted.pop(cache_id, None)
            if is_new and placement.map is not None:
                await self._look_at_atomicity(link, cache_id)
            if placement.version < self._topology:
                self._wanted[cache_id] = self._runtime.now() + _ASK_AGAIN_AFTER

    async def _look_at_atomicity(self, link: Link, cache_id: int) -> None:
        """Whether each call is a transaction of its own, which must not be split."""
        request = CACHE_GET_CONFIGURATION(CacheHeader(cache_id))
        era = self._era
        try:
            found = await self._session.exchange(link, request, self._step())
        except (ServerError, DecodeError):
            return  # then nothing that changes it is split
        self._check_era(era)
        if found.get(PROP_CACHE_ATOMICITY_MODE) == CacheAtomicityMode.ATOMIC:
            self._atomic |= {cache_id}
        else:
            self._atomic -= {cache_id}

    def _any_link(self) -> Link | None:
        main = self.main
        if main is not None and not main.closed:
            return main
        return next(iter(self.links), None)

    def _step(self) -> float:
        return self._runtime.now() + _STEP

    def _check_era(self, era: int) -> None:
        """What was asked for before a close is of no use after it.

        Raises:
            ClientClosed: the client was closed since.
        """
        if era != self._era:
            raise self._not_open()

    def _not_open(self) -> ClientClosed:
        if self._given:
            return ClientClosed("the client is closed")
        return ClientClosed("the client is not connected; call connect() first")
