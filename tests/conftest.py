"""Fixtures for all tests."""

from __future__ import annotations

pytest_plugins = ["tests.in_memory", "tests.ignite.fixtures"]
