"""The versions of Python that the project supports, and where this machine has them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from .project import metadata

#: The version that runs the tests, such as ``3.11``.
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"


def supported_versions() -> list[str]:
    """The versions that the project's classifiers name."""
    found = (
        re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", classifier)
        for classifier in metadata()["classifiers"]
    )
    return [match[1] for match in found if match]


def find_interpreter(version: str) -> Path | None:
    """The running interpreter, one on the path, or one of pyenv's, if there is one.

    Args:
        version: such as ``3.12``.
    """
    if version == RUNNING:
        return Path(sys.executable)
    on_path = shutil.which(f"python{version}")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    # The last digit leaves out free-threaded builds and versions in development.
    installed = sorted(pyenv.glob(f"versions/{version}.*[0-9]/bin/python"), reverse=True)
    for candidate in [*([Path(on_path)] if on_path else []), *installed]:
        if _can_make_environments(candidate, version):
            return candidate
    return None


def _can_make_environments(interpreter: Path, version: str) -> bool:
    # pyenv has commands that it then refuses to run; Debian's Python can lack ensurepip.
    code = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"
    run = subprocess.run(
        [interpreter, "-I", "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    return run.returncode == 0 and run.stdout.strip() == version
