"""The site is built without a warning, and has all that is public."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import zlib
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Final

import pytest

from tests.docs.blocks import ROOT

#: The modules that users import.
MODULES: Final = (
    "gridgain_asyncio",
    "gridgain_gevent",
    "gridgain_proto",
    "gridgain_proto.cache",
    "gridgain_proto.codec",
    "gridgain_proto.cursors",
    "gridgain_proto.datatypes",
    "gridgain_proto.datatypes.cache_config",
    "gridgain_proto.datatypes.expiry_policy",
    "gridgain_proto.datatypes.prop_codes",
    "gridgain_proto.events",
    "gridgain_proto.exceptions",
    "gridgain_proto.monitoring",
    "gridgain_proto.node",
    "gridgain_proto.transaction",
    "gridgain_sync",
    "gridgain_sync.node",
    "gridgain_testing.node",
    "gridgain_testing.plugin",
    "gridgain_trio",
)


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """Everything that the site has an entry for, by its path in Python."""
    site = tmp_path_factory.mktemp("site")
    build = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", site],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert build.returncode == 0, build.stdout
    inventory = (site / "objects.inv").read_bytes()
    entries = zlib.decompress(inventory.split(b"\n", 4)[4]).decode("utf-8")
    return frozenset(line.split()[0] for line in entries.splitlines())


def public_names(module: ModuleType) -> list[str]:
    """What a module is there for: what it says, or else what it defines."""
    if hasattr(module, "__all__"):
        return [name for name in module.__all__ if not name.startswith("__")]
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", "gridgain") == module.__name__
    ]


def is_documented(module: ModuleType, name: str, documented: frozenset[str]) -> bool:
    """Whether there is an entry for a name, or for what it is another name of."""
    value = getattr(module, name)
    if not isinstance(value, type | FunctionType):  # it does not know where it comes from
        return any(path.endswith(f".{name}") for path in documented)
    return not documented.isdisjoint(
        {f"{module.__name__}.{name}", f"{value.__module__}.{value.__qualname__}"}
    )


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_is_in_the_reference(name: str, documented: frozenset[str]) -> None:
    module = importlib.import_module(name)
    names = public_names(module)
    assert names
    assert [one for one in names if not is_documented(module, one, documented)] == []


def test_what_is_not_there_is_found() -> None:
    module = importlib.import_module("gridgain_sync")
    assert not is_documented(module, "Client", frozenset({"gridgain_trio.Client"}))


@pytest.mark.parametrize("page", sorted(ROOT.glob("*.md")), ids=lambda page: page.name)
def test_links_of_pages_outside_of_the_site(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if "://" not in target and not (ROOT / target).exists()]
    assert missing == []
