"""Runs one page on nodes in memory: ``python -m tests.docs docs/tutorial.md``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.docs.running import run_page
from tests.ignite.tls import TlsFiles

with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    run = run_page(Path(sys.argv[1]).resolve(), folder, TlsFiles.create(folder / "tls"))
print(run.stdout)
sys.exit(run.returncode)
