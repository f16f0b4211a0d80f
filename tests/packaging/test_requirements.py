"""The user guide's files ``requirements/<your task>.txt``, and the extras that they stand for."""

from __future__ import annotations

from .project import ROOT, metadata

#: Where the guide's name of a task is not that of the extra.
TASKS = {"test": "tests"}


def installed_by(text: str) -> list[str]:
    """What a file asks for, without comments, editable or not."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line.removeprefix("-e ") for line in lines if line]


def test_a_file_for_each_extra_and_none_besides() -> None:
    found = {
        path.name: installed_by(path.read_text(encoding="utf-8"))
        for path in (ROOT / "requirements").iterdir()
    }
    expected = {
        f"{TASKS.get(extra, extra)}.txt": [f".[{extra}]"]
        for extra in metadata()["optional-dependencies"]
    }
    assert found == {"install.txt": ["."], **expected}
