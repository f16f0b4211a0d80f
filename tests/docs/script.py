"""Runs the Python of a page."""

from __future__ import annotations

import ast
import doctest
import io
import sys
import tokenize
from collections import defaultdict
from types import ModuleType
from typing import Any, Final

from tests.docs.blocks import Block

_LOOSELY: Final = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def is_shown(want: str, got: str) -> bool:
    """Whether an output is the one that is shown. Dots stand for anything.

    Args:
        want: the one that is shown.
        got: the one that there is.
    """
    return doctest.OutputChecker().check_output(want.strip() + "\n", got.strip() + "\n", _LOOSELY)


class Script:
    """The namespace that the blocks of a page share; it is the main module."""

    def __init__(self) -> None:
        self._module = ModuleType("__main__")
        self._module.__dict__["print"] = self._print
        self._printed: dict[int, list[str]] = defaultdict(list)
        self._claims: list[tuple[Block, range, str]] = []
        sys.modules["__main__"] = self._module

    def run(self, block: Block) -> None:
        """Run a block of Python. Its traceback tells lines of the page."""
        source = "\n" * (block.line - 1) + block.text
        tree = ast.parse(source, str(block.page))
        self._claims += _claims(block, tree, source)
        code = compile(tree, str(block.page), "exec", dont_inherit=True)
        exec(code, self._module.__dict__)

    def run_session(self, block: Block) -> None:
        """Run a session, and compare what it says.

        Raises:
            Problem: an outcome is another one.
        """
        name = str(block.page)
        test = doctest.DocTestParser().get_doctest(block.text, {}, name, name, block.line - 1)
        if not test.examples:
            raise block.problem("there is no prompt in the session")
        test.globs = self._module.__dict__
        said = io.StringIO()
        runner = doctest.DocTestRunner(optionflags=_LOOSELY, verbose=False)
        runner.run(test, out=said.write, clear_globs=False)
        if runner.failures:
            raise block.problem(f"the session goes another way\n{said.getvalue()}")

    def check_claims(self) -> None:
        """Compare what was printed with the comments behind.

        Raises:
            Problem: something else was printed, or nothing.
        """
        for block, lines, claim in self._claims:
            printed = [text for line in lines for text in self._printed[line]]
            line = lines.stop - 1 - block.line
            if not printed:
                raise block.problem(f"should print {claim!r}, but is not run", line)
            each = all(is_shown(claim, text) for text in printed)
            if not each and not is_shown(claim, " ".join(printed)):
                raise block.problem(f"should print {claim!r}, but prints {printed}", line)

    def _print(self, *values: object, **options: Any) -> None:
        text = io.StringIO()
        print(*values, **{**options, "file": text})
        print(*values, **options)
        self._printed[sys._getframe(1).f_lineno].append(text.getvalue())


def _claims(block: Block, tree: ast.AST, source: str) -> list[tuple[Block, range, str]]:
    """The comments behind calls of print, and the lines of these."""
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="print"), lineno=first, end_lineno=int(last)):
                if last in comments:
                    found.append((block, range(first, last + 1), comments[last]))
    return found
