"""What captured answers mean."""

from __future__ import annotations

from typing import Any

from gridgain_proto import scalars
from gridgain_proto.codec import Codec, TypeDescription
from gridgain_proto.datatypes import ClusterState
from gridgain_proto.events import ResponseReceived
from gridgain_proto.features import FLAGS_SINCE
from gridgain_proto.operations.query import FirstPage, Page

from .captured_settings import told
from .exchanges import Exchange
from .values import check

_VALUES = {
    "CACHE_GET",
    "CACHE_GET_AND_PUT",
    "CACHE_GET_AND_PUT_IF_ABSENT",
    "CACHE_GET_AND_REMOVE",
    "CACHE_GET_AND_REPLACE",
}


def reply(exchange: Exchange) -> ResponseReceived | None:
    """The answer as a connection hands it out; None if the server closed it instead."""
    data = exchange.response_bytes
    if data is None:
        return None
    request_id, pos = scalars.read_int64(data, 4)
    status, message = 0, None
    if exchange.features.version < FLAGS_SINCE:
        status, pos = scalars.read_int32(data, pos)
        if status:
            message, pos = scalars.read_string(data, pos)
    else:
        flags, pos = scalars.read_int16(data, pos)
        if flags & 2:
            pos += 12
        if flags & 1:
            status, pos = scalars.read_int32(data, pos)
            message, pos = scalars.read_string(data, pos)
    return ResponseReceived(request_id, status, message, data, pos)


def error_of(exchange: Exchange) -> tuple[int, str | None] | None:
    """Status and message of an error."""
    meaning = exchange.meaning
    for place in (meaning.get("error"), meaning.get("result"), meaning):
        if isinstance(place, dict) and "status" in place:
            return place["status"], place.get("message")
    return None


def check_answer(exchange: Exchange, codec: Codec, result: Any) -> None:
    """Compare what was read with what was captured."""
    wanted: Any = exchange.meaning.get("result")
    if isinstance(wanted, dict) and "value" in wanted and "t" not in wanted:
        wanted = wanted["value"]
    if isinstance(result, FirstPage | Page):
        _check_page(codec, result, wanted)
    elif exchange.name == "CACHE_GET_ALL":
        _check_rows(codec, result, wanted["entries"] if isinstance(wanted, dict) else wanted)
    elif exchange.name == "CACHE_GET_CONFIGURATION":
        if wanted is not None:
            _check_settings(codec, result, told(wanted))
    elif isinstance(result, TypeDescription):
        _check_description(result, wanted)
    elif exchange.name == "CACHE_GET_NAMES":
        assert result == wanted["names"]
    elif exchange.name == "BINARY_CONFIGURATION_GET":
        assert tuple(result) == tuple(wanted.values() if isinstance(wanted, dict) else wanted)
    elif isinstance(result, ClusterState):
        assert result == wanted
    elif exchange.name == "BINARY_TYPE_GET":
        assert result is None
        assert wanted in (None, {"exists": False})
    elif exchange.name in _VALUES:
        if "result" in exchange.meaning:
            check(codec, result, wanted if wanted != {} else None)
    elif result is not None and "result" in exchange.meaning:
        assert result == wanted
    else:
        assert wanted in (None, {}) or set(wanted) == {"topology"}


def _check_page(codec: Codec, result: FirstPage | Page, wanted: Any) -> None:
    if wanted is None or "payload" in wanted:
        return  # only its bytes were kept
    page = result.page if isinstance(result, FirstPage) else result
    if isinstance(result, FirstPage):
        assert result.cursor_id == wanted["cursor"]
        names = wanted.get("names", wanted.get("columns"))
        if isinstance(names, list):
            assert result.names == names
            assert result.columns == len(names)
    _check_rows(codec, page.rows, wanted["rows"] if "rows" in wanted else wanted["entries"])
    assert page.more == wanted.get("more", wanted.get("has_more"))


def _check_rows(codec: Codec, rows: list[Any], wanted: list[Any]) -> None:
    assert len(rows) == len(wanted)
    for row, wanted_row in zip(rows, wanted, strict=True):
        assert len(row) == len(wanted_row)
        for value, tagged in zip(row, wanted_row, strict=True):
            check(codec, value, tagged)


def _check_settings(codec: Codec, result: dict[int, Any], wanted: dict[int, Any]) -> None:
    for entity, wanted_entity in zip(result[200], wanted[200], strict=True):
        for field, wanted_field in zip(
            entity["query_fields"], wanted_entity["query_fields"], strict=True
        ):
            check(codec, field.pop("default_value"), wanted_field.pop("default_value"))
    assert {code: value for code, value in result.items() if value is not None} == {
        code: value for code, value in wanted.items() if value is not None
    }


def _check_description(result: TypeDescription, wanted: dict[str, Any]) -> None:
    assert result.type_id == wanted["type_id"]
    assert result.name == wanted.get("type_name", wanted.get("name"))
    assert result.affinity_key_field == wanted.get("affinity_field", wanted.get("affinity"))
    assert [[field.name, field.type_code, field.field_id] for field in result.fields] == wanted[
        "fields"
    ]
    assert result.is_enum == wanted["is_enum"]
    constants = wanted.get("enum_values", wanted.get("enum"))
    assert [list(constant) for constant in result.enum_constants] == (constants or [])
    assert [[key, list(ids)] for key, ids in result.schemas.items()] == wanted["schemas"]
