"""Ctrl-C ends a program that waits for an answer, at once and cleanly."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .peer import Peer

PROGRAM = Path(__file__).with_name("interrupted.py")


def until_waiting(peer: Peer) -> None:
    """Wait until the program waits for its answer."""
    limit = time.monotonic() + 30
    while not peer.waiting:
        assert time.monotonic() < limit
        time.sleep(0.01)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as on POSIX")
@pytest.mark.parametrize("runtime", ["sync", "trio", "asyncio", "gevent", "gevent patched"])
def test_interrupt(runtime: str) -> None:
    with (
        Peer() as peer,
        subprocess.Popen(
            [sys.executable, "-W", "error", "-X", "dev", str(PROGRAM), runtime, peer.address],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as program,
    ):
        try:
            until_waiting(peer)
            program.send_signal(signal.SIGINT)
            out, err = program.communicate(timeout=30)
        finally:
            program.kill()
        assert out == "connected\n"
        lines = err.splitlines()
        assert lines[-1] == "KeyboardInterrupt", err
        # One exception, and nothing about tasks, sockets or threads that are left over.
        assert "Warning" not in err
        assert "Exception ignored" not in err
        assert "ExceptionGroup" not in err
        assert program.returncode == -signal.SIGINT
