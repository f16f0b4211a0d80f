"""The client for threads."""

from __future__ import annotations

from typing import Unpack

from gridgain_proto.client.blocking import BlockingClient
from gridgain_proto.client.client import AsyncClient
from gridgain_proto.client.options import ClientKeywords

from .runtime import ThreadRuntime


class _Flows(AsyncClient):
    def _make_runtime(self) -> ThreadRuntime:
        return ThreadRuntime()


class Client(BlockingClient):
    """A client of one cluster, for any number of threads at once.

    They share one connection; whoever waits first reads for all, so there is no background thread.
    It can be used after a fork: the child connects anew.

    Args:
        options: see `gridgain_proto.client.options.ClientOptions`.

    Raises:
        ParameterError: an option is wrong.
    """

    def __init__(self, **options: Unpack[ClientKeywords]) -> None:
        super().__init__(_Flows(**options))
