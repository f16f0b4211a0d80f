"""What is in the source archive, and that it is enough to install and to test."""

from __future__ import annotations

import shutil
import sys
import tarfile
from pathlib import Path

from gridgain_proto import __version__

from .environments import Environment, run_quickstart
from .project import PACKAGES

NEEDED = {
    "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "PKG-INFO", "README.md",
    "SECURITY.md", "mkdocs.yml", "pyproject.toml", "adapters", "docs", "examples", "gridgain_cli",
    "gridgain_proto", "gridgain_testing", "requirements", "tests", "tools",
}  # fmt: skip


def test_contents(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
    assert {name.partition("/")[0] for name in names} == {f"gridgain_proto-{__version__}"}
    top = {name.split("/")[1] for name in names}
    assert top >= NEEDED
    # Nothing of continuous integration, of editors or of caches; hatchling wants its .gitignore.
    assert {name for name in top if name.startswith(".")} <= {".gitignore"}
    assert [name for name in names if name.endswith((".pyc", ".jar", ".class"))] == []


def test_it_installs_as_the_guide_says(unpacked: Path, tmp_path: Path) -> None:
    environment = Environment(Path(sys.executable), tmp_path)
    environment.pip("install", "-r", "requirements/install.txt", cwd=unpacked)
    run_quickstart(environment, "quickstart")


def test_its_tests_run_on_the_installed_wheel(unpacked: Path, testing: Environment) -> None:
    # Without its packages, so that what is tested can only be what is installed. All tests are
    # collected; those are run that take little time and read the archive's other files.
    for package in PACKAGES - {path.name for path in (unpacked / "adapters").glob("*/*")}:
        shutil.rmtree(unpacked / package)
    shutil.rmtree(unpacked / "adapters")
    printed = testing.python(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", "--ignore", "tests/packaging",
        "-m", "not live", "-k", "operations or README", cwd=unpacked,
    )  # fmt: skip
    assert " passed" in printed
    assert " skipped" not in printed
