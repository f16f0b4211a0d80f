"""What a user has who installs the wheel, on each supported version of Python.

A node in memory is served from the wheel too, by a process of its own.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from gridgain_proto import __version__

from .environments import Environment, run, run_quickstart
from .project import PACKAGES

VERSIONED = sorted(PACKAGES - {"gridgain_cli", "gridgain_testing"})


# -- the wheel alone -------------------------------------------------------------------------------


def test_nothing_else_is_installed(bare: Environment) -> None:
    listed = json.loads(bare.pip("list", "--format", "json"))
    assert {one["name"] for one in listed} - {"pip", "setuptools"} == {"gridgain-proto"}


@pytest.mark.parametrize("name", ["quickstart", "quickstart_asyncio"])
def test_quickstart_without_dependencies(name: str, bare: Environment) -> None:
    run_quickstart(bare, name)


def test_the_command_says_what_it_lacks(bare: Environment) -> None:
    failed = subprocess.run(
        [bare.bin / "gridgain", "demo"],
        cwd=bare.empty, env=bare.variables, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr == "The command line needs click: pip install 'gridgain-proto[cli]'\n"


# -- with extras -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["quickstart_trio", "quickstart_gevent"])
def test_quickstart(name: str, full: Environment) -> None:
    run_quickstart(full, name)


def test_one_version_everywhere(full: Environment) -> None:
    printed = full.python(
        "-c",
        "from importlib import import_module, metadata\n"
        "print(metadata.version('gridgain-proto'))\n"
        f"for name in {VERSIONED}: print(import_module(name).__version__)",
    )
    assert printed.split() == [__version__] * (1 + len(VERSIONED))


def test_all_comes_from_the_installation(full: Environment) -> None:
    printed = full.python(
        "-c",
        "from importlib import import_module\n"
        f"for name in {sorted(PACKAGES)}: print(import_module(name).__file__)",
    )
    for file in map(Path, printed.splitlines()):
        assert file.is_relative_to(full.folder / "lib")


@pytest.mark.parametrize("adapter", ["gridgain_sync", "gridgain_asyncio"])
def test_importing_loads_no_other_package(adapter: str, full: Environment) -> None:
    printed = full.python(
        "-c",
        "import sys\n"
        "before = set(sys.modules)\n"
        f"import {adapter}\n"
        "loaded = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(loaded - sys.stdlib_module_names))",
    )
    assert printed.split() == sorted(["gridgain_proto", adapter])


def test_the_command(full: Environment) -> None:
    def gridgain(*arguments: str) -> str:
        # With a home of its own, so that no configuration file of the user is read.
        variables = {**full.variables, "HOME": str(full.empty)}
        return run([full.bin / "gridgain", *arguments], cwd=full.empty, env=variables)

    assert gridgain("--version") == f"gridgain, version {__version__}\n"
    with full.node() as address:
        gridgain("-a", address, "put", "--create", "people", "1", "42")
        assert gridgain("-a", address, "get", "people", "1") == "42\n"


def test_the_plugin_of_pytest(full: Environment, tmp_path: Path) -> None:
    (tmp_path / "test_user.py").write_text(
        "def test_put(gridgain_client, gridgain_node):\n"
        "    gridgain_client.create_cache('c').put(1, 2)\n"
        "    assert gridgain_node.requests.names()[-1] == 'CACHE_PUT'\n",
        encoding="utf-8",
    )
    printed = full.python("-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=tmp_path)
    assert "1 passed" in printed
