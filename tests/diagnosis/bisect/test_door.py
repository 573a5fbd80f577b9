"""Whatever one thing is wrong about a conversion is named: the stage, the kind, the place."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from interlingua import InterlinguaError, Verdict, bisect, load
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.ops.source import Constant
from support.faulty import (
    Approximate,
    Emitting,
    Exact,
    Misreading,
    Mistranslating,
    Rewriting,
    branched,
    builder,
    inputs,
)

OPS = builtin_ops()


def found(**arguments):
    given = {"to": "onnx", "examples": [inputs()], **arguments}
    return bisect(given.pop("source", None) or branched(), **given)


def sign(n, b, result):
    first, *rest = result if isinstance(result, list | tuple) else [result]
    return [b(OPS["core.neg"](), first), *rest]


def named(diagnosis):
    culprit = diagnosis.culprit
    return None if culprit is None else (culprit.stage, culprit.kind, culprit.origin.name or culprit.value)


@pytest.mark.parametrize("to", ["onnx", "numpy"])
@pytest.mark.parametrize("flag", [True, False])
def test_nothing_is_wrong_with_a_sound_conversion(to, flag):
    diagnosis = found(to=to, examples=[inputs(flag)])
    assert diagnosis.verdict is Verdict.VERIFIED, str(diagnosis)
    assert diagnosis.culprit is None and not diagnosis.others
    assert diagnosis.checked["load"] >= 12
    assert diagnosis.checked["run"] >= 10
    assert diagnosis.runs > 0


def test_inputs_are_generated_where_none_are_given():
    diagnosis = found(examples=(), cases=2)
    assert diagnosis.verdict is Verdict.VERIFIED, str(diagnosis)
    assert diagnosis.inputs.keys() == inputs().keys()


@pytest.mark.parametrize("node", ["stem/Conv", "then/Sub", "pool", "flat", "head/Add", "head/Norm"])
def test_a_wrong_translation_is_named_by_its_node(node):
    diagnosis = found(frontend=Mistranslating(node, sign))
    assert diagnosis.verdict is Verdict.MISMATCH
    assert named(diagnosis) == ("load", "translation", node)
    assert diagnosis.culprit.comparison is not None


def test_the_scope_in_the_source_is_told():
    culprit = found(frontend=Mistranslating("head/Add", sign)).culprit
    assert culprit.op == "Add"
    assert culprit.scope == "head"


def test_what_is_wrong_in_the_other_branch_is_found_on_the_input_that_takes_it():
    frontend = Mistranslating("else/Tanh", sign)
    assert found(frontend=frontend).culprit is None
    assert named(found(frontend=frontend, examples=[inputs(True), inputs(False)])) == (
        "load",
        "translation",
        "else/Tanh",
    )


def test_a_node_that_became_nothing_is_named_and_not_the_one_behind_it():
    diagnosis = found(frontend=Mistranslating("then/Relu", lambda n, b, result: n[0]))
    assert named(diagnosis) == ("load", "translation", "then/Relu")


def test_rounding_to_a_coarser_dtype_is_no_excuse():
    def narrow(n, b, result):
        half = b(OPS["core.cast"](to=OPS_F16), result)
        return b(OPS["core.cast"](to=result.tensor.dtype), half)

    from interlingua.ir.dtypes import DType

    OPS_F16 = DType.F16
    assert named(found(frontend=Mistranslating("stem/Conv", narrow))) == ("load", "translation", "stem/Conv")


@pytest.mark.parametrize("change", [lambda w: -w, lambda w: w * np.float32(1 + 2**-23), lambda w: np.flip(w, 0).copy()])
@pytest.mark.parametrize("weight", ["k", "bias"])
def test_a_misread_weight_is_named(weight, change):
    assert named(found(frontend=Misreading(weight, change))) == ("load", "weight", weight)


def negated(node, rewriter):
    b = builder(node, rewriter)
    with b.at(node.origin, node.scope):
        rewriter.replace_node(node, [b(OPS["core.neg"](), b.add(node.op, *node.operands))])


def renewed(node, rewriter):
    b = builder(node, rewriter)
    with b.at(node.origin, node.scope):
        rewriter.replace_node(node, b.add_all(node.op, *node.operands))


def swapped(node, rewriter):
    first, second = node.operands
    rewriter.set_operand(node, 0, second)
    rewriter.set_operand(node, 1, first)


def test_a_wrong_rewrite_is_named_by_its_pass_and_number():
    sound = Rewriting("core.add", renewed)
    calls = []

    def second(node, rewriter):
        calls.append(node)
        (negated if node.origin.name == "head/Relu" else renewed)(node, rewriter)

    diagnosis = found(passes=[sound, replace(sound, op="nn.relu", change=second)])
    culprit = diagnosis.culprit
    assert (culprit.stage, culprit.kind, culprit.detail) == ("optimize", "rewrite", "rewriting")
    assert culprit.origin.name == "head/Relu"
    assert culprit.rewrite == [n.origin.name for n in calls].index("head/Relu") + 1
    assert any("core.neg" in node for node in culprit.nodes)


def test_operands_that_are_changed_in_place_are_found_by_bisecting_the_edits():
    culprit = found(passes=[Rewriting("core.sub", swapped)]).culprit
    assert (culprit.stage, culprit.kind, culprit.detail) == ("optimize", "rewrite", "rewriting")
    assert culprit.rewrite in (1, 2)


def almost(node, rewriter):
    b = builder(node, rewriter)
    result = b.add(node.op, *node.operands)
    tiny = b.scalar(1 + 2**-23, result)
    rewriter.replace_node(node, [b(OPS["core.mul"](), result, tiny)])


def test_a_pass_keeps_every_bit_only_if_it_says_so():
    assert found(passes=[Rewriting("core.matmul", almost)]).culprit is None
    assert named(found(passes=[Exact("core.matmul", almost)]))[:2] == ("optimize", "rewrite")


def test_a_pass_that_raises_is_named():
    def raising(node, rewriter):
        raise RuntimeError("no")

    diagnosis = found(passes=[Rewriting("core.add", raising)])
    assert diagnosis.verdict is Verdict.CRASH
    assert (diagnosis.culprit.stage, diagnosis.culprit.kind, diagnosis.culprit.detail) == (
        "optimize",
        "error",
        "rewriting",
    )
    assert "no" in diagnosis.culprit.message


def test_a_wrong_decomposition_is_named():
    def composite(node, rewriter):
        if type(node.op).__name__ == "Wrong":
            return
        true = node.op
        cls = type("Wrong", (type(true),), {"decompose": lambda self, b, x: b(OPS["core.abs"](), x)})
        made = rewriter.create(cls(), node.operands, [r.type for r in node.results], (), [r.name for r in node.results])
        made.origin, made.scope = node.origin, node.scope
        rewriter.insert(made, node.graph, node)
        rewriter.replace_node(node, made.results)

    diagnosis = found(passes=[Rewriting("nn.relu", composite)])
    assert diagnosis.culprit.stage == "legalize"
    assert diagnosis.culprit.kind == "decomposition"
    assert diagnosis.culprit.op == "nn.relu"


def test_a_wrong_lowering_is_named_by_its_node():
    def change(module):
        for node in list(module.walk()):
            if node.origin.name == "head/MatMul" and node.op.name == "core.matmul":
                negated(node, builder(node).rewriter)

    assert named(found(to=Emitting(change), passes="minimal")) == ("run", "lowering", "head/MatMul")


def test_a_weight_that_is_emitted_wrongly_is_named():
    def change(module):
        for node in list(module.walk()):
            if isinstance(node.op, Constant) and node.result.name == "w":
                b = builder(node)
                b.rewriter.replace_node(node, [b.constant(node.op.weight.view() * np.float32(2), name="w")])

    culprit = found(to=Emitting(change)).culprit
    assert (culprit.stage, culprit.kind, culprit.value) == ("run", "weight", "w")


def fused_wrongly(module):
    """``relu(x + y)`` becomes ``x + y``, as an optimiser might do it."""
    for node in list(module.walk()):
        before = node.operands[0].node if node.op.name == "nn.relu" and node.operands[0] else None
        if before is not None and before.op.name == "core.add":
            builder(node).rewriter.replace(node.result, before.result)


def test_neighbours_that_are_wrong_together_are_named_together():
    culprit = found(to=Emitting(fused_wrongly), passes="minimal").culprit
    assert (culprit.stage, culprit.kind) == ("run", "neighbours")
    assert [node.split()[0] for node in culprit.nodes] == ["core.add", "nn.relu"]


def test_a_fault_that_the_values_hide_is_found_with_others():
    """Every input of the relu is positive: only numbers drawn anew show that it was lost."""

    def lost(module):
        for node in list(module.walk()):
            if node.origin.name == "then/Relu":
                builder(node).rewriter.replace(node.result, node.operands[0])

    flat = inputs()
    flat["x"] = np.zeros_like(flat["x"])
    assert named(found(to=Emitting(lost), examples=[flat])) == ("run", "lowering", "then/Relu")


def test_the_loading_of_a_module_is_not_in_question():
    diagnosis = found(source=load(branched()))
    assert diagnosis.verdict is Verdict.VERIFIED
    assert "load" not in diagnosis.checked


def test_inputs_that_the_source_does_not_take_prove_nothing():
    wrong = {**inputs(), "x": np.zeros((2, 3, 1, 1), np.float32)}
    diagnosis = found(examples=[wrong])
    assert diagnosis.verdict is Verdict.UNVERIFIED
    assert "examples" in diagnosis.notes[0]


def test_an_unknown_backend_is_a_clear_error():
    with pytest.raises(InterlinguaError, match="no backend is called 'nope'"):
        bisect(branched(), to="nope")


def test_a_diagnosis_is_plain_data_and_text():
    diagnosis = found(frontend=Mistranslating("head/Add", sign))
    plain = json.loads(json.dumps(diagnosis.to_dict(), default=str))
    assert plain["verdict"] == "MISMATCH"
    assert plain["culprit"]["origin"]["name"] == "head/Add"
    assert "head/Add (Add)" in str(diagnosis)
    assert "example 0" in str(diagnosis)


def test_an_op_whose_emission_raises_is_named():
    def raising(module):
        if any(n.origin.name == "head/Relu" for n in module.walk()):
            raise KeyError("relu")

    diagnosis = found(to=Emitting(raising))
    assert (diagnosis.culprit.stage, diagnosis.culprit.origin.name) == ("emit", "head/Relu")
    assert "KeyError" in diagnosis.culprit.message


def test_a_pass_that_is_to_change_results_is_not_held_to_them():
    diagnosis = found(passes=[Approximate("core.matmul", negated)])
    assert diagnosis.verdict is Verdict.VERIFIED, str(diagnosis)
    assert any("rough" in note for note in diagnosis.notes)


def test_what_the_inputs_do_not_reach_is_said():
    assert any("1 nodes of the source" in note for note in found(examples=[inputs(True)]).notes)
