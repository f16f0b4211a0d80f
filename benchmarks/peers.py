"""The clients that ours is measured beside, each in a virtual environment of its own."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

CACHE = Path(__file__).parents[1] / ".cache" / "peers"

#: What is measured beside us, at the versions that our claims are about.
PEERS = {"pygridgain": "pygridgain==1.6.0", "pyignite": "pyignite==0.6.1"}


def peer_python(name: str) -> str:
    """The interpreter of the environment that has that peer, made at first use.

    Args:
        name: a key of `PEERS`.

    Raises:
        subprocess.CalledProcessError: the peer cannot be installed.
    """
    requirement = PEERS[name]
    folder = CACHE / requirement.replace("==", "-")
    python = folder / "bin" / "python"
    ready = folder / ".ready"
    if not ready.exists():
        print(f"installing {requirement} …", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        # Its source distribution is built with what it finds, so give it what it needs.
        subprocess.run([python, "-m", "pip", "install", "-q", "setuptools<81", "wheel"], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", requirement], check=True)
        ready.touch()
    return str(python)
