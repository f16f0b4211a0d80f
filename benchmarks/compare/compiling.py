"""The worker in Java, compiled once against the jars of the nodes."""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
from pathlib import Path

from tests.ignite.classpath import class_path, make_once
from tests.ignite.java import java_tool

SOURCE = Path(__file__).with_name("java") / "ThinClientWorker.java"
CACHE = Path(__file__).parents[2] / ".cache" / "compare"


@functools.cache
def worker_class_path() -> str:
    """The value for Java's `-cp`.

    Raises:
        Unavailable: this machine lacks a JDK, Maven or the jars.
        subprocess.CalledProcessError: the worker cannot be compiled.
    """
    jars = class_path()
    digest = hashlib.sha256(SOURCE.read_bytes() + jars.encode()).hexdigest()[:12]
    folder = CACHE / f"classes-{digest}"

    def compile_worker(target: Path) -> None:
        command = [java_tool("javac"), "--release=17", "-encoding", "UTF-8", "-proc:none"]
        subprocess.run([*command, "-d", target, "-cp", jars, SOURCE], check=True)

    make_once(folder, compile_worker)
    return os.pathsep.join((str(folder), jars))
