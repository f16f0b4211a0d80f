"""Runs the blocks of a page: ``python -m tests.docs.child PAGE PORTS``, in the page's folder."""

from __future__ import annotations

import dataclasses
import json
import re
import sys
import threading
import tomllib
import traceback
from collections.abc import Sequence
from pathlib import Path

from tests.docs.blocks import Block, Problem, read_page
from tests.docs.console import Terminal, commands
from tests.docs.ports import Ports, real_ports
from tests.docs.script import Script


def run(page: Path, ports: dict[str, Ports]) -> None:
    """Run a page.

    Args:
        page: the page.
        ports: the ports of nodes, by the words with which a page asks for them.

    Raises:
        Problem: something is wrong with it.
        Exception: what a block of it raised.
    """
    folder = Path.cwd()
    sys.path[0] = str(folder)
    script = Script()
    blocks = read_page(page)
    with Terminal(folder) as terminal:
        for number, block in enumerate(blocks):
            real = dataclasses.replace(block, text=real_ports(block.text, ports[block.nodes]))
            if block.title:
                (folder / block.title).write_text(real.text, encoding="utf-8")
                if block.language == "python" and not _is_run(block, blocks[number + 1 :]):
                    raise block.problem(f"{block.title} is shown and not run")
            elif block.language == "python":
                script.run(real)
            elif block.language == "pycon":
                script.run_session(real)
            elif block.language == "console":
                ports[block.nodes] = terminal.run(block, ports[block.nodes])
            if block.language == "toml":
                tomllib.loads(block.text)
            elif block.language == "json":
                json.loads(block.text)
        script.check_claims()
    for thread in threading.enumerate():
        if thread.name == "gridgain-background":
            thread.join(10)  # it connects for a client that is closed, and finds that out soon


def _is_run(file: Block, later: Sequence[Block]) -> bool:
    """Whether a later block runs a file, or imports it."""
    name = Path(file.title)
    imports = re.compile(rf"\b(import|from) {name.stem}\b")
    for block in later:
        if block.language == "console":
            for command in commands(block):
                words = command.text.split()
                if name.name in words or (name.name == "conftest.py" and "pytest" in words):
                    return True
        elif block.language in ("python", "pycon") and imports.search(block.text):
            return True
    return False


def main() -> int:
    """Run the page that the arguments name, say what is wrong with it, and give an exit code."""
    ports: dict[str, Ports] = {
        nodes: {int(name): port for name, port in found.items()}
        for nodes, found in json.loads(sys.argv[2]).items()
    }
    try:
        run(Path(sys.argv[1]), ports)
    except Problem as exc:
        print(exc)
        return 1
    except Exception:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
