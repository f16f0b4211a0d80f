"""Which twin of the codec's inner loops is in use: the compiled one, or pure Python.

The compiled twin, ``_accelerator``, is an optional part of the distribution: it is there if it was
built. It does to the bit what the functions do that are decorated with :func:`accelerated`, and
leaves to Python what it has no code for. With ``GRIDGAIN_PURE_PYTHON=1`` in the environment it
refuses to be imported, so that Python's functions are used.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final, TypeVar

T = TypeVar("T")

_compiled: object = None
with suppress(ImportError):
    from . import _accelerator

    _compiled = _accelerator

#: Whether the compiled twin is in use.
ACCELERATED: Final[bool] = _compiled is not None


def accelerated(pure: T) -> T:
    """Decorates a function: puts its compiled twin in its place, if there is one.

    Args:
        pure: the function in Python.
    """
    twin: T = getattr(_compiled, getattr(pure, "__name__", ""), pure)
    return twin
