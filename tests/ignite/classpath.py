"""The jars of the server: from Maven, once, or from an unpacked installation."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ignite.errors import LauncherError, Unavailable
from tests.ignite.java import java_tool

HERE = Path(__file__).parent
_POM = HERE / "pom.xml"
_SOURCES = HERE / "java"
_MAVEN_TIMEOUT = 900.0
_JAVAC_TIMEOUT = 120.0


def installation() -> Path | None:
    """The unpacked GridGain or Ignite that the environment names, if it names one."""
    for variable in ("GRIDGAIN_HOME", "IGNITE_HOME"):
        if home := os.environ.get(variable):
            path = Path(home)
            if not (path / "libs").is_dir():
                raise LauncherError(f"{variable} is {home}, but there is no libs folder in it")
            return path
    return None


@functools.cache
def class_path() -> str:
    """Brings the server's jars, compiles the programs under ``java/`` and joins it all.

    The first call on a machine takes a few seconds and needs Maven and its repository; all later
    ones, in any process, find the files of the first.

    Returns:
        The value for Java's ``-cp``.

    Raises:
        Unavailable: There is no JDK, no Maven, or Maven could not bring the jars.
    """
    java_tool("java")
    home = installation()
    jars = _installed_jars(home) if home else _maven_jars()
    return os.pathsep.join(str(path) for path in (_compiled(jars), *jars))


def _installed_jars(home: Path) -> list[Path]:
    # As its own start script does: libs and the folders in it, but not the optional ones.
    libs = home / "libs"
    folders = [libs, *(f for f in sorted(libs.iterdir()) if f.is_dir() and f.name != "optional")]
    return [jar for folder in folders for jar in sorted(folder.glob("*.jar"))]


def _maven_jars() -> list[Path]:
    pom = _POM.read_bytes()
    folder = _cache() / f"libs-{hashlib.sha256(pom).hexdigest()[:12]}"
    make_once(folder, _copy_from_maven)
    return sorted(folder.glob("*.jar"))


def _copy_from_maven(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise Unavailable(
            "no mvn on the PATH: live tests need Maven once, to bring the server's jars "
            "(or GRIDGAIN_HOME / IGNITE_HOME with an unpacked installation)"
        )
    _run(
        "Maven could not bring the server's jars",
        [
            maven,
            "--quiet",
            "--batch-mode",
            "--file",
            str(_POM),
            "dependency:copy-dependencies",
            "-DincludeScope=runtime",
            f"-DoutputDirectory={folder}",
        ],
        timeout=_MAVEN_TIMEOUT,
    )


def _compiled(jars: list[Path]) -> Path:
    sources = sorted(_SOURCES.rglob("*.java"))
    digest = hashlib.sha256("\n".join(jar.name for jar in jars).encode())
    for source in sources:
        digest.update(source.read_bytes())
    folder = _cache() / f"classes-{digest.hexdigest()[:12]}"

    def compile_sources(target: Path) -> None:
        _run(
            "javac could not compile the programs beside the nodes",
            [
                java_tool("javac"),
                "--release=17",
                "-encoding",
                "UTF-8",
                "-proc:none",
                "-d",
                str(target),
                "-cp",
                os.pathsep.join(map(str, jars)),
                *map(str, sources),
            ],
            timeout=_JAVAC_TIMEOUT,
        )

    make_once(folder, compile_sources)
    return folder


def _cache() -> Path:
    version = re.search(r"<ignite\.version>(.+?)</ignite\.version>", _POM.read_text("utf-8"))
    if version is None:
        raise LauncherError(f"no ignite.version in {_POM}")
    return HERE.parent.parent / ".cache" / f"ignite-{version[1]}"


def make_once(folder: Path, fill: Callable[[Path], None]) -> None:
    """Fills a folder, unless that is done; of several processes only one does it.

    Args:
        folder: The folder; it appears under this name only when it is complete.
        fill: Writes the contents into the folder that it is given.
    """
    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder.parent / "lock"):
        if folder.is_dir():
            return
        partial = Path(tempfile.mkdtemp(dir=folder.parent, prefix="partial-"))
        try:
            fill(partial)
            partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    import fcntl  # not on Windows, where all other tests must still run

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(problem: str, command: list[str], *, timeout: float) -> None:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{problem} within {timeout:g} s") from error
    if done.returncode != 0:
        raise Unavailable(f"{problem} (exit code {done.returncode}):\n{done.stdout[-3000:]}")
