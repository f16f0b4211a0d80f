"""Operations on connections, transactions and the cluster itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from .. import scalars
from ..features import Feature, Product
from .calls import when_free
from .failures import (
    FAILED,
    FUNCTIONALITY_DISABLED,
    TRANSACTION_LIMIT,
    TRANSACTION_NOT_FOUND,
    TRANSACTION_TIMED_OUT,
    Refusal,
)
from .transactions import TIMED_OUT, Transaction, TransactionState

if TYPE_CHECKING:
    from .calls import Call
    from .cluster import Member

_int32 = scalars.INT32.pack
_int64 = scalars.INT64.pack


def heartbeat(call: Call) -> None:
    """The node is alive."""
    call.answer(b"")


def get_idle_timeout(call: Call) -> None:
    """After how long a silence connections are closed."""
    call.answer(_int64(int(call.cluster.config.idle_timeout * 1000)))


# -- transactions ----------------------------------------------------------------------------------


def start_transaction(call: Call) -> None:
    """Begin a transaction."""
    reader = call.reader
    concurrency, isolation, timeout = reader.int8(), reader.int8(), reader.int64()
    reader.string()  # a label, for people
    cluster, connection = call.cluster, call.connection
    limit = cluster.config.max_transactions
    if len(connection.transactions) >= limit:
        raise Refusal(
            "Active transactions per connection limit exceeded "
            f"[maximum={limit}, current={len(connection.transactions)}]",
            TRANSACTION_LIMIT,
        )
    deadline = cluster.now + timeout / 1000 if timeout > 0 else None
    transaction = Transaction(cluster.locks, concurrency, isolation, deadline)
    call.answer(_int32(connection.add_transaction(transaction)))


def end_transaction(call: Call) -> None:
    """Commit or roll back."""
    number, commit = call.reader.int32(), call.reader.boolean()
    transaction = call.connection.transactions.pop(number, None)
    if transaction is None:
        if commit:
            raise Refusal(f"Transaction with id {number} not found.", TRANSACTION_NOT_FOUND)
        call.answer(b"")
        return
    if not commit:
        transaction.end()
        call.answer(b"")
        return
    if transaction.state is TransactionState.TIMED_OUT:
        is_gridgain = call.cluster.product is Product.GRIDGAIN
        raise Refusal(TIMED_OUT, TRANSACTION_TIMED_OUT if is_gridgain else FAILED)

    def perform() -> bytes:
        transaction.commit()
        return b""

    when_free(call, transaction, list(transaction.places_to_lock()), perform, locking=True)


# -- the cluster -----------------------------------------------------------------------------------


def get_state(call: Call) -> None:
    """Whether the cluster is active."""
    state = call.cluster.state
    if Feature.CLUSTER_STATES not in call.features:
        state = min(state, 1)
    call.answer(scalars.INT8.pack(state))


def change_state(call: Call) -> None:
    """Activate or deactivate the cluster."""
    state = call.reader.int8()
    force = call.reader.boolean() if Feature.FORCE_DEACTIVATION in call.features else True
    cluster = call.cluster
    if not 0 <= state <= 2:
        raise Refusal(f"Unknown cluster state: {state}")
    if state == 0 and not force and cluster.caches and not cluster.config.persistent:
        raise Refusal("Deactivation stopped. Deactivation clears in-memory caches")
    cluster.change_state(state)
    call.answer(b"")


def _cache_named(call: Call, name: str | None) -> None:
    if not any(cache.settings.name == name for cache in call.cluster.caches.values()):
        raise Refusal(f"Cache doesn't exist: {name}")


def change_wal_state(call: Call) -> None:
    """Write-ahead logging belongs to persistence, which this node does not have."""
    name = call.reader.string()
    call.reader.boolean()
    _cache_named(call, name)
    raise Refusal("Cannot change WAL mode because persistence is not enabled for cache(s)")


def get_wal_state(call: Call) -> None:
    """Whether changes of a cache are logged: never here."""
    _cache_named(call, call.reader.string())
    call.answer(b"\x00")


def get_endpoints(call: Call) -> None:
    """Where the nodes listen: all, or what has changed since a topology version."""
    cluster = call.cluster
    start, end = call.reader.int64(), call.reader.int64()
    major = cluster.topology[0]
    if end == -1:
        end = major
    before: tuple[Member, ...] = ()
    try:
        if start != -1:
            before = cluster.history[start]
        after = cluster.history[end]
    except KeyError:
        raise Refusal(f"Topology version is not in the history: {start}, {end}") from None
    added = [member for member in after if member not in before]
    removed = [member for member in before if member not in after]
    out = bytearray(_int64(end) + _int32(len(added)))
    for member in added:
        out += scalars.raw_uuid(member.node_id) + _int32(member.port)
        out += _int32(1) + scalars.encode_string(member.host)
    out += _int32(len(removed))
    for member in removed:
        out += scalars.raw_uuid(member.node_id)
    call.answer(bytes(out))


def refuse_compute(call: Call) -> None:
    """Compute is off, as it is by default on a server."""
    raise Refusal(
        "Compute grid functionality is disabled for thin clients on server node. "
        "To enable it set up the ThinClientConfiguration.MaxActiveComputeTasksPerConnection "
        "property.",
        FUNCTIONALITY_DISABLED,
    )


def invoke_service(call: Call) -> None:
    """There are no services."""
    raise Refusal(f"Service not found: {call.reader.string()}")


def get_services(call: Call) -> None:
    """There are no services."""
    call.answer(_int32(0))


HANDLERS: Final[dict[int, Callable[[Call], None]]] = {
    1: heartbeat,
    2: get_idle_timeout,
    4000: start_transaction,
    4001: end_transaction,
    5000: get_state,
    5001: change_state,
    5002: change_wal_state,
    5003: get_wal_state,
    5102: get_endpoints,
    6000: refuse_compute,
    7000: invoke_service,
    7001: get_services,
    7002: invoke_service,
}
