"""The examples of the documentation run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .test_plugin import run

pytest_plugins = ["pytester"]

DOCS = Path(__file__).parent.parent.parent / "docs"


def blocks(name: str) -> list[str]:
    """The Python examples of a page."""
    text = (DOCS / name).read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def test_testing_your_code(pytester: pytest.Pytester) -> None:
    run(pytester, "\n".join(blocks("testing-your-code.md"))).assert_outcomes(passed=2)


def test_the_node_in_memory() -> None:
    (example,) = blocks("node-in-memory.md")
    exec(compile(example, "node-in-memory.md", "exec"), {})
