"""If, Loop and Scan at their corners: evaluated, and converted and run in ONNX Runtime, against what ONNX says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx.parser
import pytest

import interlingua
from interlingua.errors import InvalidModel
from interlingua.runtimes.onnxruntime import open_model

F = np.float32
X = np.arange(1, 13, dtype=F).reshape(3, 4)


def model(text: str, opset: int = 17) -> Any:
    return onnx.parser.parse_model(f'<ir_version: 8, opset_import: ["" : {opset}]>\n{text}')


def both(text: str, inputs: Sequence[Any], folder: Path, opset: int = 17) -> list[tuple[Any, ...]]:
    """The outputs by evaluation, and those of the converted model in ONNX Runtime."""
    proto = model(text, opset)
    module = interlingua.load(proto)
    found = tuple(interlingua.evaluate(module, list(inputs)).values())
    path = folder / "model.onnx"
    interlingua.convert(proto, to="onnx", output=path, verify=False)
    given = {name: value for name, value in zip(module.input_names, inputs, strict=True) if value is not None}
    return [found, tuple(open_model(str(path), False)(given).values())]


def same(got: Any, want: Any) -> bool:
    if isinstance(want, list):
        return len(got) == len(want) and all(same(g, w) for g, w in zip(got, want, strict=True))
    return got is None if want is None else np.array_equal(got, want) and np.shape(got) == np.shape(want)


LOOP = (
    "g (int64 n, bool c, float[4] v) => (float[4] last, float[k, 4] all) {{ last, all = Loop ({operands}) <body = b "
    "(int64 i, bool going, float[4] s) => (bool again, float[4] t, float[4] u) {{ t = Add (s, s) u = Neg (t) "
    "limit = Constant <value_float = 20.0> () top = ReduceMax <keepdims = 0> (t) again = Less (top, limit) }}> }}"
)


@pytest.mark.parametrize(
    ("operands", "trips", "going", "made"),
    [
        ("n, c, v", 2, True, 2),
        ("n, c, v", 0, True, 0),
        ("n, c, v", 5, False, 0),
        ("n, c, v", 9, True, 3),
        ("n, , v", 9, False, 3),
        (", c, v", 0, True, 3),
        (", c, v", 1, False, 0),
        (", , v", 0, False, 3),
    ],
)
def test_a_loop_ends_by_its_count_or_its_condition(operands, trips, going, made, tmp_path):
    start = np.array([1, 2, 3, 4], F)
    steps = [start * F(2) ** (i + 1) for i in range(made)]
    last = steps[-1] if steps else start
    for found in both(LOOP.format(operands=operands), [np.array(trips), np.array(going), start], tmp_path):
        assert same(found[0], last) and same(found[1], -np.array(steps, F).reshape(made, 4))


SCAN = (
    "g (float[3, 4] x, float s) => (float t, {shape} z) {{ t, z = Scan <num_scan_inputs = 1, {attributes}body = b "
    "(float a, float[r] row) => (float d, float[r] e) {{ m = ReduceSum <keepdims = 0> (row) d = Add (a, m) "
    "e = Add (row, a) }}> (s, x) }}"
)


def scanned(axis: int, reverse: bool, out_axis: int, out_reverse: bool) -> tuple[Any, Any]:
    rows = list(np.moveaxis(X, axis, 0))
    state, out = F(10), []
    for row in reversed(rows) if reverse else rows:
        out.append(row + state)
        state += row.sum()
    return state, np.stack(out[::-1] if out_reverse else out, out_axis)


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
@pytest.mark.parametrize(("reverse", "out_reverse"), [(False, True), (True, False)])
@pytest.mark.parametrize("out_axis", [0, 1, -1])
def test_a_scan_goes_along_any_axis_either_way(axis, reverse, out_axis, out_reverse, tmp_path):
    given = {"input_axes": axis, "input_directions": reverse, "output_axes": out_axis, "output_directions": out_reverse}
    attributes = "".join(f"scan_{name} = [{int(value)}], " for name, value in given.items())
    for found in both(SCAN.format(attributes=attributes, shape="float[a, b]"), [X, F(10)], tmp_path):
        for got, want in zip(found, scanned(axis, reverse, out_axis, out_reverse), strict=True):
            assert same(got, want)


def test_a_scan_of_nothing_gives_its_state_and_an_empty_stack():
    text = SCAN.format(attributes="", shape="float[a, b]").replace("float[3, 4]", "float[k, 4]")
    found = interlingua.evaluate(interlingua.load(model(text)), [X[:0], F(10)])
    assert found["t"] == 10 and found["z"].shape == (0, 4)


OLD_SCAN = (
    "g (int64[2] n, float[2, 3] s, float[2, 4, 3] x, float[2, 4, 3] y) => (float[2, 3] t, float[2, 4, 3] z, "
    "float[2, 4] w) {{ t, z, w = Scan <num_scan_inputs = 2, directions = [0, {back}], body = b (float[3] a, float[3] p,"
    " float[3] q) => (float[3] d, float[3] e, float f) {{ d = Add (a, p) e = Mul (a, q) "
    "f = ReduceSum <keepdims = 0> (q) }}> ({lengths}, s, x, y) }}"
)


@pytest.mark.parametrize("back", [0, 1])
@pytest.mark.parametrize("lengths", [None, [4, 2], [0, 3], [1, 3]])
def test_the_scan_of_opset_8_goes_over_examples_and_stops_at_their_lengths(lengths, back, tmp_path):
    text = OLD_SCAN.format(back=back, lengths="" if lengths is None else "n")
    state = np.array([[1, 2, 3], [4, 5, 6]], F)
    x, y = (np.arange(k, k + 24, dtype=F).reshape(2, 4, 3) for k in (0, 5))
    z, w, counts = np.zeros((2, 4, 3), F), np.zeros((2, 4), F), lengths or [4, 4]
    last = state.copy()
    for e, count in enumerate(counts):
        for t in range(count):
            q = y[e, count - 1 - t if back else t]
            z[e, t], w[e, t] = last[e] * q, q.sum()
            last[e] += x[e, t]
    inputs = [np.array(counts), state, x, y]
    found = both(text, inputs, tmp_path, opset=8)
    if min(counts) > 0:  # ONNX Runtime refuses an example of no steps
        session = open_model(_written(model(text, 8), tmp_path), False)
        found.append(tuple(session(dict(zip("nsxy", inputs, strict=True))).values()))
    for values in found:
        assert all(same(got, want) for got, want in zip(values, (last, z, w), strict=True))


def _written(proto: Any, folder: Path) -> str:
    path = folder / "source.onnx"
    onnx.save(proto, path)
    return str(path)


def test_an_inner_body_sees_what_all_outer_graphs_name(tmp_path):
    text = (
        "g (float[2] x, int64 n, bool c) => (float[2] y) { k = Neg (x) y = Loop (n, , x) <body = b (int64 i, bool p, "
        "float[2] s) => (bool q, float[2] t) { q = Identity (p) f = Cast <to = 1> (i) t = If (c) "
        "<then_branch = a () => (float[2] u) { m = Constant <value_int = 2> () u = Loop (m, , s) <body = d "
        "(int64 j, bool o, float[2] r) => (bool l, float[2] w) { l = Identity (o) h = Add (r, k) w = Add (h, f) }> }, "
        "else_branch = e () => (float[2] v) { v = Add (s, x) }> }> }"
    )
    x = np.array([1, 2], F)
    for found in both(text, [x, np.array(3), np.array(True)], tmp_path):
        assert same(found[0], x - 6 * x + 2 * (0 + 1 + 2))
    for found in both(text, [x, np.array(3), np.array(False)], tmp_path):
        assert same(found[0], 4 * x)


def test_a_sequence_is_carried(tmp_path):
    text = (
        "g (float[3, 4] x, int64 n) => (seq(float) y) { e = SequenceEmpty () y = Loop (n, , e) <body = b (int64 i, "
        "bool p, seq(float) s) => (bool q, seq(float) t) { q = Identity (p) r = Gather (x, i) "
        "t = SequenceInsert (s, r) }> }"
    )
    for found in both(text, [X, np.array(2)], tmp_path):
        assert same(found[0], [X[0], X[1]])


OPTIONAL = (
    "g (int64 n, optional(seq(float)) o) => (seq(float) y) { y = Loop (n, , o) <body = b (int64 i, bool p, "
    "optional(seq(float)) s) => (bool q, seq(float) t) { q = Identity (p) h = OptionalHasElement (s) k = If (h) "
    "<then_branch = a () => (seq(float) u) { u = OptionalGetElement (s) }, else_branch = e () => (seq(float) v) "
    "{ v = SequenceEmpty () }> f = Cast <to = 1> (i) t = SequenceInsert (k, f) }> }"
)


@pytest.mark.parametrize("held", [None, [np.array(7, F)]])
def test_a_loop_may_take_an_optional_and_give_what_it_holds(held, tmp_path):
    for found in both(OPTIONAL, [np.array(2), held], tmp_path):
        assert same(found[0], [*(held or []), F(0), F(1)])


@pytest.mark.parametrize("holds", [False, True])
def test_a_branch_may_give_an_optional_that_holds_nothing(holds, tmp_path):
    text = (
        "g (bool c, float[2] x) => (optional(float[2]) y, bool h) { y = If (c) <then_branch = a () => "
        "(optional(float[2]) u) { u = Optional (x) }, else_branch = b () => (optional(float[2]) v) "
        "{ v = Optional <type = float[2]> () }> h = OptionalHasElement (y) }"
    )
    proto = model(text.replace("<type = float[2]>", ""), 18)
    branch = next(a.g for a in proto.graph.node[0].attribute if a.name == "else_branch")
    held = onnx.helper.make_tensor_type_proto(onnx.TensorProto.FLOAT, [2])
    branch.node[0].attribute.append(onnx.helper.make_attribute("type", held))
    x = np.array([1, 2], F)
    module = interlingua.load(proto)
    path = tmp_path / "model.onnx"
    interlingua.convert(proto, to="onnx", output=path, verify=False)
    inputs = {"c": np.array(holds), "x": x}
    for found in (interlingua.evaluate(module, inputs), open_model(str(path), False)(inputs)):
        assert same(found["y"], x if holds else None) and bool(found["h"]) is holds


def test_branches_of_different_ranks_meet_in_none(tmp_path):
    text = (
        "g (bool c, float[2] x) => (float y) { t = If (c) <then_branch = a () => (float[2] u) { u = Neg (x) }, "
        "else_branch = b () => (float v) { v = ReduceSum <keepdims = 0> (x) }> y = ReduceSum <keepdims = 0> (t) }"
    )
    for flag, want in ((True, F(-3)), (False, F(3))):
        for found in both(text, [np.array(flag), np.array([1, 2], F)], tmp_path):
            assert same(found[0], want)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            "g (bool c, float[2] x) => (float[2] y) { y = If (c) <then_branch = a () => (float[2] u) { u = Neg (x) }, "
            "else_branch = b () => (int32[2] v) { v = Cast <to = 6> (x) }> }",
            "no common type",
        ),
        ("g (float[3, 4] x) => (float[4] y) { y = Scan <num_scan_inputs = 2, body = b () => () {}> (x) }", "inputs"),
    ],
)
def test_what_does_not_fit_is_no_valid_model(text, what):
    with pytest.raises(InvalidModel, match=what):
        interlingua.load(model(text))
