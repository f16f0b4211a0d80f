"""The client for blocking runtimes: threads and greenlets.

Written by tools/generate_blocking.py from the flows. Do not edit; change them and run it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from ..codec import TypeDescription
from ..datatypes.cluster_state import ClusterState
from ..datatypes.expiry_policy import ExpiryPolicy, Lifetime
from ..datatypes.transactions import TransactionConcurrency, TransactionIsolation
from .blocking_base import CacheBase, ClientBase, ScanCursor, SqlCursor, TransactionBase
from .cache import AsyncCache
from .client import AsyncClient, CacheSettings, Identified
from .cluster import AsyncCluster
from .runtime import run_blocking
from .transactions import AsyncTransaction

K = TypeVar("K")
V = TypeVar("V")


class Transaction(TransactionBase):
    """A transaction: its changes become visible together, or not at all.

    It is bound to the thread or task that began it; other threads and tasks of the same client are
    not part of it. Leaving its block without `commit` rolls it back.
    """

    def __init__(self, flows: AsyncTransaction) -> None:
        self._flows = flows

    @property
    def tx_id(self) -> int:
        """Its number on the connection that it belongs to."""
        return self._flows.tx_id

    @property
    def closed(self) -> bool:
        """Whether it has ended."""
        return self._flows.closed

    def commit(self, *, timeout: float | None = None) -> None:
        """Make everything visible at once.

        Args:
            timeout: seconds; the client's by default.

        Raises:
            TransactionConflict, TransactionDeadlock, TransactionTimeout, TransactionLost: it was
                rolled back instead.
            TransactionError: so it was, for another reason; or it has ended before.
            OutcomeUnknown: the connection was lost before the answer, or the time was up; it may
                be committed or not.
        """
        run_blocking(self._flows.commit(timeout=timeout))

    def rollback(self, *, timeout: float | None = None) -> None:
        """Undo everything. After the end of the transaction it does nothing.

        Args:
            timeout: seconds; the client's by default.
        """
        run_blocking(self._flows.rollback(timeout=timeout))

    def close(self) -> None:
        """Roll back unless it has ended."""
        run_blocking(self._flows.close())

    def __repr__(self) -> str:
        return repr(self._flows)


class Cache(CacheBase[K, V]):
    """A cache: keys and values, distributed over the cluster.

    Comes from the client's ``get_cache`` and its siblings. Wherever a key or a value may stand in
    a collection, ``(element, hint)`` says what it is to be on the wire.

    Every method takes ``timeout`` in seconds, the client's own by default, and may raise:

    * `CacheNotFound`: there is no such cache;
    * `EncodeError`: an argument cannot be sent as it is;
    * `RequestTimeout`, `OutcomeUnknown`, `ReconnectError`: the network;
    * `ClientClosed`: the client is closed.
    """

    def __init__(self, flows: AsyncCache[K, V]) -> None:
        self._flows = flows

    @property
    def name(self) -> str:
        """The cache's name."""
        return self._flows.name

    @property
    def cache_id(self) -> int:
        """The number by which the protocol knows the cache."""
        return self._flows.cache_id

    def with_expire_policy(
        self,
        expiry_policy: ExpiryPolicy | None = None,
        create: Lifetime = ExpiryPolicy.UNCHANGED,
        update: Lifetime = ExpiryPolicy.UNCHANGED,
        access: Lifetime = ExpiryPolicy.UNCHANGED,
    ) -> Cache[K, V]:
        """The same cache, by which entries get other lifetimes. Nothing is sent.

        Args:
            expiry_policy: the lifetimes; or these three instead:
            create: how long an entry lives after its creation, in milliseconds or as a
                ``timedelta``.
            update: how long after an update.
            access: how long after it was read.

        Raises:
            ParameterError: a lifetime is none.
        """
        return Cache(self._flows.with_expire_policy(expiry_policy, create, update, access))

    def get(self, key: K, key_hint: Any = None, *, timeout: float | None = None) -> V | None:
        """The value of a key, or None if there is none.

        Args:
            key: the key.
            key_hint: what the key is on the wire, if not the default for its type.
            timeout: seconds; the client's by default.
        """
        return run_blocking(self._flows.get(key, key_hint, timeout=timeout))

    def put(
        self,
        key: K,
        value: V,
        key_hint: Any = None,
        value_hint: Any = None,
        *,
        timeout: float | None = None,
    ) -> None:
        """Store a value under a key, whatever is there.

        Args:
            key: the key.
            value: the value; None is not allowed.
            key_hint: what the key is on the wire.
            value_hint: what the value is on the wire.
            timeout: seconds; the client's by default.
        """
        run_blocking(self._flows.put(key, value, key_hint, value_hint, timeout=timeout))

    def get_all(
        self, keys: Iterable[K | tuple[K, Any]], *, timeout: float | None = None
    ) -> dict[K, V]:
        """The values of those of the keys that there are.

        Args:
            keys: the keys, each may be ``(key, hint)``.
            timeout: seconds; the client's by default.

        Raises:
            DecodeError: a key cannot be a key of a dictionary.
        """
        return run_blocking(self._flows.get_all(keys, timeout=timeout))

    def put_all(
        self, pairs: Mapping[Any, V | tuple[V, Any]], *, timeout: float | None = None
    ) -> None:
        """Store many values. It is not atomic unless the cache is transactional.

        Args:
            pairs: values by key; keys and values may be ``(element, hint)``.
            timeout: seconds; the client's by default.
        """
        run_blocking(self._flows.put_all(pairs, timeout=timeout))

    def contains_key(self, key: K, key_hint: Any = None, *, timeout: float | None = None) -> bool:
        """Whether there is a value under a key.

        Args:
            key: the key.
            key_hint: what the key is on the wire.
            timeout: seconds; the client's by default.
        """
        return run_blocking(self._flows.contains_key(key, key_hint, timeout=timeout))

    def remove_key(self, key: K, key_hint: Any = None, *, timeout: float | None = None) -> bool:
        """Remove a key; whether there was one.

        Args:
            key: the key.
            key_hint: what the key is on the wire.
            timeout: seconds; the client's by default.
        """
        return run_blocking(self._flows.remove_key(key, key_hint, timeout=timeout))

    def put_if_absent(
        self,
        key: K,
        value: V,
        key_hint: Any = None,
        value_hint: Any = None,
        *,
        timeout: float | None = None,
    ) -> bool:
        """Store a value if there is none; whether it was stored.

        Args:
            key: the key.
            value: the value.
            key_hint: what the key is on the wire.
            value_hint: what the value is on the wire.
            timeout: seconds; the client's by default.
        """
        return run_blocking(
            self._flows.put_if_absent(key, value, key_hint, value_hint, timeout=timeout)
        )

    def get_and_put(
        self,
        key: K,
        value: V,
        key_hint: Any = None,
        value_hint: Any = None,
        *,
        timeout: float | None = None,
    ) -> V | None:
        """Store a value; what was there before, or None.

        Args:
            key: the key.
            value: the value.
            key_hint: what the key is on the wire.
            value_hint: what the value is on the wire.
            timeout: seconds; the client's by default.
        """
        return run_blocking(
            self._flows.get_and_put(key, value, key_hint, value_hint, timeout=timeout)
        )

    def get_and_put_if_absent(
        self,
        key: K,
        value: V,
        key_hint: Any = None,
        value_hint: Any = None,
        *,
        timeout: float | None = None,
    ) -> V | None:
        """Store a value if there is none; what is there already, or None if it was stored.

        Args:
            key: the key.
            value: the value.
            key_hint: what the key is on the wire.
            value_hint: what the value is on the wire.
            timeout: seconds; the client's by default.
        """
        return run_blocking(
            self._flows.get_and_put_if_absent(key, value, key_hint, value_hint, timeout=timeout)
        )

    def get_and_replace(
        self,
        key: K,
        value: V,
        key_hint: Any = None,
        value_hint: Any = None,
        *,
        timeout: float | None = None,
    ) -> V | None:
        """Store a value if there is one; what was there before, or None if nothing was stored.

        Args:
            key: the key.
            value: the value.
            key_hint: what the key is on the wire.
            value_hint: what the value is on the wire.
            timeout: seconds; the client's by default.
        """
        return run_blocking(
            self._flows.get_and_replace(key, value, key_hint, value_hint, timeout=timeout)
        )

    def get_and_remove(
        self, key: K, key_hint: Any = None, *, timeout: float | None = None
    ) -> V | None:
        """Remove a key; what was there, or None.

        Args:
            key: the key.
            key_hint: what the key is on the wire.
            timeout: seconds; the client's by default.
        """
        return run_blocking(self._flows.get_and_remove(key, key_hint, timeout=timeout))

    def replace(
        self,
        key: K,
        value: V,
        key_hint: Any = None,
        value_hint: Any = None,
        *,
        timeout: float | None = None,
    ) -> bool:
        """Store a value if there is one; whether there was.

        Args:
            key: the key.
            value: the value.
            key_hint: what the key is on the wire.
            value_hint: what the value is on the wire.
            timeout: seconds; the client's by default.
        """
        return run_blocking(self._flows.replace(key, value, key_hint, value_hint, timeout=timeout))

    def replace_if_equals(
        self,
        key: K,
        sample: V,
        value: V,
        key_hint: Any = None,
        sample_hint: Any = None,
        value_hint: Any = None,
        *,
        timeout: float | None = None,
    ) -> bool:
        """Store a value if what is there equals a sample; whether it does.

        GridGain compares no arrays of numbers: with one the answer is always False there.

        Args:
            key: the key.
            sample: what is expected to be there.
            value: the value.
            key_hint: what the key is on the wire.
            sample_hint: what the sample is on the wire.
            value_hint: what the value is on the wire.
            timeout: seconds; the client's by default.
        """
        return run_blocking(
            self._flows.replace_if_equals(
                key, sample, value, key_hint, sample_hint, value_hint, timeout=timeout
            )
        )

    def contains_keys(
        self, keys: Iterable[K | tuple[K, Any]], *, timeout: float | None = None
    ) -> bool:
        """Whether there are values under all of the keys.

        Args:
            keys: the keys, each may be ``(key, hint)``.
            timeout: seconds; the client's by default.
        """
        return run_blocking(self._flows.contains_keys(keys, timeout=timeout))

    def remove_if_equals(
        self,
        key: K,
        sample: V,
        key_hint: Any = None,
        sample_hint: Any = None,
        *,
        timeout: float | None = None,
    ) -> bool:
        """Remove a key if what is there equals a sample; whether it does.

        GridGain compares no arrays of numbers: with one the answer is always False there.

        Args:
            key: the key.
            sample: what is expected to be there.
            key_hint: what the key is on the wire.
            sample_hint: what the sample is on the wire.
            timeout: seconds; the client's by default.
        """
        return run_blocking(
            self._flows.remove_if_equals(key, sample, key_hint, sample_hint, timeout=timeout)
        )

    def remove_keys(
        self, keys: Iterable[K | tuple[K, Any]], *, timeout: float | None = None
    ) -> None:
        """Remove keys, those of them that there are.

        Args:
            keys: the keys, each may be ``(key, hint)``.
            timeout: seconds; the client's by default.
        """
        run_blocking(self._flows.remove_keys(keys, timeout=timeout))

    def remove_all(self, *, timeout: float | None = None) -> None:
        """Remove everything, telling listeners and the cache's store. Not in transactions.

        Args:
            timeout: seconds; the client's by default.
        """
        run_blocking(self._flows.remove_all(timeout=timeout))

    def clear_key(self, key: K, key_hint: Any = None, *, timeout: float | None = None) -> None:
        """Drop a key without telling listeners or the cache's store. Not in transactions.

        Args:
            key: the key.
            key_hint: what the key is on the wire.
            timeout: seconds; the client's by default.
        """
        run_blocking(self._flows.clear_key(key, key_hint, timeout=timeout))

    def clear_keys(
        self, keys: Iterable[K | tuple[K, Any]], *, timeout: float | None = None
    ) -> None:
        """Drop keys without telling listeners or the cache's store. Not in transactions.

        Args:
            keys: the keys, each may be ``(key, hint)``. No keys drop nothing.
            timeout: seconds; the client's by default.
        """
        run_blocking(self._flows.clear_keys(keys, timeout=timeout))

    def clear(
        self, keys: Iterable[K | tuple[K, Any]] | None = None, *, timeout: float | None = None
    ) -> None:
        """Drop everything, or some keys, without telling listeners or the cache's store.

        Args:
            keys: the keys, each may be ``(key, hint)``; no keys drop nothing, None everything.
            timeout: seconds; the client's by default.
        """
        run_blocking(self._flows.clear(keys, timeout=timeout))

    def get_size(
        self, peek_modes: int | Iterable[int] | None = None, *, timeout: float | None = None
    ) -> int:
        """How many entries there are.

        Args:
            peek_modes: which to count, as `PeekModes`;
                primary ones by default.
            timeout: seconds; the client's by default.
        """
        return run_blocking(self._flows.get_size(peek_modes, timeout=timeout))

    def destroy(self, *, timeout: float | None = None) -> None:
        """Destroy the cache with all that is in it, on the whole cluster.

        Args:
            timeout: seconds; the client's by default.
        """
        run_blocking(self._flows.destroy(timeout=timeout))

    def __repr__(self) -> str:
        return repr(self._flows)

    def scan(
        self,
        page_size: int = 1024,
        partitions: int = -1,
        local: bool = False,
        *,
        timeout: float | None = None,
    ) -> ScanCursor[K, V]:
        """Read all entries.

        It does not see what the caller's transaction has changed.

        Args:
            page_size: how many entries come at once.
            partitions: the number of the only partition wanted; -1 for all.
            local: whether only what the connected node holds is wanted.
            timeout: seconds for each page; the client's by default.

        Returns:
            the entries, as pairs of key and value, in no defined order.
        """
        return ScanCursor(
            run_blocking(self._flows.scan(page_size, partitions, local, timeout=timeout).open())
        )

    def sql(
        self,
        query_str: str,
        page_size: int = 1024,
        query_args: Sequence[Any] | None = None,
        schema: str | None = None,
        statement_type: int = 0,
        distributed_joins: bool = False,
        local: bool = False,
        replicated_only: bool = False,
        enforce_join_order: bool = False,
        collocated: bool = False,
        lazy: bool = False,
        include_field_names: bool = False,
        max_rows: int = -1,
        timeout: float | None = None,
    ) -> SqlCursor:
        """Run an SQL statement in the cache's schema.

        It is as the client's method of that name, but for the schema.

        Args:
            query_str: the statement, with ``?`` for its parameters.
            page_size: how many rows come at once.
            query_args: the values of the parameters, each may be ``(value, hint)``.
            schema: the schema's exact name; by default the cache's own, or ``PUBLIC`` for a cache
                that SQL does not see.
            statement_type: what it may be.
            distributed_joins: whether rows of different nodes are joined.
            local: whether only what the connected node holds is wanted.
            replicated_only: whether all tables are replicated.
            enforce_join_order: whether tables are joined in the order in which they stand.
            collocated: whether what is grouped lies on one node.
            lazy: whether the server produces rows as they are asked for.
            include_field_names: whether the first row is to be the names of the columns.
            max_rows: servers ignore it; use ``LIMIT``.
            timeout: seconds, also for the server; the client's by default.

        Returns:
            the rows, each a list. The statement has run when this is there.

        Raises:
            ParameterError: an argument is wrong.
            SQLError: the server refused it.
        """
        return SqlCursor(
            run_blocking(
                self._flows.sql(
                    query_str,
                    page_size,
                    query_args,
                    schema,
                    statement_type,
                    distributed_joins,
                    local,
                    replicated_only,
                    enforce_join_order,
                    collocated,
                    lazy,
                    include_field_names,
                    max_rows,
                    timeout,
                ).open()
            )
        )

    def select_row(
        self,
        query_str: str,
        page_size: int = 1024,
        query_args: Sequence[Any] | None = None,
        distributed_joins: bool = False,
        replicated_only: bool = False,
        local: bool = False,
        timeout: float | None = None,
    ) -> ScanCursor[K, V]:
        """Read the entries that an SQL condition holds for.

        Args:
            query_str: what stands behind ``WHERE``, or a whole ``SELECT *``.
            page_size: how many entries come at once.
            query_args: the values of the parameters, each may be ``(value, hint)``.
            distributed_joins: whether rows of different nodes are joined.
            replicated_only: whether all tables are replicated.
            local: whether only what the connected node holds is wanted.
            timeout: seconds, also for the server; the client's by default.

        Returns:
            the entries, as pairs of key and value.

        Raises:
            ParameterError: an argument is wrong.
            SQLError: the server refused it, or SQL sees nothing in this cache.
        """
        return ScanCursor(
            run_blocking(
                self._flows.select_row(
                    query_str,
                    page_size,
                    query_args,
                    distributed_joins,
                    replicated_only,
                    local,
                    timeout,
                ).open()
            )
        )

    def vector(
        self,
        type_name: str,
        field: str,
        clause_vector: Sequence[float],
        k: int,
        threshold: float = -1.0,
        page_size: int = 1024,
        *,
        timeout: float | None = None,
    ) -> ScanCursor[K, V]:
        """Read the entries whose vectors are nearest to a vector. GridGain only.

        Args:
            type_name: the values' type.
            field: the field that has the vectors, with a vector index.
            clause_vector: the vector.
            k: how many neighbours are wanted.
            threshold: how similar they have to be; -1 for any.
            page_size: how many entries come at once.
            timeout: seconds for each page; the client's by default.

        Raises:
            ParameterError: an argument is wrong.
            NotSupportedByClusterError: the node has no vectors.
        """
        return ScanCursor(
            run_blocking(
                self._flows.vector(
                    type_name, field, clause_vector, k, threshold, page_size, timeout=timeout
                ).open()
            )
        )


class Cluster:
    """The cluster as a whole: comes from the client's ``get_cluster``."""

    def __init__(self, flows: AsyncCluster) -> None:
        self._flows = flows

    def get_state(self, *, timeout: float | None = None) -> ClusterState:
        """What the cluster allows.

        Args:
            timeout: seconds; the client's by default.

        Raises:
            ClusterError: the server refused it.
        """
        return run_blocking(self._flows.get_state(timeout=timeout))

    def set_state(
        self, state: ClusterState, *, force: bool = False, timeout: float | None = None
    ) -> None:
        """Change what the cluster allows, and wait until all nodes have done so.

        Deactivating loses what caches hold in memory only. GridGain does it without a question, so
        there it has to be forced; newer nodes of Apache Ignite refuse it where data would be lost.

        Args:
            state: the state; the one that it has already changes nothing.
            force: whether to deactivate even if data is lost.
            timeout: seconds; the client's by default. It may take long.

        Raises:
            ParameterError: it is not a state, or a deactivation that has to be forced.
            ClusterError: the server refused it.
            NotSupportedByClusterError: the node does not know the state.
        """
        run_blocking(self._flows.set_state(state, force=force, timeout=timeout))


class BlockingClient(ClientBase):
    """A client of one cluster, shared by any number of callers.

    Args:
        options: see `gridgain_proto.client.options.ClientOptions`.

    Raises:
        ParameterError: an option is wrong.
    """

    def __init__(self, flows: AsyncClient) -> None:
        self._flows = flows

    def close(self) -> None:
        """Close all connections. Calls that wait for an answer get `ClientClosed`."""
        run_blocking(self._flows.close())

    def get_cache(self, settings: CacheSettings) -> Cache[Any, Any]:
        """A cache by its name. Nothing is sent: whether there is one shows when it is used.

        Args:
            settings: the cache's name, or settings with its name among them.

        Raises:
            ParameterError: the name or another property is wrong.
        """
        return Cache(self._flows.get_cache(settings))

    def create_cache(
        self, settings: CacheSettings, *, timeout: float | None = None
    ) -> Cache[Any, Any]:
        """Create a cache.

        Args:
            settings: the cache's name, a dictionary by the codes of `prop_codes`, or a
                `CacheConfiguration`.
            timeout: seconds; the client's by default.

        Raises:
            ParameterError: a property is unknown, or not what it can be.
            NotSupportedByClusterError: the node does not know a property.
            CacheExists: there is one of that name.
            CacheError: the server refused it.
        """
        return Cache(run_blocking(self._flows.create_cache(settings, timeout=timeout)))

    def get_or_create_cache(
        self, settings: CacheSettings, *, timeout: float | None = None
    ) -> Cache[Any, Any]:
        """Get a cache, and create it if there is none of that name.

        One that exists stays as it is, whatever the settings say.

        Args:
            settings: as for `create_cache`.
            timeout: seconds; the client's by default.

        Raises:
            ParameterError: a property is unknown, or not what it can be.
            NotSupportedByClusterError: the node does not know a property.
            CacheError: the server refused it.
        """
        return Cache(run_blocking(self._flows.get_or_create_cache(settings, timeout=timeout)))

    def get_cache_names(self, *, timeout: float | None = None) -> list[str]:
        """The names of all caches.

        Args:
            timeout: seconds; the client's by default.
        """
        return run_blocking(self._flows.get_cache_names(timeout=timeout))

    def sql(
        self,
        query_str: str,
        page_size: int = 1024,
        query_args: Sequence[Any] | None = None,
        schema: str | None = "PUBLIC",
        statement_type: int = 0,
        distributed_joins: bool = False,
        local: bool = False,
        replicated_only: bool = False,
        enforce_join_order: bool = False,
        collocated: bool = False,
        lazy: bool = False,
        include_field_names: bool = False,
        max_rows: int = -1,
        timeout: float | None = None,
        cache: Identified | str | int | None = None,
        *,
        partitions: Sequence[int] | None = None,
        update_batch_size: int = 1,
        label: str | None = None,
    ) -> SqlCursor:
        """Run an SQL statement.

        Args:
            query_str: the statement, with ``?`` for its parameters.
            page_size: how many rows come at once.
            query_args: the values of the parameters, each may be ``(value, hint)``.
            schema: the schema's exact name.
            statement_type: what it may be, see `StatementType`.
            distributed_joins: whether rows of different nodes are joined.
            local: whether only what the connected node holds is wanted.
            replicated_only: whether all tables are replicated.
            enforce_join_order: whether tables are joined in the order in which they stand.
            collocated: whether what is grouped lies on one node.
            lazy: whether the server produces rows as they are asked for.
            include_field_names: whether the first row is to be the names of the columns.
            max_rows: servers ignore it; use ``LIMIT``.
            timeout: seconds, also for the server; the client's by default.
            cache: a cache, its name or its id; then its own schema is meant.
            partitions: the numbers of the only partitions that are looked at.
            update_batch_size: how many rows a change is sent to other nodes at once.
            label: a name by which GridGain shows the query.

        Returns:
            the rows, each a list. The statement has run when this is there.

        Raises:
            ParameterError: an argument is wrong.
            SQLError: the server refused it.
        """
        return SqlCursor(
            run_blocking(
                self._flows.sql(
                    query_str,
                    page_size,
                    query_args,
                    schema,
                    statement_type,
                    distributed_joins,
                    local,
                    replicated_only,
                    enforce_join_order,
                    collocated,
                    lazy,
                    include_field_names,
                    max_rows,
                    timeout,
                    cache,
                    partitions=partitions,
                    update_batch_size=update_batch_size,
                    label=label,
                ).open()
            )
        )

    def tx_start(
        self,
        concurrency: TransactionConcurrency | None = None,
        isolation: TransactionIsolation | None = None,
        timeout: int | None = None,
        label: str | None = None,
    ) -> Transaction:
        """Begin a transaction, bound to this thread or task.

        What this thread or task does with transactional caches of this client is then part of it,
        until it is committed or rolled back.

        Args:
            concurrency: when locks are taken; by default as the client's option
                ``tx_concurrency`` says.
            isolation: what it sees of others; by default as ``tx_isolation`` says.
            timeout: milliseconds after which the server rolls it back, 0 for no limit; by default
                as ``tx_timeout`` says.
            label: a name by which it can be found on the server.

        Returns:
            the transaction. Leaving its block without a commit rolls it back.

        Raises:
            ParameterError: an argument is wrong.
            TransactionError: one was begun here and has not ended, or the server refused it.
        """
        return Transaction(
            run_blocking(self._flows.tx_start(concurrency, isolation, timeout, label).open())
        )

    def get_cluster(self) -> Cluster:
        """The cluster as a whole: its state."""
        return Cluster(self._flows.get_cluster())

    def get_binary_type(
        self, binary_type: str | int, *, timeout: float | None = None
    ) -> TypeDescription | None:
        """What the cluster knows of a type; None if nothing.

        Args:
            binary_type: the type's name or id.
            timeout: seconds; the client's by default.

        Raises:
            ParameterError: it is neither.
        """
        return run_blocking(self._flows.get_binary_type(binary_type, timeout=timeout))

    def put_binary_type(
        self,
        type_name: str,
        affinity_key_field: str | None = None,
        is_enum: bool = False,
        schema: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
    ) -> TypeDescription:
        """Have the cluster know a type.

        Values of declared classes do so by themselves.

        Args:
            type_name: the type's name.
            affinity_key_field: the field that places a key of this type.
            is_enum: whether it is an enum.
            schema: the hints of the fields by their names; of an enum the ordinals.
            timeout: seconds; the client's by default.

        Returns:
            the type as the cluster has it now.

        Raises:
            ParameterError: an argument is wrong.
            BinaryTypeError, EncodeError: the cluster has another type of that name.
        """
        return run_blocking(
            self._flows.put_binary_type(
                type_name, affinity_key_field, is_enum, schema, timeout=timeout
            )
        )

    def register_binary_type(
        self,
        data_class: type[Any],
        affinity_key_field: str | None = None,
        *,
        timeout: float | None = None,
    ) -> None:
        """Have the cluster know a declared class, and read objects of its type as it.

        Args:
            data_class: the class.
            affinity_key_field: the field that places a key of this type.
            timeout: seconds; the client's by default.

        Raises:
            ParameterError: the class is not declared, or has no such field.
            BinaryTypeError, EncodeError: the cluster has another type of that name.
        """
        run_blocking(
            self._flows.register_binary_type(data_class, affinity_key_field, timeout=timeout)
        )

    def query_binary_type(
        self, binary_type: str | int, *, timeout: float | None = None
    ) -> dict[int, type[Any]]:
        """The classes that objects of a type are read as.

        Args:
            binary_type: the type's name or id.
            timeout: seconds; the client's by default.

        Returns:
            a class for each of the type's schemas, by the schema's id.
        """
        return run_blocking(self._flows.query_binary_type(binary_type, timeout=timeout))

    def unwrap_binary(self, value: Any, *, timeout: float | None = None) -> Any:
        """The value of bytes that were taken from the cluster as they are.

        Args:
            value: the bytes, or a pair of bytes and the offset of an object in them. Anything else
                is returned as it is: this client leaves no objects wrapped.
            timeout: seconds; the client's by default.
        """
        return run_blocking(self._flows.unwrap_binary(value, timeout=timeout))

    def __str__(self) -> str:
        return str(self._flows)

    def __repr__(self) -> str:
        return repr(self._flows)
