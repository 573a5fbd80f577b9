"""Damaged model files, each made from a sound one by its number alone: the same number gives the same file.

Half of them are damaged as bytes (flips, runs, cuts, copies), half as messages: names swapped, dims, attributes, dtypes
and inputs changed, nodes dropped or doubled.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import onnx
import onnx.numpy_helper
import onnx.parser

from interlingua.formats.litert import IDENTIFIER

ODD_INTS = (
    -(1 << 63),
    -(1 << 31),
    -2,
    -1,
    0,
    1,
    2,
    3,
    255,
    1 << 16,
    (1 << 31) - 1,
    1 << 31,
    1 << 40,
    1 << 62,
    (1 << 63) - 1,
)
ODD_NAMES = ("", "x", "\u00e9", "a/../b", "%", "0", "x" * 300)


def damaged(number: int, corpus: Sequence[bytes]) -> bytes:
    """The damaged file of that number."""
    rng = random.Random(number)
    data = corpus[rng.randrange(len(corpus))]
    if data[4:8] == IDENTIFIER:
        for _ in range(rng.choice((1, 1, 2, 4))):
            data = rng.choice((*BYTES, word, word, word))(rng, data)
        return data
    if rng.random() < 0.5:
        for _ in range(rng.choice((1, 1, 2, 4))):
            data = rng.choice(BYTES)(rng, data)
        return data
    proto = onnx.ModelProto.FromString(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        rng.choice(MESSAGES)(rng, proto)
    return proto.SerializeToString()


def _place(rng: random.Random, data: bytes) -> int:
    """Somewhere, and more often where the structure is than in the weights."""
    size = len(data)
    return rng.randrange(max(1, min(size, 4096))) if rng.random() < 0.3 else rng.randrange(max(1, size))


def flip(rng: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        if out:
            out[_place(rng, data)] ^= 1 << rng.randrange(8)
    return bytes(out)


def overwrite(rng: random.Random, data: bytes) -> bytes:
    at, length = _place(rng, data), rng.choice((1, 2, 4, 16, 64))
    filling = rng.choice((b"\0" * length, b"\xff" * length, rng.randbytes(length)))
    return data[:at] + filling + data[at + length :]


def cut(rng: random.Random, data: bytes) -> bytes:
    return data[: _place(rng, data)]


def remove(rng: random.Random, data: bytes) -> bytes:
    at = _place(rng, data)
    return data[:at] + data[at + rng.choice((1, 2, 8, 64)) :]


def insert(rng: random.Random, data: bytes) -> bytes:
    at = _place(rng, data)
    return data[:at] + rng.randbytes(rng.choice((1, 2, 8, 64))) + data[at:]


def repeat(rng: random.Random, data: bytes) -> bytes:
    at, length = _place(rng, data), rng.choice((2, 16, 128))
    return data[: at + length] + data[at : at + length] + data[at + length :]


def word(rng: random.Random, data: bytes) -> bytes:
    """An aligned word of a FlatBuffer: offsets, lengths and most scalars are such."""
    at = _place(rng, data) & ~3
    near = int.from_bytes(data[at : at + 4], "little")
    extremes = (0, 1, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000)
    value = rng.choice((*extremes, near + 4, near - 4, near * 2, rng.randrange(len(data) + 4)))
    return data[:at] + (value & 0xFFFFFFFF).to_bytes(4, "little") + data[at + 4 :]


BYTES: tuple[Callable[[random.Random, bytes], bytes], ...] = (flip, flip, overwrite, cut, remove, insert, repeat)


def _graphs(proto: Any) -> Iterator[Any]:
    stack = [proto.graph, *proto.functions]
    while stack:
        graph = stack.pop()
        yield graph
        for node in graph.node:
            stack.extend(a.g for a in node.attribute if a.HasField("g"))


def _nodes(proto: Any) -> list[Any]:
    return [n for g in _graphs(proto) for n in g.node]


def _names(proto: Any) -> list[str]:
    names = [name for n in _nodes(proto) for name in (*n.input, *n.output)]
    return [*names, *(i.name for i in proto.graph.initializer), *ODD_NAMES]


def _pick(rng: random.Random, items: Any) -> Any:
    items = list(items)
    return rng.choice(items) if items else None


def retarget(rng: random.Random, proto: Any) -> None:
    node = _pick(rng, (n for n in _nodes(proto) if n.input))
    if node is not None:
        node.input[rng.randrange(len(node.input))] = rng.choice(_names(proto))


def rename(rng: random.Random, proto: Any) -> None:
    node = _pick(rng, (n for n in _nodes(proto) if n.output))
    if node is not None:
        node.output[rng.randrange(len(node.output))] = rng.choice(_names(proto))


def arity(rng: random.Random, proto: Any) -> None:
    node = _pick(rng, _nodes(proto))
    if node is not None:
        names = rng.choice((node.input, node.output))
        if names and rng.random() < 0.5:
            del names[rng.randrange(len(names))]
        else:
            names.append(rng.choice(_names(proto)))


def drop(rng: random.Random, proto: Any) -> None:
    graph = _pick(rng, (g for g in _graphs(proto) if g.node))
    if graph is not None:
        del graph.node[rng.randrange(len(graph.node))]


def double(rng: random.Random, proto: Any) -> None:
    graph = _pick(rng, (g for g in _graphs(proto) if g.node))
    if graph is not None:
        graph.node.add().CopyFrom(rng.choice(list(graph.node)))


def swap(rng: random.Random, proto: Any) -> None:
    graph = _pick(rng, (g for g in _graphs(proto) if len(g.node) > 1))
    if graph is not None:
        a, b = rng.sample(range(len(graph.node)), 2)
        kept = type(graph.node[a])()
        kept.CopyFrom(graph.node[a])
        graph.node[a].CopyFrom(graph.node[b])
        graph.node[b].CopyFrom(kept)


def operator(rng: random.Random, proto: Any) -> None:
    nodes = _nodes(proto)
    if nodes:
        rng.choice(nodes).op_type = rng.choice([n.op_type for n in nodes] + OPS)


OPS = [
    "Add",
    "Reshape",
    "Expand",
    "Tile",
    "ConstantOfShape",
    "Range",
    "Shape",
    "Loop",
    "If",
    "Cast",
    "Conv",
    "Slice",
    "Pad",
]
OPS += [
    "Concat",
    "Split",
    "MatMul",
    "Gather",
    "Resize",
    "TopK",
    "OneHot",
    "LSTM",
    "Unsqueeze",
    "Squeeze",
    "Transpose",
    "Mul",
]


def attribute(rng: random.Random, proto: Any) -> None:
    found = _pick(rng, (a for n in _nodes(proto) for a in n.attribute))
    if found is None:
        return
    kind = rng.randrange(6)
    if kind == 0:
        found.type = rng.randrange(15)
    elif kind == 1:
        found.i = rng.choice(ODD_INTS)
    elif kind == 2 and found.ints:
        found.ints[rng.randrange(len(found.ints))] = rng.choice(ODD_INTS)
    elif kind == 3:
        found.ints.extend(rng.choices(ODD_INTS, k=rng.randrange(3)))
    elif kind == 4:
        found.s = rng.choice((b"", b"\xff\xfe", b"SAME_UPPER", b"linear", b"x" * 100))
    else:
        found.name = rng.choice(("axis", "axes", "perm", "to", "body", "value", "", "kernel_shape"))


def forget(rng: random.Random, proto: Any) -> None:
    node = _pick(rng, (n for n in _nodes(proto) if n.attribute))
    if node is not None:
        del node.attribute[rng.randrange(len(node.attribute))]


def dim(rng: random.Random, proto: Any) -> None:
    infos = (
        i
        for g in _graphs(proto)
        if hasattr(g, "value_info")
        for i in (*g.input, *g.output, *g.value_info)
        if not isinstance(i, str)
    )
    info = _pick(rng, infos)
    if info is None:
        return
    dims = info.type.tensor_type.shape.dim
    if not dims or rng.random() < 0.2:
        dims.add()
    chosen = rng.choice(list(dims))
    if rng.random() < 0.5:
        chosen.dim_value = rng.choice(ODD_INTS)
    else:
        chosen.dim_param = rng.choice(ODD_NAMES)


def dtype(rng: random.Random, proto: Any) -> None:
    infos = [*proto.graph.input, *proto.graph.output]
    if infos and rng.random() < 0.5:
        rng.choice(infos).type.tensor_type.elem_type = rng.randrange(30)
    elif proto.graph.initializer:
        rng.choice(list(proto.graph.initializer)).data_type = rng.randrange(30)


def weight(rng: random.Random, proto: Any) -> None:
    inside = [a.t for n in _nodes(proto) for a in n.attribute if a.HasField("t")]
    tensor = _pick(rng, [*proto.graph.initializer, *inside])
    if tensor is None:
        return
    kind = rng.randrange(5)
    if kind == 0:
        tensor.dims.append(rng.choice(ODD_INTS))
    elif kind == 1 and tensor.dims:
        tensor.dims[rng.randrange(len(tensor.dims))] = rng.choice(ODD_INTS)
    elif kind == 2 and tensor.raw_data:
        tensor.raw_data = rng.randbytes(len(tensor.raw_data)) if len(tensor.raw_data) <= 64 else tensor.raw_data[:-1]
    elif kind == 3 and tensor.raw_data and len(tensor.raw_data) % 8 == 0 and len(tensor.raw_data) <= 64:
        tensor.raw_data = b"".join(
            rng.choice(ODD_INTS).to_bytes(8, "little", signed=True) for _ in range(len(tensor.raw_data) // 8)
        )
    else:
        tensor.data_location = 1
        tensor.external_data.add(key="location", value=rng.choice(("../x", "/etc/hostname", "x", "", "a\0b")))


def version(rng: random.Random, proto: Any) -> None:
    if rng.random() < 0.3 or not proto.opset_import:
        proto.ir_version = rng.choice((0, 1, 2, 3, 4, 99, -1))
    else:
        rng.choice(list(proto.opset_import)).version = rng.choice((0, 1, 6, 9, 11, 13, 18, 22, 99, -1, 1 << 40))


MESSAGES: tuple[Callable[[random.Random, Any], None], ...] = (
    retarget,
    retarget,
    rename,
    arity,
    drop,
    double,
    swap,
    operator,
    operator,
    attribute,
    attribute,
    forget,
    dim,
    dim,
    dtype,
    weight,
    weight,
    version,
)

CONTROL = """
<ir_version: 8, opset_import: ["" : 17, "own" : 1]>
control (float[batch, 4] x, int64 n, bool c) => (float[batch, 4] y, float[?, batch, 4] z, float[a, b] w, int64[k] r)
<float[4, 4] k = {1,0,0,0, 0,1,0,0, 0,0,1,0, 0,0,0,1}, int64[2] s = {-1, 2}, int64[1] one = {1}>
{
    true = Constant <value = bool {1}> ()
    y, z = Loop (n, true, x) <body = step (int64 i, bool go, float[batch, 4] h) =>
                                          (bool on, float[batch, 4] g, float[batch, 4] o) {
        on = Identity (go)
        g = MatMul (h, k)
        o = own.twice (g)
    }>
    w = If (c) <then_branch = yes () => (float[a, b] p) { p = Reshape (x, s) },
                else_branch = no () => (float[a, b] q) { t = Transpose <perm = [1, 0]> (x)
                                                         q = Reshape (t, s) }>
    shape = Shape (x)
    total = ReduceProd <axes = [0], keepdims = 0> (shape)
    zero = Constant <value = int64 {0}> ()
    unit = Constant <value = int64 {1}> ()
    range = Range (zero, total, unit)
    filled = ConstantOfShape <value = int64[1] {7}> (shape)
    one_less = Neg (one)
    flat = Reshape (filled, one_less)
    r = Add (range, flat)
}
<domain: "own", opset_import: ["" : 17]>
twice (a) => (b) { b = Add (a, a) }
"""

RECURRENT = """
<ir_version: 8, opset_import: ["" : 17]>
recurrent (float[seq, batch, 3] x) => (float[seq, d, batch, 2] y, float[m] z)
<int64[3] shape = {0, -1, 4}, int64[2] reps = {2, 3}, int64[1] starts = {0},
 int64[1] ends = {9223372036854775807}, int64[1] axes = {1}, int64[4] pads = {0, 1, 0, 1},
 float[4] scales = {1, 1, 2, 2}>
{
    y, h, c = LSTM <hidden_size = 2, direction = "forward"> (x, w, r, b)
    g = Reshape (x, shape)
    sl = Slice (x, starts, ends, axes)
    f = Flatten <axis = 1> (sl)
    t = Tile (f, reps)
    p = Pad (t, pads)
    u = Unsqueeze (p, axes)
    u2 = Unsqueeze (u, axes)
    rs = Resize <mode = "linear"> (u2, , scales)
    mp = MaxPool <kernel_shape = [1, 2], strides = [1, 2], ceil_mode = 1> (rs)
    sm = Softmax <axis = -1> (mp)
    minus = Neg (axes)
    z = Reshape (sm, minus)
}
"""


def handmade() -> list[bytes]:
    """Models with control flow, functions, recurrence and operands that decide shapes."""
    control, recurrent = onnx.parser.parse_model(CONTROL), onnx.parser.parse_model(RECURRENT)
    for name, shape in (("w", (1, 8, 3)), ("r", (1, 8, 2)), ("b", (1, 16))):
        recurrent.graph.initializer.append(onnx.numpy_helper.from_array(np.full(shape, 0.5, np.float32), name))
    return [control.SerializeToString(), recurrent.SerializeToString()]
