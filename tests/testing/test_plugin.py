"""The pytest plugin, used as its users do."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest

pytest_plugins = ["pytester"]

HEADER = """
import pytest
import gridgain_proto.exceptions as exceptions
"""


def run(pytester: pytest.Pytester, source: str) -> pytest.RunResult:
    """Run a user's test module; the plugin is there by its entry point, or else named."""
    pytester.makepyfile(HEADER + source)
    arguments = ["-p", "no:randomly", "-p", "no:cacheprovider", "-W", "error"]
    if not any(one.name == "gridgain" for one in entry_points(group="pytest11")):
        arguments += ["-p", "gridgain_testing.plugin"]  # an installation from before there was one
    return pytester.runpytest_subprocess(*arguments)


def test_every_test_has_a_node_of_its_own(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        """
@pytest.mark.parametrize("number", range(3))
def test_it_is_empty(gridgain_client, gridgain_node, number):
    assert gridgain_client.get_cache_names() == []
    gridgain_client.create_cache("c").put(1, number)
    assert gridgain_node.requests.names() == [
        "CACHE_GET_NAMES", "CACHE_CREATE_WITH_NAME", "CACHE_PUT"
    ]
    assert gridgain_node.requests[-1].args == (1, number)
    assert gridgain_node.requests[-1].cache == "c"
""",
    ).assert_outcomes(passed=3)


def test_faults(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        """
def test_an_error(gridgain_client, gridgain_node):
    cache = gridgain_client.create_cache("c")
    gridgain_node.fail("CACHE_PUT", status=1, message="no space left")
    with pytest.raises(exceptions.CacheError, match="no space left"):
        cache.put(1, 1)
    cache.put(1, 2)
    assert cache.get(1) == 2

def test_twice_after_one(gridgain_client, gridgain_node):
    cache = gridgain_client.create_cache("c")
    gridgain_node.fail("CACHE_GET", times=2, after=1)
    outcomes = []
    for _ in range(4):
        try:
            outcomes.append(cache.get(1))
        except exceptions.CacheError:
            outcomes.append("failed")
    assert outcomes == [None, "failed", "failed", None]

def test_late(gridgain_client, gridgain_node):
    cache = gridgain_client.create_cache("c")
    gridgain_node.delay("CACHE_GET", 5)
    with pytest.raises(TimeoutError):
        cache.get(1, timeout=0.1)
    gridgain_node.delay("CACHE_GET", 0.05)
    assert cache.get(1) is None

def test_never(gridgain_client, gridgain_node):
    cache = gridgain_client.create_cache("c")
    gridgain_node.drop("CACHE_PUT")
    with pytest.raises(TimeoutError):
        cache.put(1, 1, timeout=0.1)
    assert cache.get(1) == 1
    gridgain_node.drop("CACHE_PUT", execute=False)
    with pytest.raises(TimeoutError):
        cache.put(1, 2, timeout=0.1)
    assert cache.get(1) == 1

def test_cut(gridgain_client, gridgain_node):
    cache = gridgain_client.create_cache("c")
    gridgain_node.cut("CACHE_GET_AND_PUT")
    with pytest.raises(exceptions.OutcomeUnknown):
        cache.get_and_put(1, 1)
    assert cache.get(1) == 1

def test_killed(gridgain_client, gridgain_node):
    cache = gridgain_client.create_cache("c")
    gridgain_node.kill_connection("CACHE_GET_AND_PUT", cache="c")
    with pytest.raises(exceptions.OutcomeUnknown):
        cache.get_and_put(1, 1)
    assert cache.get(1) is None
    gridgain_node.kill_connection("CACHE_GET")
    assert cache.get(1) is None  # reading is repeated
    assert len(gridgain_node.requests.named("CACHE_GET")) == 3

def test_forgiven(gridgain_client, gridgain_node):
    gridgain_node.fail(times=None)
    with pytest.raises(exceptions.CacheError):
        gridgain_client.create_cache("c")
    gridgain_node.forgive()
    gridgain_client.create_cache("c")

def test_unknown(gridgain_node):
    with pytest.raises(exceptions.ParameterError):
        gridgain_node.fail("CACHE_PUTT")
""",
    ).assert_outcomes(passed=8)


def test_every_runtime(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        """
import asyncio
import trio

async def use(connecting):
    async with connecting as client:
        cache = await client.create_cache("c")
        await cache.put(1, "one")
        return await cache.get(1)

def test_trio(gridgain_trio_client):
    assert trio.run(use, gridgain_trio_client) == "one"

def test_asyncio(gridgain_asyncio_client):
    assert asyncio.run(use(gridgain_asyncio_client)) == "one"

def test_gevent(gridgain_gevent_client):
    cache = gridgain_gevent_client.create_cache("c")
    cache.put(1, "one")
    assert cache.get(1) == "one"
""",
    ).assert_outcomes(passed=3)


def test_options_and_clusters(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        """
from gridgain_proto import Product
from gridgain_sync import Client

@pytest.fixture
def gridgain_node_options():
    return {"product": Product.IGNITE}

@pytest.fixture
def gridgain_client_options():
    return {"timeout": 3}

def test_product(gridgain_client):
    assert "Apache Ignite" in repr(gridgain_client)

def test_cluster(gridgain_cluster):
    with Client(timeout=5).connect(gridgain_cluster.addresses) as client:
        cache = client.create_cache({0: "c", 3: 1})
        cache.put(1, 1)
        gridgain_cluster[0].kill()
        assert cache.get(1) == 1
    ports = {request.port for request in gridgain_cluster.requests}
    assert ports <= {node.port for node in gridgain_cluster}
""",
    ).assert_outcomes(passed=2)


def test_what_is_recorded(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        """
from gridgain_proto.datatypes.transactions import TransactionConcurrency

def test_args(gridgain_client, gridgain_node):
    cache = gridgain_client.create_cache({0: "c", 2: 0})
    gridgain_node.requests.clear()
    cache.put_all({1: "a", 2: "b"})
    cache.get_all([1, 2])
    cache.replace_if_equals(1, "a", "z")
    list(gridgain_client.sql("SELECT ?", query_args=[5]))
    with gridgain_client.tx_start():
        cache.with_expire_policy(create=1000).put(3, "c")
    requests = {request.name: request for request in gridgain_node.requests}
    assert requests["CACHE_PUT_ALL"].args == ([(1, "a"), (2, "b")],)
    assert requests["CACHE_GET_ALL"].args == ([1, 2],)
    assert requests["CACHE_REPLACE_IF_EQUALS"].args == (1, "a", "z")
    assert requests["QUERY_SQL_FIELDS"].args == ("SELECT ?", 5)
    assert requests["CACHE_PUT"].args == (3, "c")
    assert gridgain_node.requests[:1][0].name == "CACHE_PUT_ALL"
    assert len(gridgain_node.requests.all()) >= len(gridgain_node.requests)
    assert "TX_START" in repr(gridgain_node.requests)
""",
    ).assert_outcomes(passed=1)
