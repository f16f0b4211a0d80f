"""Every row of the checklist has its test, or its documentation."""

from __future__ import annotations

import re
from pathlib import Path

from .rows import BY_DOCUMENTATION
from .test_checklist_configuration import PROPERTIES

ROWS = set(range(1, 126))


def test_every_row_is_tested_or_documented() -> None:
    tested: set[int] = {row[0] for row in PROPERTIES}
    for path in Path(__file__).parent.glob("test_checklist_*.py"):
        for numbers in re.findall(r"def test_rows?_((?:\d+_)+)", path.read_text(encoding="utf-8")):
            tested.update(int(number) for number in numbers.split("_") if number)
    assert ROWS - tested - BY_DOCUMENTATION.keys() == set()
    assert tested | BY_DOCUMENTATION.keys() == ROWS
