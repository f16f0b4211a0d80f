"""What is opened by a call and closed at the end of a block: cursors and transactions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar


class Closable(Protocol):
    """What can be closed."""

    async def aclose(self) -> None:
        """Close it. A second time does nothing."""


T = TypeVar("T", bound=Closable)


class Opening(Generic[T]):
    """Something to be opened: ``await`` it, or enter it by ``async with``, which closes it."""

    def __init__(self, opener: Callable[[], Awaitable[T]]) -> None:
        self._opener = opener
        self._opened: T | None = None

    async def open(self) -> T:
        """Open it."""
        return await self._opener()

    def __await__(self) -> Generator[Any, Any, T]:
        return self.open().__await__()

    async def __aenter__(self) -> T:
        self._opened = await self._opener()
        return self._opened

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._opened is not None:
            await self._opened.aclose()
