"""A cache's flows, written once for every runtime."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..codec.hashing import cache_id
from ..exceptions import DecodeError, ParameterError
from ..operations import cache as operations
from ..operations import configuration

if TYPE_CHECKING:
    from .client import AsyncClient

K = TypeVar("K")
V = TypeVar("V")


class AsyncCache(Generic[K, V]):
    """A cache: keys and values, distributed over the cluster.

    Comes from the client's ``get_cache`` and its siblings. Wherever a key or a value may stand in
    a collection, ``(element, hint)`` says what it is to be on the wire.

    Every method takes ``timeout`` in seconds, the client's own by default, and may raise:

    * :class:`CacheNotFound`: there is no such cache;
    * :class:`EncodeError`: an argument cannot be sent as it is;
    * :class:`RequestTimeout`, :class:`OutcomeUnknown`, :class:`ReconnectError`: the network;
    * :class:`ClientClosed`: the client is closed.
    """

    def __init__(self, client: AsyncClient, name: str) -> None:
        if not isinstance(name, str) or not name:
            raise ParameterError(f"name: {name!r} is not the name of a cache")
        self._client = client
        self._name = name
        self._cache_id = cache_id(name)
        self._header = operations.header(self._cache_id)

    @property
    def name(self) -> str:
        """The cache's name."""
        return self._name

    @property
    def cache_id(self) -> int:
        """The number by which the protocol knows the cache."""
        return self._cache_id

    async def get(self, key: K, key_hint: Any = None, *, timeout: float | None = None) -> V | None:
        """The value of a key, or None if there is none.

        Args:
            key: the key.
            key_hint: what the key is on the wire, if not the default for its type.
            timeout: seconds; the client's by default.
        """
        return await self._client._perform(
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
        await self._client._perform(
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
        found = await self._client._perform(
            operations.CACHE_GET_ALL(self._header, _several(keys, "keys")), timeout
        )
        try:
            return dict(found)
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
        await self._client._perform(operations.CACHE_PUT_ALL(self._header, pairs), timeout)

    async def contains_key(
        self, key: K, key_hint: Any = None, *, timeout: float | None = None
    ) -> bool:
        """Whether there is a value under a key.

        Args:
            key: the key.
            key_hint: what the key is on the wire.
            timeout: seconds; the client's by default.
        """
        return await self._client._perform(
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
        return await self._client._perform(
            operations.CACHE_REMOVE_KEY(self._header, (key, key_hint)), timeout
        )

    async def get_size(
        self, peek_modes: int | Iterable[int] | None = None, *, timeout: float | None = None
    ) -> int:
        """How many entries there are.

        Args:
            peek_modes: which to count, as :class:`~gridgain_proto.datatypes.key_value.PeekModes`;
                primary ones by default.
            timeout: seconds; the client's by default.
        """
        if peek_modes is None:
            peek_modes = ()
        elif isinstance(peek_modes, int):
            peek_modes = (peek_modes,)
        return await self._client._perform(
            operations.CACHE_GET_SIZE(self._header, tuple(peek_modes)), timeout
        )

    async def destroy(self, *, timeout: float | None = None) -> None:
        """Destroy the cache with all that is in it, on the whole cluster.

        Args:
            timeout: seconds; the client's by default.
        """
        await self._client._perform(configuration.CACHE_DESTROY(self._cache_id), timeout)

    def __repr__(self) -> str:
        return f"<Cache {self._name!r}>"


def _several(items: Any, what: str) -> list[Any]:
    if isinstance(items, str | bytes) or not isinstance(items, Iterable):
        raise ParameterError(f"{what}: several are expected, not {type(items).__name__}")
    return list(items)
