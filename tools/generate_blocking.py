"""Write the blocking classes from the flows' signatures and docstrings.

Every method's body is one call that drives the flow of the same name; no logic is transformed.
``--check`` writes nothing and fails if what stands in the file is not what would be written.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from pathlib import Path

CLIENT = Path(__file__).parents[1] / "gridgain_proto" / "client"
TARGET = CLIENT / "blocking.py"

#: Flows' classes by module, in the order in which they are written.
SOURCES = (
    ("transactions.py", "AsyncTransaction"),
    ("cache.py", "AsyncCache"),
    ("cluster.py", "AsyncCluster"),
    ("client.py", "AsyncClient"),
)
#: Where further methods of a class are: those of its base.
BASE_SOURCES = {"AsyncCache": ("queries.py", "AsyncQueries")}
#: What each becomes. A result of one of these types is wrapped in the other.
NAMES = {
    "AsyncCache": "Cache",
    "AsyncClient": "BlockingClient",
    "AsyncCluster": "Cluster",
    "AsyncTransaction": "Transaction",
    "AsyncScanCursor": "ScanCursor",
    "AsyncSqlCursor": "SqlCursor",
}
BASES = {
    "AsyncCache": "CacheBase[K, V]",
    "AsyncClient": "ClientBase",
    "AsyncCluster": "",
    "AsyncTransaction": "TransactionBase",
}
FLOWS = {
    "AsyncCache": "AsyncCache[K, V]",
    "AsyncClient": "AsyncClient",
    "AsyncCluster": "AsyncCluster",
    "AsyncTransaction": "AsyncTransaction",
}
#: Written by hand in the base classes, where the colours differ, or the flows' own.
BY_HAND = {"connect", "aclose", "perform", "link", "settings"}
SPECIAL = {"__str__": "str(self._flows)", "__repr__": "repr(self._flows)"}

HEADER = '''\
"""The client for blocking runtimes: threads and greenlets.

Written by tools/generate_blocking.py from the flows. Do not edit; change them and run it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from ..codec import TypeDescription
from ..datatypes.cluster_state import ClusterState
from ..datatypes.expiry_policy import ExpiryPolicy, Lifetime
from ..datatypes.transactions import TransactionConcurrency, TransactionIsolation
from .blocking_base import CacheBase, ClientBase, ScanCursor, SqlCursor, TransactionBase
from .cache import AsyncCache
from .client import AsyncClient, CacheSettings, Identified
from .cluster import AsyncCluster
from .runtime import run_blocking
from .transactions import AsyncTransaction

K = TypeVar("K")
V = TypeVar("V")
'''


def rename(text: str) -> str:
    """The text with the names of the blocking classes."""
    for old, new in NAMES.items():
        text = text.replace(old, new)
    return text


def method(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """One method of the facade."""
    name = function.name
    args = function.args
    passed = [arg.arg for arg in args.posonlyargs + args.args if arg.arg != "self"]
    passed += [f"{arg.arg}={arg.arg}" for arg in args.kwonlyargs]
    is_property = any(ast.unparse(item) == "property" for item in function.decorator_list)
    returns = ast.unparse(function.returns) if function.returns else "None"
    if name in SPECIAL:
        call = SPECIAL[name]
    elif is_property:
        call = f"self._flows.{name}"
    else:
        call = f"self._flows.{name}({', '.join(passed)})"
        if returns.startswith("Opening["):
            returns = returns.removeprefix("Opening[").removesuffix("]")
            call = f"run_blocking({call}.open())"
        elif isinstance(function, ast.AsyncFunctionDef):
            call = f"run_blocking({call})"
    for flow, facade in NAMES.items():
        if returns.startswith(flow):
            call = f"{facade}({call})"
    doc = ast.get_docstring(function, clean=True)
    lines = ["@property"] if is_property else []
    lines.append(f"def {name}({ast.unparse(args)}) -> {rename(returns)}:")
    if doc:
        quoted = f'"""{rename(doc)}' + ('\n"""' if "\n" in doc else '"""')
        lines.append(textwrap.indent(quoted, "    "))
    lines.append(f"    {call}" if returns == "None" else f"    return {call}")
    return "\n".join(lines)


def class_definition(module: str, name: str) -> ast.ClassDef:
    """The class of that name in one of the flows' modules."""
    tree = ast.parse((CLIENT / module).read_text(encoding="utf-8"))
    return next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)


def facade(module: str, name: str) -> str:
    """One class of the facade."""
    source = class_definition(module, name)
    body = source.body
    if name in BASE_SOURCES:
        body = [*body, *class_definition(*BASE_SOURCES[name]).body]
    doc = rename(ast.get_docstring(source, clean=True) or "")
    parts = [
        f"class {NAMES[name]}({BASES[name]}):".replace("()", ""),
        textwrap.indent(f'"""{doc}\n"""', "    "),
        "",
        f"    def __init__(self, flows: {FLOWS[name]}) -> None:",
        "        self._flows = flows",
    ]
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name in BY_HAND:
            continue
        if node.name.startswith("_") and node.name not in SPECIAL:
            continue
        parts += ["", textwrap.indent(method(node), "    ")]
    return "\n".join(parts)


def generate() -> str:
    """The whole module, formatted."""
    text = HEADER + "\n\n" + "\n\n\n".join(facade(*source) for source in SOURCES) + "\n"
    return subprocess.run(
        ["ruff", "format", "--stdin-filename", str(TARGET), "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def main() -> int:
    """Write the module, or check it."""
    text = generate()
    if "--check" in sys.argv[1:]:
        if TARGET.read_text(encoding="utf-8") == text:
            return 0
        print(f"{TARGET} is not what tools/generate_blocking.py writes; run it", file=sys.stderr)
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
