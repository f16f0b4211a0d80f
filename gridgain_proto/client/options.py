"""A client's options, checked where they are given."""

from __future__ import annotations

import enum
import math
import sys
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from ..connection import ConnectionConfig
from ..datatypes.transactions import TransactionConcurrency, TransactionIsolation
from ..exceptions import InsecureConnectionWarning, ParameterError
from ..failover import Retry, RetryPolicy
from ..framing import DEFAULT_MAX_FRAME
from ..handshake import HandshakeConfig
from ..monitoring import Listener, Listeners
from ..operations.operation import check_int
from ..tls import TLSConfig, client_context
from .runtime import Address, Endpoint

if TYPE_CHECKING:
    import ssl
    from types import FrameType

_OWN_PACKAGES = (
    "gridgain_proto",
    "gridgain_sync",
    "gridgain_gevent",
    "gridgain_trio",
    "gridgain_asyncio",
)


@dataclass(frozen=True, kw_only=True)
class ClientOptions:
    """What a client can be told at its creation. All times are seconds.

    Args:
        timeout: how long one call may take, connecting included, unless the call says otherwise;
            None for no limit. Without one a node that is gone is noticed by its heartbeats.
        handshake_timeout: how long one attempt to connect may take, handshake included.
        username: the user's name. It turns TLS on unless ``use_ssl`` is given.
        password: the user's password.
        use_ssl: whether to encrypt. The default is to do so if a user name or any of the ``ssl``
            options is given.
        ssl_context: a context made by yourself; then none of the other ``ssl`` options is allowed.
        ssl_certfile: path of our own certificate, for servers that ask for one.
        ssl_keyfile: path of its private key, if that is in a file of its own.
        ssl_keyfile_password: the password of the private key.
        ssl_ca_certfile: path of the certificates to trust; the system's by default.
        ssl_cert_reqs: whether the server's certificate is verified, its name included. The default
            is ``ssl.CERT_REQUIRED``; ``ssl.CERT_NONE`` trusts anybody.
        ssl_check_hostname: whether the certificate has to bear the name that was connected to.
        ssl_version: the TLS version to use, an ``ssl.TLSVersion`` or a ``ssl.PROTOCOL_…``
            constant; the newest that both sides know, 1.2 at least, by default.
        ssl_ciphers: the ciphers to allow, in OpenSSL's notation.
        user_attributes: strings that the server keeps with the connection.
        heartbeat_interval: how long a connection in use may be silent before a heartbeat is sent;
            None for no heartbeats.
        heartbeat_timeout: how long nothing may come after a heartbeat before the node counts as
            dead.
        max_frame: the longest message accepted from a node, in bytes.
        sql_timezone: the zone of naive dates and times, which for SQL is that of the server's JVM:
            what is written as 13:14 then reads as 13:14. The process's own by default.
        timezone: the zone of the ``datetime`` values handed back; naive ones by default.
        retry_policy: what is sent again when a connection is lost before the answer: a
            `RetryPolicy`, or a function of a `LostRequest`.
        partition_aware: whether all nodes are connected to, and what concerns one key is sent
            straight to the node that owns it.
        discovery: whether the cluster is asked for its nodes, so that one address is enough.
        event_listeners: who is told of connections and requests, see
            `gridgain_proto.monitoring`.
        tx_concurrency: when transactions take their locks, unless ``tx_start`` says otherwise.
        tx_isolation: what transactions see of others, unless ``tx_start`` says otherwise.
        tx_timeout: milliseconds after which the server rolls a transaction back, unless
            ``tx_start`` says otherwise; 0 for no limit, and then a lock may be waited for for ever.

    Raises:
        ParameterError: an option is wrong, or two contradict each other.
    """

    timeout: float | None = None
    handshake_timeout: float = 10.0
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    use_ssl: bool | None = None
    ssl_context: ssl.SSLContext | None = None
    ssl_certfile: str | None = None
    ssl_keyfile: str | None = None
    ssl_keyfile_password: str | None = field(default=None, repr=False)
    ssl_ca_certfile: str | None = None
    ssl_cert_reqs: ssl.VerifyMode | None = None
    ssl_check_hostname: bool | None = None
    ssl_version: int | None = None
    ssl_ciphers: str | None = None
    user_attributes: Mapping[str, str] | None = None
    heartbeat_interval: float | None = 30.0
    heartbeat_timeout: float = 60.0
    max_frame: int = DEFAULT_MAX_FRAME
    sql_timezone: tzinfo | None = None
    timezone: tzinfo | None = None
    retry_policy: Retry = RetryPolicy.SAFE
    partition_aware: bool = True
    discovery: bool = True
    event_listeners: Iterable[Listener] | None = None
    tx_concurrency: TransactionConcurrency = TransactionConcurrency.PESSIMISTIC
    tx_isolation: TransactionIsolation = TransactionIsolation.REPEATABLE_READ
    tx_timeout: int = 300_000
    listeners: Listeners = field(init=False, repr=False)
    context: ssl.SSLContext | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.timeout is not None:
            check_timeout(self.timeout)
        check_choice(TransactionConcurrency, self.tx_concurrency, "tx_concurrency")
        check_choice(TransactionIsolation, self.tx_isolation, "tx_isolation")
        check_milliseconds(self.tx_timeout, "tx_timeout")
        for name in ("sql_timezone", "timezone"):
            zone = getattr(self, name)
            if zone is not None and not isinstance(zone, tzinfo):
                raise ParameterError(f"{name}: {zone!r} is no time zone, such as zoneinfo.ZoneInfo")
        object.__setattr__(self, "listeners", Listeners(self.event_listeners))
        object.__setattr__(self, "context", self._make_context())
        # Everything else is checked by the configurations made of it.
        self.connection_config(Endpoint("localhost", 1), Address(0, ("localhost", 1)))
        if self.username is not None and self.context is None:
            warnings.warn(
                "user name and password are sent without encryption; enable TLS on the cluster",
                InsecureConnectionWarning,
                stacklevel=_depth_of_user(),
            )

    def connection_config(self, endpoint: Endpoint, address: Address) -> ConnectionConfig:
        """The configuration of one connection to that address of that endpoint."""
        node = str(endpoint)
        if address.sockaddr[0] != endpoint.host:
            node = f"{endpoint} ({address.sockaddr[0]})"
        tls = None
        if self.context is not None:
            tls = TLSConfig(self.context, endpoint.host)
        return ConnectionConfig(
            node=node,
            handshake=HandshakeConfig(
                username=self.username,
                password=self.password,
                user_attributes=dict(self.user_attributes or {}),
            ),
            tls=tls,
            max_frame=self.max_frame,
            handshake_timeout=self.handshake_timeout,
            heartbeat_interval=self.heartbeat_interval,
            heartbeat_timeout=self.heartbeat_timeout,
        )

    def _make_context(self) -> ssl.SSLContext | None:
        given = {
            name: getattr(self, name)
            for name in (
                "ssl_certfile",
                "ssl_keyfile",
                "ssl_keyfile_password",
                "ssl_ca_certfile",
                "ssl_cert_reqs",
                "ssl_check_hostname",
                "ssl_version",
                "ssl_ciphers",
            )
            if getattr(self, name) is not None
        }
        use = self.use_ssl
        if use is None:
            use = bool(given) or self.ssl_context is not None or self.username is not None
        if not use:
            if given or self.ssl_context is not None:
                name = next(iter(given), "ssl_context")
                raise ParameterError(f"{name} is given, but use_ssl is False")
            return None
        if self.ssl_context is not None:
            if given:
                raise ParameterError(f"{next(iter(given))} and ssl_context exclude each other")
            return self.ssl_context
        return client_context(
            certfile=self.ssl_certfile,
            keyfile=self.ssl_keyfile,
            keyfile_password=self.ssl_keyfile_password,
            ca_certfile=self.ssl_ca_certfile,
            cert_reqs=self.ssl_cert_reqs,
            check_hostname=self.ssl_check_hostname,
            version=self.ssl_version,
            ciphers=self.ssl_ciphers,
        )


def check_timeout(timeout: float) -> float:
    """A timeout that makes sense.

    Raises:
        ParameterError: it is no number, not a time, or not positive.
    """
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        raise ParameterError(f"timeout: {timeout!r} is not a number of seconds")
    if math.isnan(timeout) or timeout <= 0:
        raise ParameterError(f"timeout: {timeout!r} is not a positive number of seconds")
    return timeout


E = TypeVar("E", bound=enum.IntEnum)


def check_choice(kind: type[E], value: Any, what: str) -> E:
    """One of an enumeration's members, or its number.

    Servers take any number without a word, so it has to be right before it is sent.

    Raises:
        ParameterError: it is none.
    """
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return kind(value)
    except ValueError:
        pass
    allowed = ", ".join(f"{kind.__name__}.{member.name}" for member in kind)
    raise ParameterError(f"{what}: {value!r} is not one of {allowed}")


def check_milliseconds(value: object, what: str) -> int:
    """A number of milliseconds.

    Raises:
        ParameterError: it is none.
    """
    return check_int(value, 0, 2**63 - 1, f"{what} in milliseconds")


class ClientKeywords(TypedDict, total=False):
    """The keyword arguments of a client, as `ClientOptions` explains them."""

    timeout: float | None
    handshake_timeout: float
    username: str | None
    password: str | None
    use_ssl: bool | None
    ssl_context: ssl.SSLContext | None
    ssl_certfile: str | None
    ssl_keyfile: str | None
    ssl_keyfile_password: str | None
    ssl_ca_certfile: str | None
    ssl_cert_reqs: ssl.VerifyMode | None
    ssl_check_hostname: bool | None
    ssl_version: int | None
    ssl_ciphers: str | None
    user_attributes: Mapping[str, str] | None
    heartbeat_interval: float | None
    heartbeat_timeout: float
    max_frame: int
    sql_timezone: tzinfo | None
    timezone: tzinfo | None
    retry_policy: Retry
    partition_aware: bool
    discovery: bool
    event_listeners: Iterable[Listener] | None
    tx_concurrency: TransactionConcurrency
    tx_isolation: TransactionIsolation
    tx_timeout: int


def make_options(keywords: ClientKeywords) -> ClientOptions:
    """The options that the keyword arguments of a client say.

    Raises:
        ParameterError: one is unknown or wrong.
    """
    known = {option.name for option in fields(ClientOptions) if option.init}
    for name in keywords:
        if name not in known:
            raise ParameterError(f"{name!r} is not an option of the client")
    return ClientOptions(**keywords)


def _depth_of_user() -> int:
    """How many frames above the caller the first one is that is not the client's own."""
    depth = 1
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] not in _OWN_PACKAGES:
            break
        depth += 1
        frame = frame.f_back
    return depth
