"""A cache's flows, written once for every runtime."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from ..codec.hashing import cache_id
from ..datatypes.expiry_policy import ExpiryPolicy, Lifetime
from ..exceptions import DecodeError, ParameterError
from ..operations import cache as operations
from ..operations import configuration
from ..operations.layout import CacheHeader
from .batches import perform_batch
from .queries import AsyncQueries

if TYPE_CHECKING:
    from .session import Session

K = TypeVar("K")
V = TypeVar("V")


class AsyncCache(AsyncQueries[K, V]):
    """A cache: keys and values, distributed over the cluster.

    Comes from the client's ``get_cache`` and its siblings. Wherever a key or a value may stand in
    a collection, ``(element, hint)`` says what it is to be on the wire.

    Every method takes ``timeout`` in seconds, the client's own by default, and may raise:

    * `CacheNotFound`: there is no such cache;
    * `EncodeError`: an argument cannot be sent as it is;
    * `RequestTimeout`, `OutcomeUnknown`, `ReconnectError`: the network;
    * `ClientClosed`: the client is closed.
    """

    def __init__(self, session: Session, name: str, expiry: ExpiryPolicy | None = None) -> None:
        self._cache_id = id_of_cache(name)
        header = CacheHeader(self._cache_id, expiry.milliseconds() if expiry else None)
        super().__init__(session, name, header)

    @property
    def name(self) -> str:
        """The cache's name."""
        return self._name

    @property
    def cache_id(self) -> int:
        """The number by which the protocol knows the cache."""
        return self._cache_id

    def with_expire_policy(
        self,
        expiry_policy: ExpiryPolicy | None = None,
        create: Lifetime = ExpiryPolicy.UNCHANGED,
        update: Lifetime = ExpiryPolicy.UNCHANGED,
        access: Lifetime = ExpiryPolicy.UNCHANGED,
    ) -> AsyncCache[K, V]:
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
        if expiry_policy is None:
            expiry_policy = ExpiryPolicy(create=create, update=update, access=access)
        elif not isinstance(expiry_policy, ExpiryPolicy):
            raise ParameterError(f"expiry_policy: {expiry_policy!r} is not an ExpiryPolicy")
        return AsyncCache(self._session, self._name, expiry_policy)

    async def get(self, key: K, key_hint: Any = None, *, timeout: float | None = None) -> V | None:
        """The value of a key, or None if there is none.

        Args:
            key: the key.
            key_hint: what the key is on the wire, if not the default for its type.
            timeout: seconds; the client's by default.
        """
        return await self._session.perform(
            operations.CACHE_GET(self._header, (key, key_hint)), timeout
        )

    async def put(
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
        await self._session.perform(
            operations.CACHE_PUT(self._header, (key, key_hint), (value, value_hint)), timeout
        )

    async def get_all(
        self, keys: Iterable[K | tuple[K, Any]], *, timeout: float | None = None
    ) -> dict[K, V]:
        """The values of those of the keys that there are.

        Args:
            keys: the keys, each may be ``(key, hint)``.
            timeout: seconds; the client's by default.

        Raises:
            DecodeError: a key cannot be a key of a dictionary.
        """
        parts = await perform_batch(
            self._session,
            operations.CACHE_GET_ALL,
            self._header,
            _several(keys, "keys"),
            _itself,
            timeout,
            changes=False,
        )
        try:
            return dict(parts[0]) if len(parts) == 1 else dict(chain.from_iterable(parts))
        except TypeError:
            raise DecodeError(
                "get_all: a key is of a type that cannot be a key of a dictionary; use get()"
            ) from None

    async def put_all(
        self, pairs: Mapping[Any, V | tuple[V, Any]], *, timeout: float | None = None
    ) -> None:
        """Store many values. It is not atomic unless the cache is transactional.

        Args:
            pairs: values by key; keys and values may be ``(element, hint)``.
            timeout: seconds; the client's by default.
        """
        if not isinstance(pairs, Mapping):
            raise ParameterError(f"pairs: a mapping is expected, not {type(pairs).__name__}")
        await perform_batch(
            self._session,
            operations.CACHE_PUT_ALL,
            self._header,
            list(pairs.items()),
            itemgetter(0),
            timeout,
            changes=True,
            gather=dict,
        )

    async def contains_key(
        self, key: K, key_hint: Any = None, *, timeout: float | None = None
    ) -> bool:
        """Whether there is a value under a key.

        Args:
            key: the key.
            key_hint: what the key is on the wire.
            timeout: seconds; the client's by default.
        """
        return await self._session.perform(
            operations.CACHE_CONTAINS_KEY(self._header, (key, key_hint)), timeout
        )

    async def remove_key(
        self, key: K, key_hint: Any = None, *, timeout: float | None = None
    ) -> bool:
        """Remove a key; whether there was one.

        Args:
            key: the key.
            key_hint: what the key is on the wire.
            timeout: seconds; the client's by default.
        """
        return await self._session.perform(
            operations.CACHE_REMOVE_KEY(self._header, (key, key_hint)), timeout
        )

    async def put_if_absent(
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
        return await self._session.perform(
            operations.CACHE_PUT_IF_ABSENT(self._header, (key, key_hint), (value, value_hint)),
            timeout,
        )

    async def get_and_put(
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
        return await self._session.perform(
            operations.CACHE_GET_AND_PUT(self._header, (key, key_hint), (value, value_hint)),
            timeout,
        )

    async def get_and_put_if_absent(
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
        return await self._session.perform(
            operations.CACHE_GET_AND_PUT_IF_ABSENT(
                self._header, (key, key_hint), (value, value_hint)
            ),
            timeout,
        )

    async def get_and_replace(
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
        return await self._session.perform(
            operations.CACHE_GET_AND_REPLACE(self._header, (key, key_hint), (value, value_hint)),
            timeout,
        )

    async def get_and_remove(
        self, key: K, key_hint: Any = None, *, timeout: float | None = None
    ) -> V | None:
        """Remove a key; what was there, or None.

        Args:
            key: the key.
            key_hint: what the key is on the wire.
            timeout: seconds; the client's by default.
        """
        return await self._session.perform(
            operations.CACHE_GET_AND_REMOVE(self._header, (key, key_hint)), timeout
        )

    async def replace(
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
        return await self._session.perform(
            operations.CACHE_REPLACE(self._header, (key, key_hint), (value, value_hint)), timeout
        )

    async def replace_if_equals(
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
        return await self._session.perform(
            operations.CACHE_REPLACE_IF_EQUALS(
                self._header, (key, key_hint), (sample, sample_hint), (value, value_hint)
            ),
            timeout,
        )

    async def contains_keys(
        self, keys: Iterable[K | tuple[K, Any]], *, timeout: float | None = None
    ) -> bool:
        """Whether there are values under all of the keys.

        Args:
            keys: the keys, each may be ``(key, hint)``.
            timeout: seconds; the client's by default.
        """
        return all(
            await perform_batch(
                self._session,
                operations.CACHE_CONTAINS_KEYS,
                self._header,
                _several(keys, "keys"),
                _itself,
                timeout,
                changes=False,
            )
        )

    async def remove_if_equals(
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
        return await self._session.perform(
            operations.CACHE_REMOVE_IF_EQUALS(self._header, (key, key_hint), (sample, sample_hint)),
            timeout,
        )

    async def remove_keys(
        self, keys: Iterable[K | tuple[K, Any]], *, timeout: float | None = None
    ) -> None:
        """Remove keys, those of them that there are.

        Args:
            keys: the keys, each may be ``(key, hint)``.
            timeout: seconds; the client's by default.
        """
        await perform_batch(
            self._session,
            operations.CACHE_REMOVE_KEYS,
            self._header,
            _several(keys, "keys"),
            _itself,
            timeout,
            changes=True,
        )

    async def remove_all(self, *, timeout: float | None = None) -> None:
        """Remove everything, telling listeners and the cache's store. Not in transactions.

        Args:
            timeout: seconds; the client's by default.
        """
        await self._session.perform(operations.CACHE_REMOVE_ALL(self._header), timeout)

    async def clear_key(
        self, key: K, key_hint: Any = None, *, timeout: float | None = None
    ) -> None:
        """Drop a key without telling listeners or the cache's store. Not in transactions.

        Args:
            key: the key.
            key_hint: what the key is on the wire.
            timeout: seconds; the client's by default.
        """
        await self._session.perform(
            operations.CACHE_CLEAR_KEY(self._header, (key, key_hint)), timeout
        )

    async def clear_keys(
        self, keys: Iterable[K | tuple[K, Any]], *, timeout: float | None = None
    ) -> None:
        """Drop keys without telling listeners or the cache's store. Not in transactions.

        Args:
            keys: the keys, each may be ``(key, hint)``. No keys drop nothing.
            timeout: seconds; the client's by default.
        """
        await perform_batch(
            self._session,
            operations.CACHE_CLEAR_KEYS,
            self._header,
            _several(keys, "keys"),
            _itself,
            timeout,
            changes=True,
        )

    async def clear(
        self, keys: Iterable[K | tuple[K, Any]] | None = None, *, timeout: float | None = None
    ) -> None:
        """Drop everything, or some keys, without telling listeners or the cache's store.

        Args:
            keys: the keys, each may be ``(key, hint)``; no keys drop nothing, None everything.
            timeout: seconds; the client's by default.
        """
        if keys is not None:
            await self.clear_keys(keys, timeout=timeout)
            return
        await self._session.perform(operations.CACHE_CLEAR(self._header), timeout)

    async def get_size(
        self, peek_modes: int | Iterable[int] | None = None, *, timeout: float | None = None
    ) -> int:
        """How many entries there are.

        Args:
            peek_modes: which to count, as `PeekModes`;
                primary ones by default.
            timeout: seconds; the client's by default.
        """
        if peek_modes is None:
            peek_modes = ()
        elif isinstance(peek_modes, int):
            peek_modes = (peek_modes,)
        return await self._session.perform(
            operations.CACHE_GET_SIZE(self._header, tuple(peek_modes)), timeout
        )

    async def destroy(self, *, timeout: float | None = None) -> None:
        """Destroy the cache with all that is in it, on the whole cluster.

        Args:
            timeout: seconds; the client's by default.
        """
        await self._session.perform(configuration.CACHE_DESTROY(self._cache_id), timeout)

    def __repr__(self) -> str:
        return f"<Cache {self._name!r}>"


def id_of_cache(name: object) -> int:
    """The id by which requests name a cache.

    Raises:
        ParameterError: it is not the name of a cache.
    """
    if not isinstance(name, str) or not name:
        raise ParameterError(f"name: {name!r} is not the name of a cache")
    return cache_id(name) or 1  # 0 is no cache; servers step aside in the same way


def _itself(key: Any) -> Any:
    return key


def _several(items: Any, what: str) -> list[Any]:
    if isinstance(items, str | bytes) or not isinstance(items, Iterable):
        raise ParameterError(f"{what}: several are expected, not {type(items).__name__}")
    return list(items)
