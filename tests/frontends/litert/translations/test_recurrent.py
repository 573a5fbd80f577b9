"""Recurrent layers, subgraphs, box suppression and transforms, against LiteRT's kernels."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

import interlingua
from interlingua.errors import InvalidModel, UnsupportedOps
from interlingua.ir.dtypes import DType
from support.litert_cases import Case, Fed, Fixed, State, check, interpreted, noise, packed
from support.litert_models import Model

F32, I32, BOOL = DType.F32, DType.I32, DType.BOOL
CELLS, DEPTH, TIME, BATCH = 4, 3, 5, 2


def weights(count, *shape):
    return [Fixed(0.5 * noise(*shape)) for _ in range(count)]


def gates(*, coupled, peepholes):
    """The weights, peepholes and biases of one direction, without a projection."""
    first = [None] if coupled else weights(1, CELLS, DEPTH)
    again = [None] if coupled else weights(1, CELLS, CELLS)
    looks = [None] if coupled else weights(1, CELLS)
    bias = [None] if coupled else weights(1, CELLS)
    return [
        *first, *weights(3, CELLS, DEPTH), *again, *weights(3, CELLS, CELLS),
        *([*looks, *weights(2, CELLS)] if peepholes else [None] * 3), *bias, *weights(3, CELLS), None, None,
    ]  # fmt: skip


def sequence(time_major, batch=BATCH):
    return noise(*((TIME, batch) if time_major else (batch, TIME)), DEPTH)


def unidirectional(activation, time_major, coupled, peepholes, **more):
    options = {"fused_activation_function": activation, "time_major": time_major, **more}
    operands = [sequence(time_major), *gates(coupled=coupled, peepholes=peepholes)]
    return Case(
        "UNIDIRECTIONAL_SEQUENCE_LSTM",
        [*operands, State((BATCH, CELLS)), State((BATCH, CELLS))],
        ("UnidirectionalSequenceLSTMOptions", options),
        note=f"{coupled} {peepholes}",
    )


def bidirectional(time_major, merge, coupled=False, batch=BATCH):
    options = {"fused_activation_function": 4, "time_major": time_major, "merge_outputs": merge}
    operands = [
        sequence(time_major, batch),
        *gates(coupled=coupled, peepholes=False),
        *gates(coupled=coupled, peepholes=False),
    ]
    states = [State((batch, CELLS)) for _ in range(4)]
    return Case(
        "BIDIRECTIONAL_SEQUENCE_LSTM",
        [*operands, *states, *[None] * 9],
        ("BidirectionalSequenceLSTMOptions", options),
        [F32] if merge else [F32, F32],
        note=f"{coupled} {batch}",
    )


def layer():
    return [*weights(1, CELLS, DEPTH), *weights(1, CELLS, CELLS), *weights(1, CELLS), State((BATCH, CELLS))]


def basic_lstm():
    operands = [
        noise(BATCH, DEPTH),
        noise(BATCH, CELLS),
        Fixed(noise(4 * CELLS, DEPTH + CELLS)),
        Fixed(noise(4 * CELLS)),
    ]
    options = {"kernel_type": 1, "fused_activation_function": 4}
    return Case("LSTM", [*operands, noise(BATCH, CELLS)], ("LSTMOptions", options), [F32] * 4, version=2)


def boxes(op, limit, iou, score, *, fed=False):
    corners = np.random.default_rng(3).uniform(0, 1, (12, 4)).astype(np.float32)
    corners[5] = corners[2]
    scores = np.linspace(1, 0, 12, dtype=np.float32)
    limit = np.array(limit, np.int32)
    operands = [corners, scores, limit if fed else Fixed(limit), Fixed(np.float32(iou)), Fixed(np.float32(score))]
    fifth = op.endswith("V5")
    return Case(
        op,
        [*operands, Fixed(np.float32(0))] if fifth else operands,
        (f"NonMaxSuppression{op[-2:]}Options", {}),
        [I32, F32, I32] if fifth else [I32, I32],
        exact=True,
        note=f"{limit} {iou} {score}",
    )


CASES = [
    *(unidirectional(4, t, c, p) for t, c, p in product((False, True), (False, True), (False, True))),
    unidirectional(1, True, False, False),
    *(bidirectional(t, m) for t, m in ((False, False), (True, False), (True, True))),
    bidirectional(True, True, coupled=True),
    bidirectional(False, True, batch=1),
    bidirectional(False, True, coupled=True, batch=1),
    *(
        Case("UNIDIRECTIONAL_SEQUENCE_RNN", [sequence(t), *layer()],
             ("SequenceRNNOptions", {"time_major": t, "fused_activation_function": a}))
        for t, a in [(False, 4), (True, 1), (True, 0)]
    ),
    *(
        Case("BIDIRECTIONAL_SEQUENCE_RNN", [sequence(t), *layer(), *layer(), None, None, None],
             ("BidirectionalSequenceRNNOptions", {"time_major": t, "fused_activation_function": 4, "merge_outputs": m}),
             [F32] if m else [F32, F32])
        for t, m in product((False, True), (False, True))
    ),
    basic_lstm(),
    *(
        boxes(op, limit, iou, score)
        for op in ("NON_MAX_SUPPRESSION_V4", "NON_MAX_SUPPRESSION_V5")
        for limit, iou, score in [(5, 0.3, 0.2), (12, 0.01, 0.5), (3, 1.0, -1.0), (0, 0.5, 0.5)]
    ),
    boxes("NON_MAX_SUPPRESSION_V4", 12, 1.0, -1.0),
    boxes("NON_MAX_SUPPRESSION_V4", 6, 0.4, 0.1, fed=True),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_as_the_kernel(case: Case) -> None:
    check(case)


def refused(case: Case) -> UnsupportedOps:
    with pytest.raises(UnsupportedOps) as caught:
        interlingua.load(packed(case)[0])
    return caught.value


def test_a_clipped_cell_is_refused() -> None:
    assert "clip" in str(refused(unidirectional(4, True, False, False, cell_clip=1.0)))


def test_both_directions_in_one_with_several_batches_first_are_refused() -> None:
    """The kernel steps from state to state by the width of the merged output: beyond the states from the second on."""
    assert "beyond their end" in str(refused(bidirectional(False, True)))
    case = bidirectional(False, True)
    x = Fed(case.operands[0], open_dims=(0,))
    assert "beyond their end" in str(refused(replace(case, operands=[x, *case.operands[1:]])))


def spectrum(shape, length):
    """Real and imaginary part and size of a transform."""
    model = Model()
    graph = model.subgraph()
    x = graph.input("x", shape)
    size = graph.constant("n", np.array(length, np.int32))
    pairs = graph.tensor("c", (), DType.C64)
    graph.op("RFFT2D", [x, size], [pairs], ("Rfft2dOptions", {}))
    for op in ("REAL", "IMAG", "COMPLEX_ABS"):
        graph.outputs.append(graph.tensor(op, ()))
        graph.op(op, [pairs], [graph.outputs[-1]])
    return model.pack()


@pytest.mark.parametrize(
    ("shape", "length"), [((4, 8), (4, 8)), ((2, 4, 8), (4, 8)), ((3, 10), (2, 8)), ((3, 5), (4, 8))]
)
def test_transforms(shape, length) -> None:
    data, x = spectrum(shape, length), noise(*shape)
    found = interpreted(data, {"x": x})
    wanted = interlingua.evaluate(interlingua.load(data), {"x": x}, precision="float64")
    for name, got in zip(("REAL", "IMAG", "COMPLEX_ABS"), found, strict=True):
        bound = 8 * np.finfo(np.float32).eps * np.abs(x).sum()  # what sums of all elements may lose
        np.testing.assert_allclose(got, wanted[name], rtol=0, atol=bound)


def branching() -> bytes:
    model = Model()
    graph = model.subgraph()
    c, x = graph.input("c", (), BOOL), graph.input("x", (2, 3))
    graph.outputs = [graph.tensor("y", (2, 3))]
    graph.op("IF", [c, x], graph.outputs, ("IfOptions", {"then_subgraph_index": 1, "else_subgraph_index": 2}))
    for op in ("NEG", "SQUARE"):
        inner = model.subgraph()
        given = inner.input("a", (2, 3))
        inner.outputs = [inner.tensor("b", (2, 3))]
        inner.op(op, [given], inner.outputs)
    return model.pack()


@pytest.mark.parametrize("chosen", [True, False])
def test_if(chosen) -> None:
    data, fed = branching(), {"c": np.array(chosen), "x": noise(2, 3)}
    np.testing.assert_array_equal(interlingua.evaluate(interlingua.load(data), fed)["y"], interpreted(data, fed)[0])


def looping() -> bytes:
    """``while i < n: i, x = i + 1, x + x``."""
    model = Model()
    graph, cond, body = model.subgraph(), model.subgraph(), model.subgraph()
    given = [graph.input("i", (), I32), graph.input("n", (), I32), graph.input("x", (2,))]
    graph.outputs = [graph.tensor("j", (), I32), graph.tensor("m", (), I32), graph.tensor("y", (2,))]
    graph.op("WHILE", given, graph.outputs, ("WhileOptions", {"cond_subgraph_index": 1, "body_subgraph_index": 2}))
    i, n, _ = cond.input("i", (), I32), cond.input("n", (), I32), cond.input("x", (2,))
    cond.outputs = [cond.tensor("on", (), BOOL)]
    cond.op("LESS", [i, n], cond.outputs)
    i, n, x = body.input("i", (), I32), body.input("n", (), I32), body.input("x", (2,))
    one = body.constant("one", np.int32(1))
    after, twice = body.tensor("after", (), I32), body.tensor("twice", (2,))
    body.op("ADD", [i, one], [after], ("AddOptions", {}))
    body.op("ADD", [x, x], [twice], ("AddOptions", {}))
    body.outputs = [after, n, twice]
    return model.pack()


@pytest.mark.parametrize("trips", [0, 1, 5])
def test_while(trips) -> None:
    data, fed = looping(), {"i": np.int32(0), "n": np.int32(trips), "x": noise(2)}
    found, wanted = interlingua.evaluate(interlingua.load(data), fed), interpreted(data, fed)
    for name, value in zip(("j", "m", "y"), wanted, strict=True):
        np.testing.assert_array_equal(found[name], value)


def test_a_subgraph_that_calls_itself_is_damage() -> None:
    model = Model()
    graph = model.subgraph()
    x = graph.input("x", (2,))
    graph.outputs = [graph.tensor("y", (2,))]
    graph.op("CALL", [x], graph.outputs, ("CallOptions", {"subgraph": 0}))
    with pytest.raises(InvalidModel, match="calls itself"):
        interlingua.load(model.pack())


def test_calls_that_multiply_end() -> None:
    """Each of 40 subgraphs calls the next one twice."""
    model = Model()
    for depth in range(40):
        graph = model.subgraph()
        x = graph.input("x", (2,))
        middle = graph.tensor("m", (2,))
        graph.outputs = [graph.tensor("y", (2,))]
        for a, b in ((x, middle), (middle, graph.outputs[0])):
            if depth < 39:
                graph.op("CALL", [a], [b], ("CallOptions", {"subgraph": depth + 1}))
            else:
                graph.op("NEG", [a], [b])
    with pytest.raises((InvalidModel, UnsupportedOps)):
        interlingua.load(model.pack())
