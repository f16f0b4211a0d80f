"""The code blocks of a page."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent

#: Languages of blocks; those of which nothing is run or parsed come last.
LANGUAGES: Final = frozenset(
    {"python", "pycon", "console", "toml", "json", "text", "diff", "sql", "java", "xml"}
)
#: What nodes may be asked for.
NODES: Final = frozenset({"tls", "mutual-tls", "users", "ignite"})

_FENCE: Final = re.compile(r"^(?P<indent> *)(?P<ticks>```+|~~~+)(?P<info>.*)$")
_NODES: Final = re.compile(r"^ *<!-- nodes: (?P<words>[\w -]+?) -->$")
_SNIPPET: Final = re.compile(r'^ *--8<-- "(?P<file>[^"]+)"$')
_TITLE: Final = re.compile(r'title="([^"]*)"')
_LOOKS_LIKE_PYTHON: Final = re.compile(r"^(>>> |import gridgain|from gridgain)", re.MULTILINE)


class Problem(Exception):
    """What is wrong with a page, and where.

    Args:
        page: the page.
        line: the number of the line.
        message: what is wrong.
    """

    def __init__(self, page: Path, line: int, message: str) -> None:
        name = page.relative_to(ROOT) if page.is_relative_to(ROOT) else page
        super().__init__(f"{name}:{line}: {message}")


@dataclass(frozen=True)
class Block:
    """A block.

    Attributes:
        page: the page that it is on.
        line: the number of its first line, behind the fence.
        language: its language.
        title: its title, which is the name of a file; empty if there is none.
        text: what it says, without the indentation that it has as a whole.
        nodes: the nodes that it is for, as words in their order.
    """

    page: Path
    line: int
    language: str
    title: str
    text: str
    nodes: str

    def problem(self, message: str, line: int = 0) -> Problem:
        """Something is wrong with it.

        Args:
            message: what.
            line: in which of its lines, counted from 0.
        """
        return Problem(self.page, self.line + line, message)


def pages() -> list[Path]:
    """All pages of the documentation, and all modules that show something."""
    modules = [*ROOT.glob("gridgain_*/**/*.py"), *ROOT.glob("adapters/**/*.py")]
    return [
        *sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]),
        *sorted(module for module in modules if "```" in module.read_text(encoding="utf-8")),
    ]


def read_page(page: Path) -> list[Block]:
    """The blocks of a page, in their order.

    Args:
        page: the page.

    Raises:
        Problem: a block is not closed, or would be left out.
    """
    return [_checked(block) for block in _blocks(page)]


def _blocks(page: Path) -> Iterator[Block]:
    nodes = ""
    lines = iter(enumerate(page.read_text(encoding="utf-8").splitlines(), 1))
    for number, line in lines:
        if found := _NODES.match(line):
            words = found["words"].split()
            if not NODES.issuperset(words):
                raise Problem(page, number, f"nodes are some of {', '.join(sorted(NODES))}")
            nodes = " ".join(sorted(words))
        elif fence := _FENCE.match(line):
            language, _, rest = fence["info"].strip().partition(" ")
            title = _TITLE.search(rest)
            end = fence["indent"] + fence["ticks"]
            text = []
            for _, inner in lines:
                if inner.rstrip() == end:
                    break
                text.append(_included(inner))
            else:
                raise Problem(page, number, "the block is not closed")
            yield Block(
                page,
                number + 1,
                language,
                title[1] if title else "",
                textwrap.dedent("\n".join(text)) + "\n",
                nodes,
            )
        elif ">>> " in line and page.suffix == ".md":
            raise Problem(page, number, "a session outside of a block")


def _included(line: str) -> str:
    """The file that a line of a block asks for, as the site includes it; or the line itself."""
    found = _SNIPPET.match(line)
    return (ROOT / found["file"]).read_text(encoding="utf-8").rstrip("\n") if found else line


def _checked(block: Block) -> Block:
    if block.language not in LANGUAGES:
        known = ", ".join(sorted(LANGUAGES))
        raise block.problem(f"the language is {block.language!r}, not one of {known}")
    if block.language not in ("python", "pycon", "diff") and _LOOKS_LIKE_PYTHON.search(block.text):
        raise block.problem(f"Python in a block of the language {block.language!r}")
    return block
