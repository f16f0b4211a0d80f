"""What the project says about itself."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

#: The packages of the distribution: the only names that it adds to an environment.
PACKAGES = {
    "gridgain_asyncio",
    "gridgain_cli",
    "gridgain_gevent",
    "gridgain_proto",
    "gridgain_sync",
    "gridgain_testing",
    "gridgain_trio",
}

#: The extras that bring what a user's program imports, unlike those for work on the project.
EXTRAS = ["cli", "gevent", "numpy", "testing", "trio", "uvloop"]


@cache
def metadata() -> dict[str, Any]:
    """The table ``project`` of pyproject.toml."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project: dict[str, Any] = tomllib.load(file)["project"]
    return project
