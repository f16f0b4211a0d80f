"""The checklist's rows on getting caches, keys and values, hints, and scans."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from gridgain_proto.codec import Codec
from gridgain_proto.datatypes import CharObject, LongObject, ShortObject
from gridgain_proto.datatypes.prop_codes import PROP_BACKUPS_NUMBER, PROP_CACHE_MODE, PROP_NAME
from gridgain_proto.exceptions import CacheExists, CacheNotFound, EncodeError, ParameterError
from gridgain_sync import Client
from tests.ignite import Node

from . import snippets


@pytest.fixture
def alone(client: Client) -> None:
    """Nothing of the guide's own names is there."""
    for name in ("myCache", "my_cache", "my cache"):
        if name in client.get_cache_names():
            client.get_cache(name).destroy()


def test_rows_29_30_a_cache_by_name_is_not_asked_for(client: Client) -> None:
    unconnected = Client()
    cache = unconnected.get_cache("no such cache")
    assert cache.name == "no such cache"
    with pytest.raises(CacheNotFound, match="Cache does not exist") as caught:
        client.get_cache("no such cache").get(1)
    assert caught.value.status == 1000


def test_rows_31_32_33_each_method_takes_a_name_or_properties(client: Client, name: str) -> None:
    settings = {PROP_NAME: name, PROP_CACHE_MODE: 2, PROP_BACKUPS_NUMBER: 1}
    created = client.create_cache(settings)
    created.put(1, 2)
    for again in (settings, name):
        with pytest.raises(CacheExists):
            client.create_cache(again)
        assert client.get_or_create_cache(again).get(1) == 2
        assert client.get_cache(again).get(1) == 2
    created.destroy()
    for settings_or_name in (settings, name):
        client.get_or_create_cache(settings_or_name).destroy()


@pytest.mark.usefixtures("alone")
def test_row_34_the_example_of_a_name(ignite_node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    names, _ = snippets.run(snippets.CREATE, ignite_node, monkeypatch)
    assert "myCache" in names["client"].get_cache_names()
    names["my_cache"].destroy()
    names["client"].close()


@pytest.mark.usefixtures("alone")
def test_rows_36_37_38_39_the_example_of_properties(
    ignite_node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, lines = snippets.run(snippets.CREATE_WITH_PROPERTIES, ignite_node, monkeypatch)
    assert lines == ["test"]
    client = names["client"]
    described = client.get_binary_type("PersonKey")
    assert described is not None
    assert {field.name for field in described.fields} == {"personId", "companyId"}
    assert names["my_cache"].settings[PROP_BACKUPS_NUMBER] == 2
    names["my_cache"].destroy()
    client.close()


def test_row_81_where_the_class_of_caches_is(client: Client, name: str) -> None:
    cache_class = importlib.import_module("gridgain_proto.cache").Cache
    assert isinstance(client.get_cache(name), cache_class)
    for method in ("put", "get", "put_all", "get_all", "replace", "remove_keys", "get_size"):
        assert callable(getattr(cache_class, method))


@pytest.mark.usefixtures("alone")
def test_rows_82_83_84_the_key_value_example(
    ignite_node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, lines = snippets.run(snippets.KEY_VALUE, ignite_node, monkeypatch)
    assert lines == ["42", "None", "{'my key': 42}"]
    assert type(names["result"]) is dict
    names["my_cache"].destroy()
    names["client"].close()


def test_row_85_hints_of_single_keys_and_values(client: Client, name: str) -> None:
    cache = client.create_cache(name)
    assert cache.put_if_absent(1, 2, key_hint=ShortObject, value_hint=ShortObject)
    assert cache.get(1) is None
    assert cache.get(1, key_hint=ShortObject) == 2
    assert cache.replace(1, 3, ShortObject, ShortObject)
    assert cache.replace_if_equals(1, 3, 4, ShortObject, ShortObject, LongObject)
    assert not cache.remove_if_equals(1, 4, ShortObject, ShortObject)
    assert cache.remove_if_equals(1, 4, ShortObject, LongObject)
    cache.destroy()


def test_row_86_hints_of_elements(client: Client, name: str) -> None:
    cache = client.create_cache(name)
    cache.put_all(
        {(1, ShortObject): ("a", CharObject), 1: [(2, ShortObject), {"k": (3, ShortObject)}]}
    )
    assert cache.get_all([(1, ShortObject)]) == {1: "a"}
    assert cache.get(1) == [2, {"k": 3}]
    assert cache.contains_keys([1, (1, ShortObject)])
    assert list(cache.sql("SELECT ?", query_args=[(5, ShortObject)])) == [[5]]
    cache.clear_keys([(1, ShortObject)])
    assert cache.get_size() == 1
    cache.destroy()


def test_rows_88_89_sizes_of_42() -> None:
    codec = Codec()
    assert len(codec.encode(42)) == 9
    assert len(codec.encode(42, ShortObject)) == 3
    with pytest.raises(EncodeError):
        codec.encode(70_000, ShortObject)


@pytest.mark.usefixtures("alone")
def test_rows_90_91_the_example_of_hints(
    ignite_node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, lines = snippets.run(snippets.HINTS, ignite_node, monkeypatch)
    assert lines == ["1", "2"]
    assert names["my_cache"].get_all(["a", ("a", CharObject)]) == {}
    names["my_cache"].destroy()
    names["client"].close()


@pytest.mark.usefixtures("alone")
def test_rows_104_105_106_the_example_of_scans(
    ignite_node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, lines = snippets.run(snippets.SCAN, ignite_node, monkeypatch)
    expected = {f"key_{number}": number for number in range(20)}
    assert sorted(lines[:20]) == sorted(f"{key} {value}" for key, value in expected.items())
    assert eval(lines[20]) == expected
    assert list(names["result"]) == []  # iterable once
    pairs = list(names["my_cache"].scan(page_size=3))
    assert all(type(pair) is tuple and len(pair) == 2 for pair in pairs)
    names["my_cache"].destroy()
    names["client"].close()


# -- beyond the rows -----------------------------------------------------------------------------


def test_clearing_no_keys_clears_nothing(client: Client, name: str) -> None:
    cache = client.create_cache(name)
    cache.put(1, 2)
    cache.clear([])
    cache.clear_keys([])
    cache.remove_keys([])
    assert cache.get(1) == 2
    cache.clear([1])
    assert cache.get(1) is None
    cache.put_all({1: 2, 3: 4})
    cache.clear()
    assert cache.get_size() == 0
    cache.destroy()


def test_a_cache_as_a_mapping(client: Client, name: str) -> None:
    cache = client.create_cache(name)
    cache.put_all({number: str(number) for number in range(10)})
    assert 5 in cache
    assert 10 not in cache
    assert sorted(cache) == list(range(10))
    assert bool(cache)
    with pytest.raises(TypeError):
        len(cache)  # type: ignore[arg-type]
    cache.destroy()


def test_sizes_by_peek_modes(client: Client, name: str) -> None:
    cache = client.create_cache(name)
    cache.put_all({number: number for number in range(10)})
    assert cache.get_size() == 10
    assert cache.get_size(0) == cache.get_size([2, 3]) == 10
    assert cache.get_size([3]) == 0
    with pytest.raises(ParameterError):
        cache.get_size([1.5])  # type: ignore[list-item]
    cache.destroy()


def test_a_name_whose_hash_is_0(client: Client) -> None:
    cache = client.create_cache("f5a5a608")
    cache.put(1, 2)
    assert cache.cache_id == 1
    assert client.get_cache("f5a5a608").get(1) == 2
    cache.destroy()


@pytest.mark.parametrize("wrong", ["", None, 5, b"name", {}, {PROP_NAME: ""}, {PROP_NAME: 5}])
def test_wrong_names(client: Client, wrong: Any) -> None:
    for method in (client.get_cache, client.create_cache, client.get_or_create_cache):
        with pytest.raises(ParameterError):
            method(wrong)
