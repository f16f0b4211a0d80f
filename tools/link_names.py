"""Makes links of names in backticks: a hook of MkDocs.

Docstrings and pages write `OutcomeUnknown` or `Cache.get`, which reads well everywhere; on the site
each is a link to its place in the reference.
"""

from __future__ import annotations

import re
from typing import Any, Final

from mkdocs.plugins import event_priority

#: A name alone in backticks; or what has links of its own, or shall have none.
_NAME: Final = re.compile(
    r"<(?P<kept>h[1-6]|a|pre|autoref)\b.*?</(?P=kept)>"
    r"|<code>(?P<name>[A-Za-z_]\w*(?:\.\w+)*)(?:\(\))?</code>",
    re.DOTALL,
)


@event_priority(50)  # before the plugin that resolves the references
def on_env(env: Any, *, config: Any, files: Any) -> Any:
    """Link all pages, as soon as everything that can be referred to is known."""
    targets = _targets(config.plugins["autorefs"]._primary_url_map)

    def link(found: re.Match[str]) -> str:
        target = targets.get(found["name"] or "")
        if target is None:
            return found[0]
        return f'<autoref identifier="{target}">{found[0]}</autoref>'

    for file in files.documentation_pages():
        file.page.content = _NAME.sub(link, file.page.content)
    return env


def _targets(identifiers: Any) -> dict[str, str]:
    """What names mean: whole ones, and the ends of them that say enough. The first one counts."""
    found: dict[str, str] = {}
    for identifier in identifiers:
        module, name = _split(identifier)
        if module:
            for short in {identifier, name, name.rpartition(".")[2] if "." not in name else name}:
                found.setdefault(short, identifier)
    return found


def _split(identifier: str) -> tuple[str, str]:
    """The module of an identifier, and the name within; nothing for what is no Python."""
    if not identifier.startswith("gridgain_"):
        return "", ""
    parts = identifier.split(".")
    classes = [number for number, part in enumerate(parts) if part[:1].isupper()]
    start = classes[0] if classes else max(len(parts) - 1, 1)
    return ".".join(parts[:start]), ".".join(parts[start:])
