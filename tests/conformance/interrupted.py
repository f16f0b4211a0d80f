"""A program with a call that waits, to be interrupted: ``interrupted.py RUNTIME HOST:PORT``."""

from __future__ import annotations

import sys


def blocking(module: str, address: str) -> None:
    """In threads or greenlets."""
    import importlib

    with importlib.import_module(module).Client().connect(address) as client:
        print("connected", flush=True)
        client.get_cache("cache").get(1)


def main() -> None:
    """Run until interrupted."""
    runtime, address = sys.argv[1:]
    if runtime == "trio":
        import trio

        import gridgain_trio

        async def in_trio() -> None:
            async with gridgain_trio.open_client(address) as client:
                print("connected", flush=True)
                await client.get_cache("cache").get(1)

        trio.run(in_trio)
    elif runtime == "asyncio":
        import asyncio

        import gridgain_asyncio

        async def in_asyncio() -> None:
            async with gridgain_asyncio.open_client(address) as client:
                print("connected", flush=True)
                await client.get_cache("cache").get(1)

        asyncio.run(in_asyncio())
    elif runtime == "gevent patched":
        import gevent.monkey

        gevent.monkey.patch_all()
        blocking("gridgain_gevent", address)
    else:
        blocking({"sync": "gridgain_sync", "gevent": "gridgain_gevent"}[runtime], address)


if __name__ == "__main__":
    main()
