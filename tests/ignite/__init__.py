"""Live nodes for tests: starts Apache Ignite (or GridGain) nodes on this machine and stops them.

`IgniteCluster.start` is the way in; `fixtures` has the pytest fixtures, and
``python -m tests.ignite`` runs any command beside a cluster of its own.
"""

from tests.ignite.cluster import Cluster, IgniteCluster
from tests.ignite.config import Bean, NodeOptions
from tests.ignite.errors import LauncherError, NodeError, Unavailable
from tests.ignite.java import run_java
from tests.ignite.node import IgniteNode, Node
from tests.ignite.tls import TlsFiles

__all__ = [
    "Bean",
    "Cluster",
    "IgniteCluster",
    "IgniteNode",
    "LauncherError",
    "Node",
    "NodeError",
    "NodeOptions",
    "TlsFiles",
    "Unavailable",
    "run_java",
]
