"""Random operations on a cache do what they do to a dict."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gridgain_proto.datatypes.cache_config import CacheAtomicityMode
from gridgain_proto.datatypes.prop_codes import PROP_CACHE_ATOMICITY_MODE, PROP_NAME

from .memory import MemoryClient, bytewise, one_node, whole

KEYS = st.one_of(st.integers(0, 5), st.sampled_from(["a", "b", "ü"]), st.booleans().map(str))
VALUES = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.text(max_size=3), st.lists(st.integers(0, 3), max_size=3)
)


class CacheModel(RuleBasedStateMachine):
    """A cache beside a dict."""

    @initialize(atomic=st.booleans(), split=st.booleans())
    def start(self, atomic: bool, split: bool) -> None:
        mode = CacheAtomicityMode.ATOMIC if atomic else CacheAtomicityMode.TRANSACTIONAL
        client = MemoryClient(one_node(), cut=bytewise if split else whole)
        self.cache: Any = client.create_cache({PROP_NAME: "model", PROP_CACHE_ATOMICITY_MODE: mode})
        self.model: dict[Any, Any] = {}

    @rule(key=KEYS)
    def get(self, key: Any) -> None:
        assert self.cache.get(key) == self.model.get(key)

    @rule(key=KEYS, value=VALUES)
    def put(self, key: Any, value: Any) -> None:
        self.cache.put(key, value)
        self.model[key] = value

    @rule(key=KEYS, value=VALUES)
    def put_if_absent(self, key: Any, value: Any) -> None:
        assert self.cache.put_if_absent(key, value) == (key not in self.model)
        self.model.setdefault(key, value)

    @rule(key=KEYS, value=VALUES)
    def get_and_put(self, key: Any, value: Any) -> None:
        assert self.cache.get_and_put(key, value) == self.model.get(key)
        self.model[key] = value

    @rule(key=KEYS, value=VALUES)
    def get_and_replace(self, key: Any, value: Any) -> None:
        assert self.cache.get_and_replace(key, value) == self.model.get(key)
        if key in self.model:
            self.model[key] = value

    @rule(key=KEYS, expected=VALUES, value=VALUES)
    def replace_if_equals(self, key: Any, expected: Any, value: Any) -> None:
        equal = key in self.model and self.model[key] == expected
        assert self.cache.replace_if_equals(key, expected, value) == equal
        if equal:
            self.model[key] = value

    @rule(key=KEYS)
    def get_and_remove(self, key: Any) -> None:
        assert self.cache.get_and_remove(key) == self.model.pop(key, None)

    @rule(key=KEYS)
    def remove(self, key: Any) -> None:
        assert self.cache.remove_key(key) == (self.model.pop(key, None) is not None)

    @rule(entries=st.dictionaries(KEYS, VALUES, max_size=5))
    def put_all(self, entries: dict[Any, Any]) -> None:
        self.cache.put_all(entries)
        self.model.update(entries)

    @rule(keys=st.lists(KEYS, max_size=5))
    def get_all(self, keys: list[Any]) -> None:
        wanted = {key: self.model[key] for key in keys if key in self.model}
        assert self.cache.get_all(keys) == wanted

    @rule(keys=st.lists(KEYS, max_size=5))
    def remove_keys(self, keys: list[Any]) -> None:
        self.cache.remove_keys(keys)
        for key in keys:
            self.model.pop(key, None)

    @rule(keys=st.lists(KEYS, max_size=5))
    def contains_keys(self, keys: list[Any]) -> None:
        assert self.cache.contains_keys(keys) == all(key in self.model for key in keys)

    @rule(page_size=st.integers(1, 4))
    def scan(self, page_size: int) -> None:
        assert dict(self.cache.scan(page_size=page_size)) == self.model

    @rule()
    def clear(self) -> None:
        self.cache.clear()
        self.model.clear()

    @invariant()
    def size(self) -> None:
        if hasattr(self, "cache"):
            assert self.cache.get_size() == len(self.model)


TestCacheModel = CacheModel.TestCase
TestCacheModel.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
