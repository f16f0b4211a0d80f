"""A worker's process, from the command's side."""

from __future__ import annotations

import os
import select
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.compare.protocol import Failed, Outcome, Turn, read_outcome
from benchmarks.compare.subjects import ROOT, Subject


class Worker:
    """One client in a process of its own. Starts at the first turn, and again after a failure.

    Args:
        subject: the client.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self._process: subprocess.Popen[bytes] | None = None
        self._read = b""
        self._folder = tempfile.TemporaryDirectory(prefix="worker-")
        self._errors = Path(self._folder.name) / "errors"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        self._folder.cleanup()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._running().pid

    def run(self, turn: Turn, limit: float) -> Outcome:
        """Lets the client take a turn.

        Args:
            turn: what it is to do.
            limit: seconds after which it is stopped.

        Raises:
            Failed: it could not.
        """
        process = self._running()
        if process.stdin is None or process.stdout is None:
            raise AssertionError("a worker has pipes")
        try:
            process.stdin.write(turn.to_json().encode() + b"\n")
            line = self._line(process.stdout.fileno(), time.monotonic() + limit)
        except BrokenPipeError:
            line = b""
        except TimeoutError:
            self.stop()
            raise Failed(f"no answer within {limit:g} s") from None
        if not line:
            code = process.wait()
            self.stop()
            raise Failed(f"the worker ended with exit code {code}: {self._last_error()}")
        return read_outcome(line.decode())

    def stop(self) -> None:
        """Ends the process."""
        process, self._process = self._process, None
        self._read = b""
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            with self._errors.open("wb") as errors:
                self._process = subprocess.Popen(
                    self.subject.command(),
                    bufsize=0,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    cwd=ROOT,
                    env=self.subject.environment(),
                )
        return self._process

    def _line(self, descriptor: int, deadline: float) -> bytes:
        """One line of the worker's output; empty at its end."""
        while b"\n" not in self._read:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                raise TimeoutError
            more = os.read(descriptor, 1 << 16)
            if not more:
                return b""
            self._read += more
        line, _, self._read = self._read.partition(b"\n")
        return line

    def _last_error(self) -> str:
        lines = self._errors.read_text("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"
