from __future__ import annotations

import onnx
from onnx import TensorProto, helper

from interlingua.runtimes.permissions import withdrawn


def saved(path, *nodes):
    info = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    onnx.save(helper.make_model(helper.make_graph(nodes, "g", [info], [])), path)
    return path


def product(domain="com.microsoft", **attributes):
    return helper.make_node("MatMulNBits", ["x"], ["y"], domain=domain, K=32, **attributes)


def attributes(data):
    return [{a.name for a in node.attribute} for node in onnx.load_from_string(data).graph.node]


def test_a_model_that_permits_nothing_is_left_alone(tmp_path):
    assert withdrawn(saved(tmp_path / "m.onnx", product())) is None


def test_the_permission_is_withdrawn_from_contrib_nodes_alone(tmp_path):
    path = saved(tmp_path / "m.onnx", product(accuracy_level=4), product("mine", accuracy_level=4))
    assert attributes(withdrawn(path)) == [{"K"}, {"K", "accuracy_level"}]


def test_and_from_those_in_branches(tmp_path):
    branch = helper.make_graph([product(accuracy_level=4)], "b", [], [])
    path = saved(tmp_path / "m.onnx", helper.make_node("If", ["x"], [], then_branch=branch, else_branch=branch))
    found = onnx.load_from_string(withdrawn(path)).graph.node[0].attribute
    assert [[a.name for n in b.g.node for a in n.attribute] for b in found] == [["K"], ["K"]]
