"""The JVM: where it is, how Ignite wants it started, and small programs beside the nodes."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.ignite.errors import NodeError, Unavailable

# Ignite reaches into these packages by reflection; since Java 17 each must be opened to it by name.
_OPENED_PACKAGES = (
    "java.base/java.io",
    "java.base/java.lang",
    "java.base/java.lang.invoke",
    "java.base/java.lang.reflect",
    "java.base/java.math",
    "java.base/java.net",
    "java.base/java.nio",
    "java.base/java.text",
    "java.base/java.time",
    "java.base/java.util",
    "java.base/java.util.concurrent",
    "java.base/java.util.concurrent.atomic",
    "java.base/java.util.concurrent.locks",
    "java.base/jdk.internal.access",
    "java.base/jdk.internal.misc",
    "java.base/sun.nio.ch",
    "java.base/sun.reflect.generics.reflectiveObjects",
    "java.base/sun.util.calendar",
    "java.management/com.sun.jmx.mbeanserver",
    "java.management/sun.management",
    "java.sql/java.sql",
    "jdk.internal.jvmstat/sun.jvmstat.monitor",
    "jdk.management/com.sun.management.internal",
)

JVM_OPTIONS = (
    *(f"--add-opens={package}=ALL-UNNAMED" for package in _OPENED_PACKAGES),
    "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF-8",
    "-Duser.timezone=UTC",
    # Start-up is most of such a JVM's life: one collector thread, and the quick compiler first.
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
    "-XX:TieredStopAtLevel=1",
    "-Xshare:auto",
)


def java_tool(name: str) -> str:
    """Finds a program of the JDK: in ``JAVA_HOME`` where that is set, else on the ``PATH``.

    Args:
        name: The program, such as ``java`` or ``javac``.

    Returns:
        Its path.

    Raises:
        Unavailable: There is none.
    """
    home = os.environ.get("JAVA_HOME")
    found = shutil.which(name, path=str(Path(home) / "bin") if home else None)
    if found is None:
        where = f"in JAVA_HOME ({home})" if home else "on the PATH, and JAVA_HOME is not set"
        raise Unavailable(f"no {name} {where}: live tests need a JDK, 17 or newer")
    return found


def run_java(main_class: str, *args: str, timeout: float = 60) -> str:
    """Runs one of the Java programs under ``java/`` with the nodes' own jars.

    Args:
        main_class: The class; a bare name is one of the package of these programs.
        *args: Its arguments.
        timeout: Seconds after which it is killed.

    Returns:
        What it wrote to its standard output.

    Raises:
        NodeError: It ended with another exit code than 0, or not in time.
        Unavailable: This machine cannot run it.
    """
    from tests.ignite.classpath import class_path  # it needs this module's java_tool()

    if "." not in main_class:
        main_class = f"org.gridgain.proto.live.{main_class}"
    command = [java_tool("java"), *JVM_OPTIONS, "-Xmx256m", "-cp", class_path(), main_class, *args]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NodeError(f"{main_class} did not end within {timeout:g} s") from error
    if done.returncode != 0:
        raise NodeError(
            f"{main_class} {' '.join(args)} ended with exit code {done.returncode}\n"
            f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        )
    return done.stdout
