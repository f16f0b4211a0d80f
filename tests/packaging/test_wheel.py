"""What is in the wheel."""

from __future__ import annotations

import sys
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from gridgain_proto import __version__

from .environments import run
from .interpreters import RUNNING, supported_versions
from .project import EXTRAS, PACKAGES, ROOT, metadata

INFO = f"gridgain_proto-{__version__}.dist-info"


def contents(wheel: Path) -> dict[str, bytes]:
    with ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def described(wheel: Path) -> Message:
    return message_from_bytes(contents(wheel)[f"{INFO}/METADATA"])


def test_it_is_for_every_platform(wheel: Path) -> None:
    assert wheel.name == f"gridgain_proto-{__version__}-py3-none-any.whl"


def test_nothing_but_the_packages(wheel: Path) -> None:
    assert {name.partition("/")[0] for name in contents(wheel)} == {*PACKAGES, INFO}


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_every_package_is_typed(package: str, wheel: Path) -> None:
    assert f"{package}/py.typed" in contents(wheel)


def test_nothing_but_python_in_the_packages(wheel: Path) -> None:
    others = [
        name
        for name in contents(wheel)
        if not name.startswith(INFO) and not name.endswith((".py", "/py.typed"))
    ]
    assert others == []


def test_the_source_archive_builds_the_same(wheel: Path, tmp_path: Path) -> None:
    # The wheel under test was made from the archive; this one comes from the sources.
    run([sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, ROOT], cwd=tmp_path)
    (built,) = tmp_path.glob("*.whl")
    assert contents(built) == contents(wheel)


# -- metadata --------------------------------------------------------------------------------------


def test_no_dependency_but_behind_an_extra(described: Message) -> None:
    lines = described.get_all("Requires-Dist", [])
    assert lines
    for requirement in map(Requirement, lines):
        assert requirement.marker is not None, requirement
        assert not requirement.marker.evaluate({"extra": ""}), requirement


def test_extras(described: Message) -> None:
    extras = set(described.get_all("Provides-Extra", []))
    assert extras == set(metadata()["optional-dependencies"])
    # Those that are not installed on each version are for work on the project.
    assert extras - set(EXTRAS) <= {"bench", "dev", "docs", "test"}


def test_supported_versions(described: Message) -> None:
    versions = sorted(supported_versions(), key=lambda version: int(version.removeprefix("3.")))
    assert described["Requires-Python"] == f">={versions[0]}"
    assert RUNNING in versions
    oldest = int(versions[0].removeprefix("3."))
    assert versions == [f"3.{oldest + number}" for number in range(len(versions))]


def test_licence(described: Message, wheel: Path) -> None:
    assert described["License-Expression"] == "Apache-2.0"
    assert contents(wheel)[f"{INFO}/licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()
