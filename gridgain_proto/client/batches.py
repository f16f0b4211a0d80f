"""What concerns many keys, split by the nodes that own them and carried out side by side.

A batch is not split in a transaction, nor if it changes a transactional cache, where one call is
one transaction of its own. In an atomic cache a batch is not atomic, split or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ..codec.writing_containers import is_hint
from ..operations.layout import CacheHeader
from ..operations.operation import Operation, Request, Transactional

if TYPE_CHECKING:
    from .runtime import Link
    from .session import Session

T = TypeVar("T")
R = TypeVar("R")

#: Smaller batches are not worth more than one request.
WORTH_SPLITTING = 16


async def perform_batch(
    session: Session,
    operation: Operation[R],
    header: CacheHeader,
    items: Sequence[T],
    key_of: Callable[[T], Any],
    timeout: float | None,
    *,
    changes: bool,
    gather: Callable[[Sequence[T]], Any] = list,
) -> list[R]:
    """Carry out an operation on many keys, in as many parts as it is worth.

    Args:
        session: by which requests are carried out.
        operation: of a cache's header and the keys, or the pairs.
        header: the cache's header.
        items: the keys or pairs.
        key_of: the key of an item, which may be ``(key, hint)``.
        timeout: seconds; None for the client's own.
        changes: whether it changes the cache.
        gather: makes of a part what the operation takes.

    Returns:
        the result of each part.

    Raises:
        As `Session.perform` does; of several failures the first.
    """
    parts = _parts(session, operation, header, items, key_of, changes)
    if len(parts) < 2:
        return [await session.perform(operation(header, gather(items)), timeout)]
    results: dict[int, R] = {}
    failures: dict[int, Exception] = {}

    async def carry_out(place: int, link: Link | None, request: Request[R]) -> None:
        try:
            results[place] = (await session.perform_keeping(request, timeout, link))[0]
        except Exception as exc:  # raised by the caller, who waits for all parts
            failures[place] = exc

    requests = [(link, operation(header, gather(part))) for link, part in parts.items()]
    (first_link, first), *others = requests
    backgrounds = [
        session.runtime.spawn(partial(carry_out, place, link, request))
        for place, (link, request) in enumerate(others, 1)
    ]
    try:
        await carry_out(0, first_link, first)
        for background in backgrounds:
            await background.wait()
    except BaseException:
        for background in backgrounds:
            background.cancel()
        raise
    if failures:
        raise failures[min(failures)]
    return [results[place] for place in sorted(results)]


def _parts(
    session: Session,
    operation: Operation[Any],
    header: CacheHeader,
    items: Sequence[T],
    key_of: Callable[[T], Any],
    changes: bool,
) -> dict[Link | None, list[T]]:
    """The items by the connection to the node that owns them; one part if that is not worth it."""
    nodes = session.nodes
    whole: dict[Link | None, list[T]] = {None: list(items)}
    if len(items) < WORTH_SPLITTING or not nodes.can_split(header.cache_id, changes):
        return whole
    if operation.transactional is Transactional.JOINS and session.transaction() is not None:
        return whole
    parts: dict[Link | None, list[T]] = {}
    for item in items:
        key = key_of(item)
        hint = None
        if type(key) is tuple and len(key) == 2 and is_hint(key[1]):
            key, hint = key
        parts.setdefault(nodes.owner_of_key(header.cache_id, key, hint), []).append(item)
    return parts
