"""A blocking client in the colours of the flows, so that scenarios need not know it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator
from typing import Any, cast

from gridgain_proto.client.blocking import BlockingClient
from gridgain_proto.client.client import AsyncClient
from gridgain_proto.client.runtime import run_blocking

__all__ = ["coloured", "run_blocking"]


def coloured(client: BlockingClient) -> AsyncClient:
    """The client, as it would be in trio or asyncio; its coroutines never suspend."""
    return cast(AsyncClient, _Coloured(client))


class _Coloured:
    """An object of the blocking facade with the methods of the flows behind it."""

    def __init__(self, blocking: Any) -> None:
        self._blocking = blocking

    def __getattr__(self, name: str) -> Any:
        blocking = self._blocking
        flow = getattr(type(blocking._flows), name, None)
        name = {"aclose": "close"}.get(name, name)
        if name == "connect" or _opens(flow):
            method = getattr(blocking, name)
            return lambda *args, **kwargs: _Opening(lambda: method(*args, **kwargs), self)
        if inspect.iscoroutinefunction(flow):

            async def call(*args: Any, **kwargs: Any) -> Any:
                found = getattr(blocking, name)  # it may be a property, which calls, too
                return _wrapped(found(*args, **kwargs) if callable(found) else found)

            return call
        found = getattr(blocking, name)
        if not callable(found):
            return found
        return lambda *args, **kwargs: _wrapped(found(*args, **kwargs))

    def __aiter__(self) -> _Coloured:
        # Cursors are their own iterators, caches are not.
        return self if hasattr(self._blocking, "__next__") else _Coloured(iter(self._blocking))

    async def __anext__(self) -> Any:
        try:
            return next(self._blocking)
        except StopIteration:
            raise StopAsyncIteration from None

    def __str__(self) -> str:
        return str(self._blocking)

    def __repr__(self) -> str:
        return repr(self._blocking)


class _Opening:
    """What happens when it is entered or awaited, not before."""

    def __init__(self, opener: Callable[[], Any], opened_by: _Coloured) -> None:
        self._opener = opener
        self._opened_by = opened_by

    async def __aenter__(self) -> _Coloured:
        self._opened = self._opener()
        inside = self._opened.__enter__()
        # connect() gives the client again.
        return self._opened_by if inside is self._opened_by._blocking else _Coloured(inside)

    async def __aexit__(self, *exc: Any) -> Any:
        return self._opened.__exit__(*exc)

    def __await__(self) -> Generator[Any, Any, _Coloured]:
        return _Coloured(self._opener())
        yield


def _opens(flow: Any) -> bool:
    """Whether a flow's method gives something that is to be entered or awaited."""
    returned = getattr(flow, "__annotations__", {}).get("return", "")
    return str(returned).startswith("Opening")


def _wrapped(result: Any) -> Any:
    return _Coloured(result) if hasattr(result, "_flows") else result
