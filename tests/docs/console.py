"""Runs the commands of a page."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sysconfig
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from tests.docs.blocks import ROOT, Block
from tests.docs.ports import FIRST, Ports, free_range, real_ports
from tests.docs.script import is_shown

#: Programs that are run.
_RUN: Final = {"gridgain", "python", "pytest", "cat", "echo", "printf"}
_SECONDS: Final = 60
_NODES: Final = 3


@dataclass(frozen=True)
class Command:
    """A command, and what is shown as its output; None if nothing is."""

    line: int
    text: str
    output: str | None


class Terminal:
    """Where commands are run; nodes that they serve end with it.

    Args:
        folder: the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._serving = ExitStack()
        self._environment = {
            name: value for name, value in os.environ.items() if not name.startswith("GRIDGAIN_")
        } | {
            "PATH": os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]]),
            "HOME": str(folder),
            "COLUMNS": "100",
            "NO_COLOR": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # readers do not have all that is installed here
            "PYTEST_ADDOPTS": "-p gridgain_testing.plugin -p no:cacheprovider",
        }
        self._environment.pop("PYTHONPATH", None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._serving.close()

    def run(self, block: Block, ports: Ports) -> Ports:
        """Run the commands of a block.

        Args:
            block: the block.
            ports: the ports that stand for those that are written.

        Returns:
            The same, or those of the nodes that one of the commands serves.

        Raises:
            Problem: an output is another one, or what is not run names what does not exist.
        """
        for command in commands(block):
            words = shlex.split(command.text, comments=True)
            while _ASSIGNMENT.match(words[0]):  # of the environment of what is not run here
                words.pop(0)
            if words[0] not in _RUN or words[:3] in _NOT_RUN:
                check = _CHECKS.get(words[2] if words[0] == "python" else words[0])
                if check is None:
                    raise block.problem(f"what is {words[0]}?", command.line)
                if wrong := check(words):
                    raise block.problem(wrong, command.line)
            elif words[:2] == ["gridgain", "node"]:
                ports = free_range(_NODES)
                self._serve(block, command, words, ports)
            else:
                self._run(block, command, ports)
        return ports

    def _run(self, block: Block, command: Command, ports: Ports) -> None:
        run = subprocess.run(
            ["bash", "-c", real_ports(command.text, ports)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            env={"GRIDGAIN_ADDRESSES": f"127.0.0.1:{ports[FIRST]}", **self._environment},
        )
        if command.output is None:
            if run.returncode:
                raise block.problem(f"fails:\n{run.stdout}", command.line)
        elif not is_shown(real_ports(command.output, ports), run.stdout):
            raise block.problem(f"prints:\n{run.stdout}", command.line)

    def _serve(self, block: Block, command: Command, words: list[str], ports: Ports) -> None:
        process = subprocess.Popen(
            [*words, "--port", str(ports[FIRST])],  # the last of an option is the one that counts
            stdout=subprocess.PIPE,
            text=True,
            env=self._environment,
        )
        assert process.stdout is not None
        self._serving.callback(_end, process)
        said = process.stdout.readline()
        for _ in range(1, len((command.output or "").splitlines())):
            said += process.stdout.readline()
        if command.output is not None and not is_shown(real_ports(command.output, ports), said):
            raise block.problem(f"prints:\n{said}", command.line)


def _end(process: subprocess.Popen[str]) -> None:
    with process:
        process.terminate()


def commands(block: Block) -> Iterator[Command]:
    """The commands of a block.

    Raises:
        Problem: it does not begin with one.
    """
    lines = block.text.splitlines()
    number = 0
    while number < len(lines):
        first = number
        if not lines[first].startswith("$ "):
            raise block.problem("there is no prompt", first)
        text = lines[number][2:]
        number += 1
        while text.endswith("\\") and number < len(lines):
            text += "\n" + lines[number]
            number += 1
        output = []
        while number < len(lines) and not lines[number].startswith("$ "):
            output.append(lines[number])
            number += 1
        shown = "\n".join(output)
        yield Command(first, text, shown if shown.strip() else None)


# -- commands that are not run ---------------------------------------------------------------------

_ASSIGNMENT: Final = re.compile(r"[A-Z_]+=")
#: Commands of a program that is run which are not.
_NOT_RUN: Final = [["python", "-m", "pip"], ["python", "-m", "venv"]]


def _check_pip(words: list[str]) -> str | None:
    text = " ".join(words)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for extras in re.findall(r"\[([\w,-]+)\]", text):
        for extra in extras.split(","):
            if extra not in project["optional-dependencies"]:
                return f"there is no extra {extra!r}"
    for name in re.findall(r"-r (\S+)", text):
        if not (ROOT / name).is_file():
            return f"there is no file {name}"
    for name in re.findall(r"\bgridgain-\w+", text):
        if name != project["name"]:
            return f"there is no project {name}"
    return None


def _check_make(words: list[str]) -> str | None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = " ".join(re.findall(r"^\.PHONY:(.*)$", makefile, re.MULTILINE)).split()
    unknown = [word for word in words[1:] if "=" not in word and word not in known]
    return f"there is no target {', '.join(unknown)}" if unknown else None


def _check_script(words: list[str]) -> str | None:
    return None if (ROOT / words[0]).is_file() else f"there is no file {words[0]}"


def _no_check(words: list[str]) -> None:
    return None


_CHECKS: Final[dict[str, Callable[[list[str]], str | None]]] = {
    "pip": _check_pip,
    "make": _check_make,
    ".ci/run": _check_script,
    "venv": _no_check,
    "git": _no_check,
    "cd": _no_check,
    ".": _no_check,
}
