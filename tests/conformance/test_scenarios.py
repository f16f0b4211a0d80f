"""Every scenario in every runtime. A runtime that lacks something fails; it does not skip."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from .conftest import GreenletWorker, has_uvloop
from .harness import Harness, Listed, Traits
from .in_asyncio import AsyncioHarness, UvloopHarness
from .in_threads import ThreadHarness
from .in_trio import TrioHarness
from .scenarios import scenario

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

IN_PROCESS: list[type[Harness]] = [ThreadHarness, TrioHarness, AsyncioHarness]
if has_uvloop():
    IN_PROCESS.append(UvloopHarness)


class _Gevent(Traits):
    """What is known here of the runtime in the other processes."""

    name = "gevent"
    blocking = True
    cancels = True


def cases(runtime: type[Traits]) -> list[ParameterSet]:
    """The scenarios that have a meaning in a runtime."""
    return [
        pytest.param(
            runtime,
            listed,
            id=f"{runtime.name}: {listed.name}",
            marks=[pytest.mark.live] if listed.live else [],
        )
        for listed in scenario.listed.values()
        if listed.only_if(runtime)
    ]


@pytest.mark.parametrize(
    ("runtime", "listed"), [case for runtime in IN_PROCESS for case in cases(runtime)]
)
def test_in_this_process(
    runtime: type[Harness],
    listed: Listed,
    facts_of: Callable[[str | None], dict[str, str]],
) -> None:
    runtime(facts_of(listed.live)).run(listed.function)


@pytest.mark.parametrize("kind", ["patched", "unpatched"])
@pytest.mark.parametrize(("runtime", "listed"), cases(_Gevent))
def test_in_gevent(
    kind: str,
    runtime: type[Traits],
    listed: Listed,
    facts_of: Callable[[str | None], dict[str, str]],
    request: pytest.FixtureRequest,
) -> None:
    worker: GreenletWorker = request.getfixturevalue(f"gevent_{kind}")
    problem = worker.run(listed.name, facts_of(listed.live), f"{runtime.name} {kind}")
    assert not problem, problem
