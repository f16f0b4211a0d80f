"""Builds the compiled twin of the codec's inner loops into the wheel, if that is asked for.

With ``GRIDGAIN_ACCELERATOR=1`` in the environment, a wheel is for one platform and one version of
Python, and building it takes a C compiler; without it the wheel is pure Python. An editable
installation has the twin in the source tree.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CODEC = Path("gridgain_proto/codec")


def is_wanted() -> bool:
    """Whether the compiled twin is asked for."""
    return os.environ.get("GRIDGAIN_ACCELERATOR", "0") not in ("", "0")


class AcceleratorHook(BuildHookInterface):
    """The hook of wheels, editable ones included."""

    def dependencies(self) -> list[str]:
        """What the build needs besides: setuptools knows how to call the compiler."""
        return ["setuptools>=70"] if is_wanted() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and say what has become of the wheel."""
        if not is_wanted():
            return
        made = self._compile()
        if version == "editable":
            target = Path(self.root, CODEC, made.name)
            target.unlink(missing_ok=True)  # not written over: a process may have it open
            shutil.copy(made, target)
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        for path in (made, Path(self.root, CODEC, "_accelerator.pyi")):
            build_data["force_include"][str(path)] = (CODEC / path.name).as_posix()

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was compiled: the wheel has it."""
        if is_wanted():
            self._folder.cleanup()

    def _compile(self) -> Path:
        from setuptools import Distribution, Extension
        from setuptools.command.build_ext import build_ext

        source = CODEC / "accelerator"
        if sys.platform == "win32":
            flags = ["/std:c11", "/O2"]
        else:
            flags = ["-std=c11", "-O2", "-fvisibility=hidden"]
        extension = Extension(
            "_accelerator",
            sources=sorted(path.as_posix() for path in source.glob("*.c")),
            extra_compile_args=flags,
        )
        self._folder = TemporaryDirectory()
        command = build_ext(Distribution({"ext_modules": [extension]}))
        command.build_lib = command.build_temp = self._folder.name
        command.ensure_finalized()
        command.run()
        return Path(command.get_ext_fullpath(extension.name))
