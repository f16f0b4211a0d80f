"""Which rows of the guide's checklist are satisfied by what."""

from __future__ import annotations

#: Rows that only documentation can satisfy, and the words that do so, by file.
BY_DOCUMENTATION: dict[int, tuple[str, str]] = {
    1: ("docs/how-to/installation.md", "Python 3.11"),
    2: ("docs/how-to/installation.md", "From a package index the same is `gridgain-proto`"),
    3: ("docs/how-to/installation.md", "pip install ."),
    4: ("docs/how-to/installation.md", "pip install -e ."),
    6: ("docs/how-to/installation.md", "pyproject.toml"),
    93: ("docs/explanation/migration.md", "tx_start"),
    125: ("docs/explanation/migration.md", "AuthorizationError"),
}
