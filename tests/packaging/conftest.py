"""The built distributions, and environments that they are installed into.

They are built once a session, by ``python -m build``, which makes the wheel from the source
archive; or they are taken from the folder that ``GRIDGAIN_DIST`` names. Building and installing
need a package index.
"""

from __future__ import annotations

import os
import sys
import tarfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from .environments import Environment, run
from .interpreters import RUNNING, find_interpreter, supported_versions
from .project import EXTRAS, ROOT

FOLDER = Path(__file__).parent

#: Makes the environment of a version, with the wheel and some of its extras.
Environments = Callable[[str, str], Environment]

_missing = pytest.StashKey[set[str]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gives the first test, which waits until all is built or installed, the time to do so."""
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.add_marker(pytest.mark.timeout(900))


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the source archive."""
    if given := os.environ.get("GRIDGAIN_DIST"):
        return Path(given).resolve()
    folder = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--outdir", folder, ROOT], cwd=folder)
    return folder


@pytest.fixture(scope="session")
def wheel(dist: Path) -> Path:
    """The wheel."""
    (wheel,) = dist.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def accelerated_wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel for this platform, with the codec's compiled twin, built from the archive."""
    folder = tmp_path_factory.mktemp("accelerated")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    root = folder / sdist.name.removesuffix(".tar.gz")
    variables = {**os.environ, "GRIDGAIN_ACCELERATOR": "1", "CFLAGS": "-Wall -Wextra -Werror"}
    command: list[str | Path] = [sys.executable, "-m", "build", "--wheel", "--outdir", folder, root]
    run(command, cwd=folder, env=variables)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def sdist(dist: Path) -> Path:
    """The source archive."""
    (sdist,) = dist.glob("*.tar.gz")
    return sdist


@pytest.fixture
def unpacked(sdist: Path, tmp_path: Path) -> Path:
    """The root folder of the source archive, unpacked; the test's own."""
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / sdist.name.removesuffix(".tar.gz")


@pytest.fixture(scope="session")
def environments(
    wheel: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Environments:
    """Environments in which the wheel is installed, made when they are first asked for."""
    missing = request.config.stash.setdefault(_missing, set())

    @cache
    def make(version: str, extras: str) -> Environment:
        interpreter = find_interpreter(version)
        if interpreter is None:
            missing.add(version)
            pytest.skip(f"there is no Python {version}, neither on the path nor in pyenv")
        folder = tmp_path_factory.mktemp(f"python-{version}-")
        environment = Environment(interpreter, folder, make(version, "") if extras else None)
        if extras:
            # Few of the modules that come along are ever run: leave them uncompiled, for speed.
            options = ("--no-compile", "--only-binary", ":all:")
            environment.pip("install", *options, f"{wheel}[{extras}]")
        else:
            environment.pip("install", "--no-index", wheel)
        return environment

    return make


@pytest.fixture(params=supported_versions())
def bare(request: pytest.FixtureRequest, environments: Environments) -> Environment:
    """For each version: the wheel alone, installed without a package index."""
    return environments(request.param, "")


@pytest.fixture(params=supported_versions())
def full(request: pytest.FixtureRequest, environments: Environments) -> Environment:
    """For each version: the wheel with its users' extras, nothing of them compiled here."""
    return environments(request.param, ",".join(EXTRAS))


@pytest.fixture
def testing(environments: Environments) -> Environment:
    """The wheel with what its own tests need, for the version that runs the tests."""
    return environments(RUNNING, "test")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says in a line of its own which versions were not tried."""
    for version in sorted(terminalreporter.config.stash.get(_missing, ())):
        line = f"NOT INSTALLED ON PYTHON {version}: there is none, neither on the path nor in pyenv"
        terminalreporter.write_line(line, yellow=True, bold=True)
