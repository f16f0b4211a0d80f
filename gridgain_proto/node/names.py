"""Operations by their names in the protocol."""

from __future__ import annotations

from typing import Final

from ..exceptions import ParameterError

OPERATION_NAMES: Final = {
    0: "RESOURCE_CLOSE",
    1: "HEARTBEAT",
    2: "GET_IDLE_TIMEOUT",
    1000: "CACHE_GET",
    1001: "CACHE_PUT",
    1002: "CACHE_PUT_IF_ABSENT",
    1003: "CACHE_GET_ALL",
    1004: "CACHE_PUT_ALL",
    1005: "CACHE_GET_AND_PUT",
    1006: "CACHE_GET_AND_REPLACE",
    1007: "CACHE_GET_AND_REMOVE",
    1008: "CACHE_GET_AND_PUT_IF_ABSENT",
    1009: "CACHE_REPLACE",
    1010: "CACHE_REPLACE_IF_EQUALS",
    1011: "CACHE_CONTAINS_KEY",
    1012: "CACHE_CONTAINS_KEYS",
    1013: "CACHE_CLEAR",
    1014: "CACHE_CLEAR_KEY",
    1015: "CACHE_CLEAR_KEYS",
    1016: "CACHE_REMOVE_KEY",
    1017: "CACHE_REMOVE_IF_EQUALS",
    1018: "CACHE_REMOVE_KEYS",
    1019: "CACHE_REMOVE_ALL",
    1020: "CACHE_GET_SIZE",
    1021: "CACHE_LOCAL_PEEK",
    1050: "CACHE_GET_NAMES",
    1051: "CACHE_CREATE_WITH_NAME",
    1052: "CACHE_GET_OR_CREATE_WITH_NAME",
    1053: "CACHE_CREATE_WITH_CONFIGURATION",
    1054: "CACHE_GET_OR_CREATE_WITH_CONFIGURATION",
    1055: "CACHE_GET_CONFIGURATION",
    1056: "CACHE_DESTROY",
    1057: "CACHES_DESTROY",
    1100: "CACHE_NODE_PARTITIONS",
    1101: "CACHE_PARTITIONS",
    2000: "QUERY_SCAN",
    2001: "QUERY_SCAN_CURSOR_GET_PAGE",
    2002: "QUERY_SQL",
    2003: "QUERY_SQL_CURSOR_GET_PAGE",
    2004: "QUERY_SQL_FIELDS",
    2005: "QUERY_SQL_FIELDS_CURSOR_GET_PAGE",
    2006: "QUERY_CONTINUOUS",
    3000: "BINARY_TYPE_NAME_GET",
    3001: "BINARY_TYPE_NAME_PUT",
    3002: "BINARY_TYPE_GET",
    3003: "BINARY_TYPE_PUT",
    3004: "BINARY_CONFIGURATION_GET",
    4000: "TX_START",
    4001: "TX_END",
    5000: "CLUSTER_GET_STATE",
    5001: "CLUSTER_CHANGE_STATE",
    5002: "CLUSTER_CHANGE_WAL_STATE",
    5003: "CLUSTER_GET_WAL_STATE",
    5102: "CLUSTER_GROUP_GET_NODE_ENDPOINTS",
}

_CODES: Final = {name: code for code, name in OPERATION_NAMES.items()}


def operation_name(code: int) -> str:
    """The name of an operation, or its number if it has none here."""
    return OPERATION_NAMES.get(code, str(code))


def operation_code(operation: str | int) -> int:
    """The code of an operation.

    Args:
        operation: its name in the protocol, such as ``"CACHE_PUT"``, or its code.

    Raises:
        ParameterError: there is none of that name.
    """
    if isinstance(operation, int):
        return operation
    try:
        return _CODES[operation.upper()]
    except KeyError:
        raise ParameterError(f"{operation!r} is no operation of the protocol") from None
