"""What can go wrong in the launcher."""

from __future__ import annotations


class LauncherError(Exception):
    """Base of the launcher's errors."""


class Unavailable(LauncherError):
    """This machine lacks something that a node needs: a JVM, Maven, or the jars."""


class NodeError(LauncherError):
    """A node, or a Java program beside it, did not do what it was started for."""
