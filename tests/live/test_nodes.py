"""The launcher itself: are these the nodes that the other live tests believe in?"""

from __future__ import annotations

from tests.ignite import Cluster, Node
from tests.ignite.wire import Probe


def test_a_node_answers_a_handshake(ignite_node: Node) -> None:
    with Probe(ignite_node.host, ignite_node.port) as probe:
        assert probe.view().nodes[probe.node_id] == ignite_node.port


def test_three_nodes_form_one_cluster(ignite_cluster: Cluster[Node]) -> None:
    views = []
    for node in ignite_cluster:
        with Probe(node.host, node.port) as probe:
            views.append(probe.view())
    assert {view.node_id for view in views} == set(views[0].nodes)
    assert sorted(views[0].nodes.values()) == sorted(node.port for node in ignite_cluster)
    assert views[0].nodes == views[1].nodes == views[2].nodes
