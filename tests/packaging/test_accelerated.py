"""The wheel with the codec's compiled twin, which is built only if it is asked for."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

from .environments import Environment, run_quickstart

TWIN = f"gridgain_proto/codec/_accelerator{sysconfig.get_config_var('EXT_SUFFIX')}"


def test_it_is_for_this_platform(accelerated_wheel: Path) -> None:
    version = f"cp{sys.version_info.major}{sys.version_info.minor}"
    assert f"-{version}-{version}-" in accelerated_wheel.name
    assert "none" not in accelerated_wheel.name


def test_it_has_the_twin_besides(accelerated_wheel: Path, wheel: Path) -> None:
    with ZipFile(accelerated_wheel) as accelerated, ZipFile(wheel) as pure:
        more = set(accelerated.namelist()) - set(pure.namelist())
        assert set(pure.namelist()) < set(accelerated.namelist())
    assert more == {TWIN, "gridgain_proto/codec/_accelerator.pyi"}


def test_it_works(accelerated_wheel: Path, tmp_path: Path) -> None:
    environment = Environment(Path(sys.executable), tmp_path)
    environment.pip("install", "--no-index", accelerated_wheel)
    code = "from gridgain_proto.codec import ACCELERATED; print(ACCELERATED)"
    assert environment.python("-c", code) == "True\n"
    pure = subprocess.run(
        [environment.bin / "python", "-c", code],
        env={**environment.variables, "GRIDGAIN_PURE_PYTHON": "1"},
        cwd=environment.empty, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert pure.stdout == "False\n"
    run_quickstart(environment, "quickstart")
