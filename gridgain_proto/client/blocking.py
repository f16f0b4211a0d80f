"""The client for blocking runtimes: threads and greenlets.

Written by tools/generate_blocking.py from the flows. Do not edit; change them and run it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeVar

from .blocking_base import BlockingBase
from .cache import AsyncCache
from .client import AsyncClient
from .runtime import run_blocking

K = TypeVar("K")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """A cache: keys and values, distributed over the cluster.

    Comes from the client's ``get_cache`` and its siblings. Wherever a key or a value may stand in
    a collection, ``(element, hint)`` says what it is to be on the wire.

    Every method takes ``timeout`` in seconds, the client's own by default, and may raise:

    * :class:`CacheNotFound`: there is no such cache;
    * :class:`EncodeError`: an argument cannot be sent as it is;
    * :class:`RequestTimeout`, :class:`OutcomeUnknown`, :class:`ReconnectError`: the network;
    * :class:`ClientClosed`: the client is closed.
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

    def get_size(
        self, peek_modes: int | Iterable[int] | None = None, *, timeout: float | None = None
    ) -> int:
        """How many entries there are.

        Args:
            peek_modes: which to count, as :class:`~gridgain_proto.datatypes.key_value.PeekModes`;
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


class BlockingClient(BlockingBase):
    """A client of one cluster, shared by any number of callers.

    Args:
        options: see :class:`~gridgain_proto.client.options.ClientOptions`.

    Raises:
        ParameterError: an option is wrong.
    """

    def __init__(self, flows: AsyncClient) -> None:
        self._flows = flows

    def close(self) -> None:
        """Close all connections. Calls that wait for an answer get :class:`ClientClosed`."""
        run_blocking(self._flows.close())

    def get_cache(self, name: str) -> Cache[Any, Any]:
        """A cache by its name. Nothing is sent: whether there is one shows when it is used.

        Args:
            name: the cache's name.

        Raises:
            ParameterError: the name is empty or not a string.
        """
        return Cache(self._flows.get_cache(name))

    def create_cache(self, name: str, *, timeout: float | None = None) -> Cache[Any, Any]:
        """Create a cache.

        Args:
            name: the cache's name.
            timeout: seconds; the client's by default.

        Raises:
            CacheExists: there is one of that name.
            CacheError: the server refused it.
        """
        return Cache(run_blocking(self._flows.create_cache(name, timeout=timeout)))

    def get_or_create_cache(self, name: str, *, timeout: float | None = None) -> Cache[Any, Any]:
        """Get a cache, and create it if there is none of that name.

        Args:
            name: the cache's name.
            timeout: seconds; the client's by default.

        Raises:
            CacheError: the server refused it.
        """
        return Cache(run_blocking(self._flows.get_or_create_cache(name, timeout=timeout)))

    def get_cache_names(self, *, timeout: float | None = None) -> list[str]:
        """The names of all caches.

        Args:
            timeout: seconds; the client's by default.
        """
        return run_blocking(self._flows.get_cache_names(timeout=timeout))

    def __str__(self) -> str:
        return str(self._flows)

    def __repr__(self) -> str:
        return repr(self._flows)
