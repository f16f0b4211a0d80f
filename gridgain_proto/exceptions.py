"""Every error that this product raises, in one tree.

```text
GridGainError
├── ConnectionFailed (OSError)        a connection could not be made, or was lost
│   ├── HandshakeError                the node answered, and refused or misunderstood us
│   └── OutcomeUnknown                sent, then the connection was lost: it may have happened
├── RequestTimeout (TimeoutError)     the caller's own time was up; it may have happened
├── ReconnectError                    no node could be reached; .attempts has each cause
├── ClientClosed                      the client was closed, or not yet connected
├── AuthenticationError               user name or password refused
├── ServerError                       the node answered with an error; .status has its code
│   ├── AuthorizationError            the user may not do this
│   ├── CacheError                    a cache operation failed
│   │   ├── CacheNotFound             there is no cache of that name
│   │   └── CacheExists               there is already a cache of that name
│   ├── SQLError                      a query failed; .sqlstate
│   ├── TransactionError              a transaction could not begin, commit or roll back
│   │   ├── TransactionConflict       another transaction was faster; try again
│   │   ├── TransactionDeadlock       two waited for each other's locks; try again
│   │   ├── TransactionTimeout        its own time was up, or a lock was not to be had in time
│   │   └── TransactionLost (OSError) its connection is lost; it is rolled back
│   ├── BinaryTypeError               a type could not be read or registered
│   └── ClusterError                  the cluster's state could not be read or changed
├── NotSupportedByClusterError        the connected node does not know this
├── RemoteProtocolError               the peer broke the protocol; the connection is dead
├── LocalProtocolError                the core was misused; nothing was sent
├── ParameterError (ValueError)       an argument is wrong; nothing was sent
├── EncodeError (ValueError)          a value cannot be sent as it is; nothing was sent
└── DecodeError (ValueError)          bytes from the node are not a valid value
    └── UnknownType                   a complex object's type has to be fetched first
```

``TimeoutError`` is an ``OSError`` in Python, so ``except OSError`` catches whatever the network
did, deadlines included. `ReconnectError` is deliberately no ``OSError``: a loop that
catches those and goes on with the next node ends when there is none left.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "AuthenticationError",
    "AuthorizationError",
    "BinaryTypeError",
    "CacheError",
    "CacheExists",
    "CacheNotFound",
    "ClientClosed",
    "ClusterError",
    "ConnectionFailed",
    "DecodeError",
    "EncodeError",
    "GridGainError",
    "HandshakeError",
    "InsecureConnectionWarning",
    "LocalProtocolError",
    "NotSupportedByClusterError",
    "OutcomeUnknown",
    "ParameterError",
    "ReconnectError",
    "RemoteProtocolError",
    "RequestTimeout",
    "SQLError",
    "ServerError",
    "SocketError",
    "TransactionConflict",
    "TransactionDeadlock",
    "TransactionError",
    "TransactionLost",
    "TransactionTimeout",
    "UnknownType",
]

#: The name under which the user guide catches network errors.
SocketError = OSError


class InsecureConnectionWarning(UserWarning):
    """A password goes over the network unencrypted."""


class GridGainError(Exception):
    """The root of every error raised here."""


class ConnectionFailed(GridGainError, OSError):
    """A connection could not be made, or was lost before the request left."""


class HandshakeError(ConnectionFailed):
    """The node refused the connection, or what answered is no node."""


class OutcomeUnknown(ConnectionFailed):
    """The request was sent and the connection was lost before the answer.

    It may or may not have been carried out. It was not repeated, because repeating it could change
    the outcome.
    """


class RequestTimeout(GridGainError, TimeoutError):
    """The call's own time was up. If it had been sent, it may still be carried out."""


class ReconnectError(GridGainError):
    """No node could be reached.

    Attributes:
        attempts: the failure of each attempt, in order.
    """

    def __init__(self, message: str, attempts: Sequence[Exception] = ()) -> None:
        super().__init__(message)
        self.attempts = tuple(attempts)


class ClientClosed(GridGainError):
    """The client, or a part of it, was used after it was closed or before it was connected."""


class AuthenticationError(GridGainError):
    """The cluster refused the user name or the password."""


class ServerError(GridGainError):
    """The node answered with an error.

    Attributes:
        status: the server's status code ; 1 for anything unspecific.
    """

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


class AuthorizationError(ServerError):
    """The user may not do this (status 1012)."""


class CacheError(ServerError):
    """A cache operation failed."""


class CacheNotFound(CacheError):
    """There is no cache of that name (status 1000)."""


class CacheExists(CacheError):
    """There is already a cache of that name (status 1001)."""


class SQLError(ServerError):
    """A query failed.

    Attributes:
        sqlstate: the five characters of the SQLSTATE, or None if the node sent none.
    """

    def __init__(self, message: str, status: int = 1, sqlstate: str | None = None) -> None:
        super().__init__(message, status)
        self.sqlstate = sqlstate


class TransactionError(ServerError):
    """A transaction could not begin, commit or roll back, or was used after its end."""


class TransactionConflict(TransactionError):
    """What the transaction has read was changed by another one. It is rolled back; try again."""


class TransactionDeadlock(TransactionError):
    """Two transactions waited for each other's locks. It is rolled back; try again."""


class TransactionTimeout(TransactionError):
    """The transaction's own time was up, maybe while it waited for a lock. It is rolled back."""


class TransactionLost(TransactionError, ConnectionFailed):
    """The connection that the transaction was on is lost. It is rolled back."""


class BinaryTypeError(ServerError):
    """A binary type could not be read or registered."""


class ClusterError(ServerError):
    """The cluster's state could not be read or changed."""


class NotSupportedByClusterError(GridGainError):
    """The connected node does not know this operation or option."""


class RemoteProtocolError(GridGainError):
    """The peer sent what the protocol does not allow. The connection cannot be used any more."""


class LocalProtocolError(GridGainError):
    """The protocol core was used in a way that it does not allow; nothing was sent."""


class ParameterError(GridGainError, ValueError):
    """An argument is wrong. Nothing was sent."""


class EncodeError(GridGainError, ValueError):
    """A value cannot be sent without being changed. Nothing was sent."""


class DecodeError(GridGainError, ValueError):
    """The bytes of an answer are not a valid value."""


class UnknownType(DecodeError):
    """A complex object cannot be read before its type's schema has been fetched.

    Attributes:
        type_id: the id of the type.
        schema_id: the id of the schema that is missing.
    """

    def __init__(self, type_id: int, schema_id: int) -> None:
        super().__init__(f"no schema {schema_id} known for the binary type with id {type_id}")
        self.type_id = type_id
        self.schema_id = schema_id
