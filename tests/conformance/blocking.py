"""A blocking client in the colours of the flows, so that scenarios need not know it."""

from __future__ import annotations

import inspect
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
        found = getattr(self._blocking, name)
        if name == "connect":
            return lambda *args, **kwargs: _Connecting(self, args, kwargs)
        if not callable(found):
            return found
        if inspect.iscoroutinefunction(getattr(type(self._blocking._flows), name, None)):

            async def call(*args: Any, **kwargs: Any) -> Any:
                return _wrapped(found(*args, **kwargs))

            return call
        return lambda *args, **kwargs: _wrapped(found(*args, **kwargs))

    def __str__(self) -> str:
        return str(self._blocking)

    def __repr__(self) -> str:
        return repr(self._blocking)


class _Connecting:
    """What the flows' ``connect`` gives: nothing happens before it is entered."""

    def __init__(self, coloured: _Coloured, args: Any, kwargs: Any) -> None:
        self._coloured = coloured
        self._args = args
        self._kwargs = kwargs

    async def __aenter__(self) -> _Coloured:
        self._connected = self._coloured._blocking.connect(*self._args, **self._kwargs)
        client = self._connected.__enter__()
        assert client is self._coloured._blocking
        return self._coloured

    async def __aexit__(self, *exc: Any) -> Any:
        return self._connected.__exit__(*exc)


def _wrapped(result: Any) -> Any:
    return _Coloured(result) if hasattr(result, "_flows") else result
