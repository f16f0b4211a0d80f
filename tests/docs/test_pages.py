"""The pages of the documentation run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, pages, read_page
from tests.docs.running import run_page
from tests.ignite.tls import TlsFiles


def _asks_for_ignite(page: Path) -> bool:
    return "<!-- nodes: ignite -->" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(
            page,
            id=str(page.relative_to(ROOT)),
            marks=[pytest.mark.live] if _asks_for_ignite(page) else [],
        )
        for page in pages()
    ],
)
def test_a_page(
    page: Path, tmp_path: Path, tls_files: TlsFiles, request: pytest.FixtureRequest
) -> None:
    live = request.getfixturevalue("ignite_cluster").addresses if _asks_for_ignite(page) else ()
    run = run_page(page, tmp_path, tls_files, live)
    if run.returncode or "Exception ignored" in run.stdout:
        pytest.fail(run.stdout, pytrace=False)


def test_there_are_pages() -> None:
    assert ROOT / "README.md" in pages()
    assert any(block.language == "python" for page in pages() for block in read_page(page))
