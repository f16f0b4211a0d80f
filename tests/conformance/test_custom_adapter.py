"""The adapter of the examples holds what any adapter has to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

import pytest

from examples.custom_adapter import Client
from gridgain_proto.client.client import AsyncClient
from gridgain_proto.client.options import ClientKeywords

from .blocking import coloured
from .conftest import servers_of
from .harness import Listed
from .in_threads import ThreadHarness
from .scenarios import scenario


class CustomHarness(ThreadHarness):
    """The example's adapter. Its client is for one thread at a time; the scenarios keep to that."""

    name = "custom adapter"

    def client(self, **options: Unpack[ClientKeywords]) -> AsyncClient:
        return coloured(Client(**options))


@pytest.mark.parametrize(
    ("listed", "server"),
    [
        pytest.param(listed, server, id=f"{listed.name} {server}".rstrip(), marks=marks)
        for listed in scenario.listed.values()
        if listed.basic
        for server, marks in servers_of(listed)
    ],
)
def test_basic_scenario(
    listed: Listed, server: str, facts_of: Callable[[str | None, str], dict[str, str]]
) -> None:
    CustomHarness(facts_of(listed.live, server)).run(listed.function)
