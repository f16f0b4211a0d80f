# mypy: ignore-errors
"""The peer's side of the codec's benchmark; runs in an environment that has pygridgain 1.6.

It reads cases from its standard input, as pickles, and answers with the seconds each run took.
"""

from __future__ import annotations

import pickle
import sys
from collections import OrderedDict
from time import process_time
from typing import Any

import codec_cases
from pygridgain import GenericObjectMeta
from pygridgain.datatypes import (
    AnyDataObject,
    BoolObject,
    DoubleObject,
    FloatArrayObject,
    IntObject,
    LongObject,
    Map,
    String,
)
from pygridgain.queries.response import SQLResponse
from pygridgain.stream import BinaryStream


class Five(
    metaclass=GenericObjectMeta,
    type_name="Five",
    schema=OrderedDict(
        [("a", IntObject), ("b", String), ("c", DoubleObject), ("d", BoolObject), ("e", LongObject)]
    ),
):
    pass


class Client:
    """What the peer's codec asks of its client; no network."""

    compact_footer = True

    def query_binary_type(self, type_id: int, schema: int) -> Any:
        return Five

    def register_binary_type(self, *args: Any, **kwargs: Any) -> None:
        pass

    def unwrap_binary(self, value: Any) -> Any:
        blob, _ = value
        with BinaryStream(self, blob) as stream:
            from pygridgain.datatypes import BinaryObject

            parsed = BinaryObject.parse(stream)
            return BinaryObject.to_python(stream.read_ctype(parsed, direction=1), client=self)


CLIENT = Client()


def objects(pairs: Any) -> Any:
    return {key: Five(*fields) for key, fields in pairs}


def prepare(case: Any) -> Any:
    made = codec_cases.values(case.kind, case.rows)
    if case.kind == "int_object":
        return objects(made)
    if case.kind == "int_str":
        return dict(made)
    return made


def encode(case: Any, value: Any) -> None:
    with BinaryStream(CLIENT) as stream:
        if isinstance(value, dict):
            Map.from_python(stream, value)
        elif case.kind == "floats":
            for one in value:
                FloatArrayObject.from_python(stream, one)
        else:
            AnyDataObject.from_python(stream, value)
        stream.getvalue()


def decode(case: Any, data: bytes) -> None:
    with BinaryStream(CLIENT, data) as stream:
        if case.kind in ("int_int", "int_str", "int_object"):
            parsed = Map.parse(stream)
            value = Map.to_python(stream.read_ctype(parsed, direction=1), client=CLIENT)
            if case.kind == "int_object":
                [CLIENT.unwrap_binary(one) for one in value.values() if isinstance(one, tuple)]
        elif case.kind == "sql":
            response = SQLResponse()
            fields: list[Any] = []
            response._parse_success(stream, fields)
            import ctypes

            whole = type(
                "Whole", (ctypes.LittleEndianStructure,), {"_pack_": 1, "_fields_": fields}
            )
            stream.seek(0)
            response.to_python(stream.read_ctype(whole), client=CLIENT)
        else:
            for _ in range(case.rows):
                parsed = AnyDataObject.parse(stream)
                AnyDataObject.to_python(stream.read_ctype(parsed, direction=1), client=CLIENT)


def main() -> None:
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    prepared: dict[str, Any] = {}
    while True:
        try:
            fields, data, loops = pickle.load(source)
        except EOFError:
            return
        case = codec_cases.Case(*fields)
        if not case.decode and case.name not in prepared:
            prepared[case.name] = prepare(case)
        value = prepared.get(case.name)
        started = process_time()
        for _ in range(loops):
            if case.decode:
                decode(case, data)
            else:
                encode(case, value)
        pickle.dump(process_time() - started, sink)
        sink.flush()


if __name__ == "__main__":
    main()
