"""The captured exchanges of both servers as requests of ours, and what their answers mean."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from struct import Struct
from typing import Any

from gridgain_proto import scalars
from gridgain_proto.codec import Codec, TypeDescription
from gridgain_proto.codec.hashing import cache_id
from gridgain_proto.datatypes import ClusterState, ExpiryPolicy
from gridgain_proto.exceptions import DecodeError
from gridgain_proto.features import FEATURE_BITS, Features, Product, ProtocolVersion
from gridgain_proto.operations import binary_types, cluster_state, configuration, query, transaction
from gridgain_proto.operations import cache as cache_ops
from gridgain_proto.operations.cache_properties import checked_settings
from gridgain_proto.operations.layout import CacheHeader
from gridgain_proto.operations.operation import Operation, Request

from .captured_settings import setting
from .values import Inexpressible, element, pair

VECTORS = Path(__file__).parent.parent / "vectors"
FILES = ("cache_ops.json", "cache_ops_extra.json", "transactions.json", "other_ops.json")

#: What stands before a request's payload: length, code, request id.
HEADER_SIZE = 4 + 2 + 8

OPERATIONS: dict[str, Operation[Any]] = {
    value.name: value
    for module in (cache_ops, configuration, query, transaction, binary_types, cluster_state)
    for value in vars(module).values()
    if isinstance(value, Operation)
}


@dataclass(frozen=True, eq=False)
class Exchange:
    """One captured exchange."""

    file: str
    number: int
    row: dict[str, Any]

    def __str__(self) -> str:
        server = self.row["server"].split("-")[0]
        return f"{self.file.removesuffix('.json')}-{self.number}-{server}-{self.row['op']}"

    @property
    def name(self) -> str:
        return str(self.row["op"])

    @property
    def meaning(self) -> dict[str, Any]:
        return self.row.get("meaning") or {}

    @property
    def request_bytes(self) -> bytes:
        return bytes.fromhex(self.row["request"])

    @property
    def response_bytes(self) -> bytes | None:
        response = self.row["response"]
        return None if response is None else bytes.fromhex(response)

    @property
    def features(self) -> Features:
        product = Product.IGNITE if self.row["server"].startswith("ignite") else Product.GRIDGAIN
        version = ProtocolVersion(*map(int, self.row["protocol"].split(".")))
        bits = set(self.row.get("features") or ())
        active = {feature for feature, bit in FEATURE_BITS[product].items() if bit in bits}
        return Features(product, version, frozenset(active))


@cache
def exchanges() -> list[Exchange]:
    """All exchanges of the operations that there are here."""
    return [
        Exchange(file, number, row)
        for file in FILES
        for number, row in enumerate(json.loads((VECTORS / file).read_text()))
        if row["op"] in OPERATIONS and row["request"]
    ]


# -- arguments -------------------------------------------------------------------------------------


class Arguments:
    """The arguments of a request, whichever way the capture has them."""

    def __init__(self, items: list[tuple[str, Any]]) -> None:
        self.items = items

    @classmethod
    def of(cls, exchange: Exchange) -> Arguments:
        meaning = exchange.meaning
        if "args" in meaning:
            return cls([(item[0], item[2]) for item in meaning["args"]])
        if "arguments" in meaning:
            return cls(list(meaning["arguments"].items()))
        return cls(
            [(name, value) for name, value in meaning.items() if name not in ("result", "topology")]
        )

    @property
    def says_what_is_sent(self) -> bool:
        """Whether there is more than what came back."""
        return any(name not in ("status", "message", "closed") for name, _ in self.items)

    def __contains__(self, name: str) -> bool:
        return any(item == name for item, _ in self.items)

    def one(self, *names: str) -> Any:
        for item, value in self.items:
            if item in names:
                return value
        raise Inexpressible(f"has no {names[0]}")

    def get(self, name: str, default: Any = None) -> Any:
        return self.one(name) if name in self else default

    def each(self, name: str) -> list[Any]:
        return [value for item, value in self.items if item == name]


def header(given: Arguments) -> tuple[CacheHeader, int | None]:
    """The cache's header, and the transaction that the request is part of."""
    number = given.one("cache_id") if "cache_id" in given else cache_id(given.one("cache"))
    flags = given.get("flags", 0)
    expiry = None
    if flags & 4:
        names = ("create", "update", "access")
        if "expiry" in given:
            expiry = tuple(given.one("expiry"))
        else:
            expiry = tuple(
                given.one(name, f"expiry_{name}", f"{name}_ms", f"expire_{name}") for name in names
            )
        ExpiryPolicy(**dict(zip(names, expiry, strict=True)))
    if flags & ~7:
        raise Inexpressible("a flag that nobody knows")
    transaction_id = given.one("tx_id", "tx") if "tx_id" in given or "tx" in given else None
    return CacheHeader(number, expiry), transaction_id


Made = tuple[Request[Any], int | None]
Make = Callable[[Exchange, Arguments], Made]


def on_key(*names: str) -> Make:
    """Requests with a value for each of these names."""

    def make(exchange: Exchange, given: Arguments) -> Made:
        cache, transaction_id = header(given)
        values = [pair(given.one(*name.split("/"))) for name in names]
        known = {item for name in names for item in name.split("/")}
        for item, _ in given.items:
            if item not in known | HEADER_NAMES:
                raise Inexpressible(f"{item} where nothing should be")
        return OPERATIONS[exchange.name](cache, *values), transaction_id

    return make


HEADER_NAMES = {
    "cache", "cache_id", "flags", "tx_id", "tx", "create", "update", "access", "expiry",
    "expiry_create", "expiry_update", "expiry_access", "create_ms", "update_ms", "access_ms",
}  # fmt: skip


def on_keys(exchange: Exchange, given: Arguments) -> Made:
    cache, transaction_id = header(given)
    keys = given.one("keys") if "keys" in given else given.each("key")
    if given.get("count", len(keys)) != len(keys):
        raise Inexpressible("a count that is not the number of keys")
    return OPERATIONS[exchange.name](cache, [element(key) for key in keys]), transaction_id


def on_pairs(exchange: Exchange, given: Arguments) -> Made:
    cache, transaction_id = header(given)
    if "entries" in given or "pairs" in given:
        found = given.one("entries", "pairs")
    else:
        found = list(zip(given.each("key"), given.each("value"), strict=True))
    entries = {element(key): element(value) for key, value in found}
    if given.get("count", len(found)) != len(entries):
        raise Inexpressible("a key twice, or a count that is not the number of entries")
    return OPERATIONS[exchange.name](cache, entries), transaction_id


def on_cache(exchange: Exchange, given: Arguments) -> Made:
    cache, transaction_id = header(given)
    return OPERATIONS[exchange.name](cache), transaction_id


def size(exchange: Exchange, given: Arguments) -> Made:
    cache, transaction_id = header(given)
    modes = given.one("modes", "peek_modes") if "modes" in given or "peek_modes" in given else None
    return OPERATIONS[exchange.name](cache, given.each("mode") if modes is None else modes), (
        transaction_id
    )


def plain(*names: str) -> Make:
    """Requests whose arguments are what they are."""

    def make(exchange: Exchange, given: Arguments) -> Made:
        values = [given.one(*name.split("/")) for name in names]
        if len(given.items) > len(names) and exchange.file == "cache_ops.json":
            raise Inexpressible("something where nothing should be")
        return OPERATIONS[exchange.name](*values), None

    return make


def name_only(exchange: Exchange, given: Arguments) -> Made:
    if exchange.meaning["args"][0][1] != "str":
        raise Inexpressible("a name that is no string")
    return OPERATIONS[exchange.name](given.one("name")), None


# -- queries ---------------------------------------------------------------------------------------


def scan(exchange: Exchange, given: Arguments) -> Made:
    cache, transaction_id = header(given)
    if given.one("filter") is not None:
        raise Inexpressible("a filter, which is an object of a Java class")
    partition = given.one("partition")
    options = query.ScanOptions(
        given.one("page_size"), None if partition == -1 else partition, given.one("local")
    )
    return query.QUERY_SCAN(cache, options), transaction_id


def statement_args(given: Arguments) -> list[Any]:
    args = given.one("args") if "args" in given else given.each("arg")
    if given.get("arg_count", len(args)) != len(args):
        raise Inexpressible("a count that is not the number of arguments")
    return [element(arg) for arg in args]


FLAGS = (
    "distributed_joins", "local", "replicated_only", "enforce_join_order", "collocated", "lazy"
)  # fmt: skip


def partitions_of(given: Arguments) -> list[int] | None:
    if "partition_count" in given:
        count = given.one("partition_count")
        found = given.each("partition")
        if count == -1:
            return None
        if count != len(found):
            raise Inexpressible("a count that is not the number of partitions")
        return found
    found = given.get("partitions")
    return None if found in (None, -1) else found


def sql(exchange: Exchange, given: Arguments) -> Made:
    cache, transaction_id = header(given)
    timeout = given.one("timeout")
    if timeout not in range(-1, 2**31):
        raise Inexpressible("a time limit that is not a time")
    if "default query timeout" not in {item.value for item in exchange.features.active}:
        if timeout not in range(2**31):
            raise Inexpressible("a negative time limit where 0 says the same")
        timeout = timeout or None
    elif timeout == -1:
        timeout = None
    text = given.one("sql")
    if text is None:
        raise Inexpressible("no statement")
    options = query.SqlOptions(
        statement=text,
        args=statement_args(given),
        schema=given.one("schema"),
        page_size=given.one("page_size"),
        statement_type=given.one("statement_type"),
        timeout_ms=timeout,
        include_field_names=given.one("include_field_names", "include_names"),
        max_rows=given.one("max_rows"),
        partitions=partitions_of(given),
        update_batch_size=given.get("update_batch_size", 1),
        label=given.get("label"),
        **{name: given.one(name) for name in FLAGS},
    )
    return query.QUERY_SQL_FIELDS(cache, options), transaction_id


def entries(exchange: Exchange, given: Arguments) -> Made:
    cache, transaction_id = header(given)
    text = given.one("sql")
    if text is None:
        raise Inexpressible("no statement")
    options = query.EntriesOptions(
        type_name=given.one("type"),
        statement=text,
        args=statement_args(given),
        page_size=given.one("page_size"),
        distributed_joins=given.one("distributed_joins"),
        local=given.one("local"),
        replicated_only=given.one("replicated_only"),
        timeout_ms=given.one("timeout"),
    )
    return query.QUERY_SQL(cache, options), transaction_id


def vector(exchange: Exchange, given: Arguments) -> Made:
    cache, transaction_id = header(given)
    floats = given.one("vector")
    if isinstance(floats, dict):
        floats = floats["v"]
    if floats is None:
        raise Inexpressible("no vector")
    floats = [float.fromhex(one) if isinstance(one, str) else one for one in floats]
    options = query.VectorOptions(
        given.one("value_type"),
        given.one("field"),
        floats,
        given.one("k"),
        given.one("threshold"),
        given.one("page_size"),
    )
    return query.QUERY_VECTOR(cache, options), transaction_id


def page(exchange: Exchange, given: Arguments) -> Made:
    columns = given.get("columns", 2)
    result = exchange.meaning.get("result") or {}
    rows = result.get("rows") if isinstance(result, dict) else None
    if rows:
        columns = len(rows[0])
    return OPERATIONS[exchange.name](query.NextPage(given.one("cursor"), columns)), None


# -- configurations --------------------------------------------------------------------------------


def settings(exchange: Exchange, given: Arguments) -> Made:
    if "properties" in given:
        pairs = [(item[0], item[-1]) for item in given.one("properties")]
    elif "atomicity" in given:
        pairs = [(0, given.one("name")), (2, given.one("atomicity"))]
    else:
        groups = given.each("property")
        if given.one("property_count") != len(groups):
            raise Inexpressible("a count that is not the number of properties")
        pairs = [known for group in groups if (known := setting(group)) is not None]
        if len(pairs) != len(groups):
            raise Inexpressible("a property that nobody knows, or a plugin's")
    if len(dict(pairs)) != len(pairs):
        raise Inexpressible("a property twice")
    return OPERATIONS[exchange.name](checked_settings(dict(pairs))), None


# -- types and transactions ------------------------------------------------------------------------


def tx_start(exchange: Exchange, given: Arguments) -> Made:
    timeout = given.one("timeout", "timeout_ms")
    return transaction.TX_START(
        given.one("concurrency"), given.one("isolation"), timeout, given.one("label")
    ), None


def description(exchange: Exchange, given: Arguments) -> Made:
    # The captures name only what matters to them, so the description is read from the request.
    body = exchange.request_bytes[HEADER_SIZE:]
    try:
        found, _ = TypeDescription.parse(body)
    except DecodeError as exc:
        raise Inexpressible(str(exc)) from None
    return binary_types.BINARY_TYPE_PUT(found), None


def change_state(exchange: Exchange, given: Arguments) -> Made:
    state = ClusterState(exchange.request_bytes[HEADER_SIZE])
    return cluster_state.CLUSTER_CHANGE_STATE(cluster_state.StateChange(state)), None


# -- requests of which only the bytes were kept ----------------------------------------------------


def captured_arguments(exchange: Exchange) -> Arguments:
    """The arguments of a request, read from its bytes."""
    data, pos = exchange.request_bytes, HEADER_SIZE
    found: list[tuple[str, Any]] = []
    for name, kind in _SHAPES[exchange.name]:
        if kind == "header":
            number, flags = _ID_FLAGS.unpack_from(data, pos)
            pos += _ID_FLAGS.size
            found += [("cache_id", number), ("flags", flags)]
            if flags & 4:
                found.append(("expiry", _LIFETIMES.unpack_from(data, pos)))
                pos += _LIFETIMES.size
            if flags & 2:
                found.append(("tx_id", _NUMBERS["i32"].unpack_from(data, pos)[0]))
                pos += 4
        elif kind == "str":
            text, pos = scalars.read_string(data, pos)
            found.append((name, text))
        elif kind == "obj":
            tag = _TAGS[data[pos]]
            value, pos = Codec().read(data, pos)
            found.append((name, None if tag is None else {"t": tag, "v": value}))
        else:
            found.append((name, _NUMBERS[kind].unpack_from(data, pos)[0]))
            pos += _NUMBERS[kind].size
    if pos != len(data):
        raise Inexpressible("something where nothing should be")
    return Arguments(found)


_ID_FLAGS = Struct("<ib")
_LIFETIMES = Struct("<qqq")
_NUMBERS = {
    "bool": Struct("<?"),
    "i8": Struct("<b"),
    "i32": Struct("<i"),
    "i64": Struct("<q"),
}
_TAGS = {3: "int", 4: "long", 9: "string", 101: None}
_SHAPES: dict[str, list[tuple[str, str]]] = {
    "CACHE_GET": [("", "header"), ("key", "obj")],
    "CACHE_PUT": [("", "header"), ("key", "obj"), ("value", "obj")],
    "CACHE_CLEAR": [("", "header")],
    "CACHE_REMOVE_ALL": [("", "header")],
    "CACHE_GET_SIZE": [("", "header"), ("count", "i32")],
    "CACHE_GET_CONFIGURATION": [("", "header")],
    "QUERY_SCAN": [
        ("", "header"),
        ("filter", "obj"),
        ("page_size", "i32"),
        ("partition", "i32"),
        ("local", "bool"),
    ],
    "RESOURCE_CLOSE": [("resource", "i64")],
    "TX_START": [("concurrency", "i8"), ("isolation", "i8"), ("timeout", "i64"), ("label", "str")],
    "TX_END": [("tx_id", "i32"), ("commit", "bool")],
    "BINARY_TYPE_NAME_GET": [("platform", "i8"), ("type_id", "i32")],
    "BINARY_TYPE_NAME_PUT": [("platform", "i8"), ("type_id", "i32"), ("name", "str")],
    "BINARY_TYPE_GET": [("type_id", "i32")],
}

MAKERS: dict[str, Make] = {
    "CACHE_GET": on_key("key"),
    "CACHE_PUT": on_key("key", "value"),
    "CACHE_PUT_IF_ABSENT": on_key("key", "value"),
    "CACHE_GET_ALL": on_keys,
    "CACHE_PUT_ALL": on_pairs,
    "CACHE_GET_AND_PUT": on_key("key", "value"),
    "CACHE_GET_AND_REPLACE": on_key("key", "value"),
    "CACHE_GET_AND_REMOVE": on_key("key"),
    "CACHE_GET_AND_PUT_IF_ABSENT": on_key("key", "value"),
    "CACHE_REPLACE": on_key("key", "value"),
    "CACHE_REPLACE_IF_EQUALS": on_key("key", "expected", "new/value"),
    "CACHE_CONTAINS_KEY": on_key("key"),
    "CACHE_CONTAINS_KEYS": on_keys,
    "CACHE_CLEAR": on_cache,
    "CACHE_CLEAR_KEY": on_key("key"),
    "CACHE_CLEAR_KEYS": on_keys,
    "CACHE_REMOVE_KEY": on_key("key"),
    "CACHE_REMOVE_IF_EQUALS": on_key("key", "expected"),
    "CACHE_REMOVE_KEYS": on_keys,
    "CACHE_REMOVE_ALL": on_cache,
    "CACHE_GET_SIZE": size,
    "CACHE_GET_NAMES": plain(),
    "CACHE_CREATE_WITH_NAME": name_only,
    "CACHE_GET_OR_CREATE_WITH_NAME": name_only,
    "CACHE_CREATE_WITH_CONFIGURATION": settings,
    "CACHE_GET_OR_CREATE_WITH_CONFIGURATION": settings,
    "CACHE_GET_CONFIGURATION": on_cache,
    "CACHE_DESTROY": plain("cache_id"),
    "QUERY_SCAN": scan,
    "QUERY_SQL": entries,
    "QUERY_SQL_FIELDS": sql,
    "QUERY_VECTOR": vector,
    "QUERY_SCAN_CURSOR_GET_PAGE": page,
    "QUERY_SQL_CURSOR_GET_PAGE": page,
    "QUERY_SQL_FIELDS_CURSOR_GET_PAGE": page,
    "QUERY_VECTOR_CURSOR_GET_PAGE": page,
    "RESOURCE_CLOSE": plain("resource"),
    "TX_START": tx_start,
    "TX_END": plain("tx_id/tx", "commit"),
    "BINARY_TYPE_NAME_GET": plain("platform", "type_id"),
    "BINARY_TYPE_NAME_PUT": plain("platform", "type_id", "class/name"),
    "BINARY_TYPE_GET": plain("type_id"),
    "BINARY_TYPE_PUT": description,
    "BINARY_CONFIGURATION_GET": plain(),
    "CLUSTER_GET_STATE": plain(),
    "CLUSTER_CHANGE_STATE": change_state,
}


_MALFORMED = (
    "length field",
    "unknown type code",
    "tail missing",
    "label missing",
    "VECTOR index without similarity, bit 33,",
    "SORTED index with similarity, bit 33,",
)


def request_of(exchange: Exchange) -> Made:
    """The request, and the transaction that it is part of.

    Raises:
        Inexpressible: it cannot be said to our operations.
        ParameterError: it is refused before anything is encoded.
    """
    what = exchange.row["what"]
    if exchange.file == "cache_ops.json" and any(words in what for words in _MALFORMED):
        raise Inexpressible("malformed on purpose")
    make = MAKERS[exchange.name]
    given = Arguments.of(exchange)
    if exchange.name in _SHAPES and not given.says_what_is_sent:
        given = captured_arguments(exchange)
    return make(exchange, given)
