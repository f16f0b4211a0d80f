"""Key-value operations: 1000 to 1021."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from .. import scalars
from ..codec import typecodes as tc
from ..features import Product
from .caches import Cache, Lifetimes
from .calls import Call, when_free
from .failures import Refusal
from .reading import RequestReader
from .transactions import ATOMIC_REFUSED, Transaction
from .values import NULL, is_null

_TRUE: Final = b"\x01"
_FALSE: Final = b"\x00"
_NOTHING: Final = b""


class View:
    """A cache as one request sees it: within its transaction, with its lifetimes."""

    __slots__ = ("arrays_equal", "cache", "lifetimes", "transaction")

    def __init__(
        self,
        cache: Cache,
        lifetimes: Lifetimes | None,
        transaction: Transaction | None,
        arrays_equal: bool,
    ) -> None:
        self.cache = cache
        self.lifetimes = lifetimes
        self.transaction = transaction
        self.arrays_equal = arrays_equal

    def get(self, key: bytes) -> bytes | None:
        """The value of a key."""
        if self.transaction is not None:
            return self.transaction.read(self.cache, key, self.lifetimes)
        return self.cache.get(key, self.lifetimes)

    def has(self, key: bytes) -> bool:
        """Whether there is a key."""
        if self.transaction is not None:
            return self.transaction.read(self.cache, key, self.lifetimes) is not None
        return self.cache.peek(key) is not None

    def peek(self, key: bytes) -> bytes | None:
        """The value of a key that is about to be changed: that is no access."""
        if self.transaction is not None:
            return self.transaction.read(self.cache, key, self.lifetimes)
        entry = self.cache.peek(key)
        return None if entry is None else entry.value

    def put(self, key: bytes, value: bytes) -> None:
        """Store a value."""
        if self.transaction is not None:
            self.transaction.write(self.cache, key, value, self.lifetimes)
        else:
            self.cache.put(key, value, self.lifetimes)

    def remove(self, key: bytes) -> None:
        """Remove a key."""
        if self.transaction is not None:
            self.transaction.write(self.cache, key, None, self.lifetimes)
        else:
            self.cache.remove(key)

    def equal(self, found: bytes | None, expected: bytes) -> bool:
        """Whether a value is what was expected."""
        if found != expected:
            return False
        return self.arrays_equal or found[0] not in _ARRAYS


#: GridGain compares arrays of numbers by identity.
_ARRAYS: Final = frozenset(range(tc.BYTE_ARRAY, tc.BOOLEAN_ARRAY + 1))


def _flag(value: bool) -> bytes:
    return _TRUE if value else _FALSE


def _get(view: View, key: bytes) -> bytes:
    return view.get(key) or NULL


def _put(view: View, key: bytes, value: bytes) -> bytes:
    view.put(key, value)
    return _NOTHING


def _put_if_absent(view: View, key: bytes, value: bytes) -> bytes:
    absent = view.peek(key) is None
    if absent:
        view.put(key, value)
    return _flag(absent)


def _get_all(view: View, keys: list[bytes]) -> bytes:
    found = [(key, view.get(key)) for key in dict.fromkeys(keys)]
    parts = [key + value for key, value in found if value is not None]
    return scalars.INT32.pack(len(parts)) + b"".join(parts)


def _put_all(view: View, pairs: list[tuple[bytes, bytes]]) -> bytes:
    for key, value in dict(pairs).items():
        view.put(key, value)
    return _NOTHING


def _get_and_put(view: View, key: bytes, value: bytes) -> bytes:
    old = view.peek(key)
    view.put(key, value)
    return old or NULL


def _get_and_replace(view: View, key: bytes, value: bytes) -> bytes:
    old = view.peek(key)
    if old is not None:
        view.put(key, value)
    return old or NULL


def _get_and_remove(view: View, key: bytes) -> bytes:
    old = view.peek(key)
    if old is not None:
        view.remove(key)
    return old or NULL


def _get_and_put_if_absent(view: View, key: bytes, value: bytes) -> bytes:
    old = view.peek(key)
    if old is None:
        view.put(key, value)
    return old or NULL


def _replace(view: View, key: bytes, value: bytes) -> bytes:
    present = view.peek(key) is not None
    if present:
        view.put(key, value)
    return _flag(present)


def _replace_if_equals(view: View, key: bytes, expected: bytes, value: bytes) -> bytes:
    equal = view.equal(view.peek(key), expected)
    if equal:
        view.put(key, value)
    return _flag(equal)


def _contains_key(view: View, key: bytes) -> bytes:
    return _flag(view.has(key))


def _contains_keys(view: View, keys: list[bytes]) -> bytes:
    present = [view.has(key) for key in keys]  # a transaction locks and remembers all of them
    return _flag(all(present))


def _remove_key(view: View, key: bytes) -> bytes:
    present = view.peek(key) is not None
    if present:
        view.remove(key)
    return _flag(present)


def _remove_if_equals(view: View, key: bytes, expected: bytes) -> bytes:
    equal = view.equal(view.peek(key), expected)
    if equal:
        view.remove(key)
    return _flag(equal)


def _remove_keys(view: View, keys: list[bytes]) -> bytes:
    for key in keys:
        if view.peek(key) is not None:
            view.remove(key)
    return _NOTHING


def _clear_keys(view: View, keys: list[bytes]) -> bytes:
    for key in keys:
        view.cache.discard(key)
    return _NOTHING


def _clear_key(view: View, key: bytes) -> bytes:
    return _clear_keys(view, [key])


# -- layouts -----------------------------------------------------------------------------------


def _one(reader: RequestReader) -> tuple[bytes]:
    return (reader.value(),)


def _two(reader: RequestReader) -> tuple[bytes, bytes]:
    return (reader.value(), reader.value())


def _three(reader: RequestReader) -> tuple[bytes, bytes, bytes]:
    return (reader.value(), reader.value(), reader.value())


def _many(reader: RequestReader) -> tuple[list[bytes]]:
    return (reader.values(),)


def _many_pairs(reader: RequestReader) -> tuple[list[tuple[bytes, bytes]]]:
    return (reader.pairs(),)


@dataclass(frozen=True, slots=True)
class _Operation:
    """An operation on keys.

    Attributes:
        read: reads the arguments.
        perform: carries it out.
        writes: whether it may change something.
        joins: whether it can be part of a transaction.
    """

    read: Callable[[RequestReader], tuple[Any, ...]]
    perform: Callable[..., bytes]
    writes: bool = True
    joins: bool = True


_OPERATIONS: Final = {
    1000: _Operation(_one, _get, writes=False),
    1001: _Operation(_two, _put),
    1002: _Operation(_two, _put_if_absent),
    1003: _Operation(_many, _get_all, writes=False),
    1004: _Operation(_many_pairs, _put_all),
    1005: _Operation(_two, _get_and_put),
    1006: _Operation(_two, _get_and_replace),
    1007: _Operation(_one, _get_and_remove),
    1008: _Operation(_two, _get_and_put_if_absent),
    1009: _Operation(_two, _replace),
    1010: _Operation(_three, _replace_if_equals),
    1011: _Operation(_one, _contains_key, writes=False),
    1012: _Operation(_many, _contains_keys, writes=False),
    1014: _Operation(_one, _clear_key, joins=False),
    1015: _Operation(_many, _clear_keys, joins=False),
    1016: _Operation(_one, _remove_key),
    1017: _Operation(_two, _remove_if_equals),
    1018: _Operation(_many, _remove_keys),
}


def _keys_of(args: tuple[Any, ...]) -> list[bytes]:
    first = args[0]
    if isinstance(first, bytes):
        return [first]
    return [item if isinstance(item, bytes) else item[0] for item in first]


def _check_not_null(args: tuple[Any, ...]) -> None:
    for arg in args:
        items = [arg] if isinstance(arg, bytes) else arg
        for item in items:
            parts = (item,) if isinstance(item, bytes) else item
            if any(map(is_null, parts)):
                raise Refusal("Ouch! Argument cannot be null")


def on_keys(call: Call) -> None:
    """An operation on one key or several."""
    operation = _OPERATIONS[call.code]
    header = call.header()
    args = operation.read(call.reader)
    cache = call.cache(header)
    transaction = call.transaction(header)
    _check_not_null(args)
    if operation.writes:
        call.cluster.check_writable()
    if transaction is not None:
        transaction.check_active()
        if not cache.settings.transactional:
            raise Refusal(ATOMIC_REFUSED)
        if not operation.joins:
            if call.cluster.product is not Product.GRIDGAIN:
                raise Refusal("Operation is not supported inside a transaction")
            transaction = None
    view = View(
        cache,
        header.lifetimes,
        transaction,
        arrays_equal=call.cluster.product is not Product.GRIDGAIN,
    )
    if transaction is None and not (operation.writes and cache.settings.transactional):
        call.answer(operation.perform(view, *args))
        return
    locking = transaction is not None and transaction.needs_lock(writing=operation.writes)
    waits = operation.joins and (locking or (transaction is None and operation.writes))
    when_free(
        call,
        transaction,
        [(cache.cache_id, key) for key in _keys_of(args)] if waits else [],
        lambda: operation.perform(view, *args),
        locking=locking,
    )


def clear(call: Call) -> None:
    """Remove everything, at once and outside any transaction, without telling anybody."""
    cache = call.cache(call.header())
    call.cluster.check_writable()
    cache.clear()
    call.answer(_NOTHING)


def remove_all(call: Call) -> None:
    """Remove everything, at once and outside any transaction."""
    cache = call.cache(call.header())
    call.cluster.check_writable()
    for key, _ in cache.items():
        cache.remove(key)
    call.answer(_NOTHING)


_ALL, _NEAR, _PRIMARY, _BACKUP, _ONHEAP, _OFFHEAP = range(6)


def get_size(call: Call) -> None:
    """How many entries there are, by kinds of copies."""
    header = call.header()
    modes = set(call.reader.several(call.reader.int8))
    cache = call.cache(header)
    if any(not 0 <= mode <= _OFFHEAP for mode in modes):
        raise Refusal("Unknown peek mode")
    copies = call.cluster.backups_of(cache)
    if not modes or modes == {_OFFHEAP} or modes == {_PRIMARY}:
        number = len(cache)
    elif _ALL in modes:
        number = len(cache) * (1 + copies)
    else:
        number = len(cache) * ((_PRIMARY in modes) + (_BACKUP in modes) * copies)
    call.answer(scalars.INT64.pack(number))


def local_peek(call: Call) -> None:
    """The value of a key, if the connected node has a copy."""
    header = call.header()
    key = call.reader.value()
    cache = call.cache(header)
    _check_not_null((key,))
    entry = cache.peek(key)
    transaction = call.transaction(header)
    written = None if transaction is None else transaction.written(cache, key)
    if written is not None:
        call.answer(written)
    elif entry is None or not call.cluster.holds(call.connection.member, cache, key):
        call.answer(NULL)
    else:
        call.answer(entry.value)


HANDLERS: Final[dict[int, Callable[[Call], None]]] = {
    **dict.fromkeys(_OPERATIONS, on_keys),
    1013: clear,
    1019: remove_all,
    1020: get_size,
    1021: local_peek,
}
