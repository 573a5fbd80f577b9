"""Nodes of older opsets whose meaning is not that of the newest: what they are, and what they are to compute.

A :class:`Row` holds a node as an older opset writes it and, in ``twin``, the same computation in the words of another
opset, for ONNX Runtime. Without a twin ONNX Runtime takes the node as it is. Graphs are in ONNX's text form; inputs are
``x0``, ``x1`` …, outputs ``y0`` ….
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import helper, parser

Array = np.ndarray[Any, Any]
TWIN = 17


@dataclass(frozen=True)
class Row:
    """One node in the versions that have it so.

    Attributes:
        op: its name.
        versions: the versions, each tried in the opset of its number.
        text: the graph.
        arrays: the inputs.
        twin: the same graph for ONNX Runtime, in opset ``opset``.
        constants: the inputs that are initializers.
        result: the dtype of the outputs.
    """

    op: str
    versions: tuple[int, ...]
    text: str
    arrays: tuple[Array, ...]
    twin: str | None = None
    opset: int = TWIN
    constants: tuple[int, ...] = ()
    result: Any = np.float32

    def model(self, version: int) -> onnx.ModelProto:
        """The graph in the opset of a version."""
        return self._model(self.text, version)

    def witness(self, version: int) -> onnx.ModelProto:
        """What ONNX Runtime is given."""
        return self.model(version) if self.twin is None else self._model(self.twin, self.opset)

    def inputs(self) -> dict[str, Array]:
        """What is fed, by name."""
        return {f"x{i}": array for i, array in enumerate(self.arrays) if i not in self.constants}

    def _model(self, text: str, opset: int) -> onnx.ModelProto:
        graph = parser.parse_graph(f"g () => () {{ {text} }}")
        for i in self.constants:
            graph.initializer.append(onnx.numpy_helper.from_array(self.arrays[i], f"x{i}"))
        for name, array in self.inputs().items():
            code = helper.np_dtype_to_tensor_dtype(array.dtype)
            graph.input.append(helper.make_tensor_value_info(name, code, array.shape))
        code = helper.np_dtype_to_tensor_dtype(np.dtype(self.result))
        results = [name for node in graph.node for name in node.output if name.startswith("y")]
        graph.output.extend(helper.make_tensor_value_info(name, code, None) for name in results)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def _values(*shape: int, seed: int = 0, dtype: Any = np.float32) -> Array:
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "b":
        return rng.random(shape) < 0.5
    if np.dtype(dtype).kind in "iu":
        return rng.integers(1, 5, shape).astype(dtype)
    return rng.uniform(0.5, 2.0, shape).astype(dtype)


X = _values(2, 3, 4, 5)
SIGNED = X - np.float32(1.25)
VECTOR = _values(3, seed=1)
EDGES = np.array([np.inf, -np.inf, np.nan, 1.0, -0.0], np.float32)

_ARITHMETIC = dict.fromkeys(("Add", "Sub", "Mul", "Div"), ((1, 6), np.float32)) | {"Pow": ((1,), np.float32)}
_LOGIC = dict.fromkeys(("And", "Or", "Xor"), ((1,), np.bool_))
_COMPARISON = {"Equal": ((1,), np.int32), "Greater": ((1,), np.float32), "Less": ((1,), np.float32)}


def _broadcasting() -> Iterator[Row]:
    """The second operand along the axes of the first from ``axis`` on, or along the last ones."""
    shapes = [
        ((3,), ", axis=1", "3, 1, 1"),
        ((3, 4), ", axis=1", "3, 4, 1"),
        ((2, 3), ", axis=0", "2, 3, 1, 1"),
        ((3, 4), ", axis=-3", "3, 4, 1"),
        ((4, 5), "", "4, 5"),
        ((1,), ", axis=1", "1"),
        ((1, 1), "", "1, 1"),
    ]
    for op, (versions, dtype) in (_ARITHMETIC | _LOGIC | _COMPARISON).items():
        for shape, axis, spread in shapes:
            x, y = _values(2, 3, 4, 5, dtype=dtype), _values(*shape, seed=1, dtype=dtype)
            text = f"y0 = {op}<broadcast=1{axis}>(x0, x1)"
            twin = f"s = Constant<value_ints=[{spread}]>() r = Reshape(x1, s) y0 = {op}(x0, r)"
            yield Row(op, versions, text, (x, y), twin, result=dtype if op in _ARITHMETIC else np.bool_)


def _flattening() -> Iterator[Row]:
    """All axes from ``axis`` on count as one."""
    for op in ("Softmax", "LogSoftmax", "Hardmax"):
        for axis in ("<axis=0>", "", "<axis=2>", "<axis=3>"):
            yield Row(op, (1, 11), f"y0 = {op}{axis}(x0)", (SIGNED,))


_STATISTICS = tuple(_values(3, seed=i) for i in range(1, 5))
_PLACES = tuple(_values(3, 4, 5, seed=i) for i in range(1, 5))
_BY_PLACE = (
    "e = Constant<value_float=0.001>() v = Add(x4, e) d = Sqrt(v) c = Sub(x0, x3) n = Div(c, d) "
    "s = Mul(n, x1) y0 = Add(s, x2)"
)
_OLD_NORM = "BatchNormalization<epsilon=0.001, consumed_inputs=[0, 0, 0, 1, 1]"
_NORM = "BatchNormalization<epsilon=0.001"
_OPERANDS = "(x0, x1, x2, x3, x4)"
_TRAINED = (
    "y0, y1, y2 = BatchNormalization<epsilon=0.001, momentum=0.75, training_mode=1>(x0, x1, x2, x3, x4) "
    "y3 = ReduceMean<axes=[0, 2, 3], keepdims=0>(x0)"
)
_NORMALIZATION = [
    Row("BatchNormalization", (1,), f"y0 = {_OLD_NORM}, is_test=1, spatial=0>{_OPERANDS}", (X, *_PLACES), _BY_PLACE),
    Row("BatchNormalization", (6,), f"y0 = {_NORM}, is_test=1, spatial=0>{_OPERANDS}", (X, *_PLACES), _BY_PLACE),
    Row("BatchNormalization", (7,), f"y0 = {_NORM}, spatial=0>{_OPERANDS}", (X, *_PLACES), _BY_PLACE),
    Row(
        "BatchNormalization",
        (6,),
        f"y0, y1, y2, y3, spare = {_NORM}, momentum=0.75>{_OPERANDS}",
        (X, *_STATISTICS),
        _TRAINED,
    ),
    Row(
        "BatchNormalization",
        (7, 9),
        f"y0, y1, y2, y3, spare = {_NORM}, momentum=0.75>{_OPERANDS}",
        (X, *_STATISTICS),
        _TRAINED,
    ),
    Row("GroupNormalization", (18,), "y0 = GroupNormalization<num_groups=3>(x0, x1, x2)", (X, VECTOR, -VECTOR)),
    Row("MeanVarianceNormalization", (1,), "y0 = MeanVarianceNormalization(x0)", (X,)),
    Row("MeanVarianceNormalization", (1,), "y0 = MeanVarianceNormalization<across_channels=1>(x0)", (X,)),
    Row("MeanVarianceNormalization", (1,), "y0 = MeanVarianceNormalization<normalize_variance=0>(x0)", (X,)),
]

_P_NORM = "p = Constant<value_float=2.5>() q = Constant<value_float=0.4>() a = Abs(x0) b = Pow(a, p) "
_POOLING = [
    Row(
        "LpPool",
        (1,),
        "y0 = LpPool<kernel_shape=[2, 3], p=2.5>(x0)",
        (SIGNED,),
        _P_NORM + "c = LpPool<kernel_shape=[2, 3], p=1>(b) y0 = Pow(c, q)",
    ),
    Row(
        "GlobalLpPool",
        (1,),
        "y0 = GlobalLpPool<p=2.5>(x0)",
        (SIGNED,),
        _P_NORM + "s = Constant<value_ints=[2, 3]>() c = ReduceSum(b, s) y0 = Pow(c, q)",
    ),
    Row("GlobalLpPool", (1,), "y0 = GlobalLpPool(x0)", (SIGNED,), "y0 = ReduceL2<axes=[2, 3]>(x0)"),
    Row("GlobalLpPool", (2, 22), "y0 = GlobalLpPool<p=1>(x0)", (SIGNED,), "y0 = ReduceL1<axes=[2, 3]>(x0)"),
    Row(
        "MaxRoiPool",
        (1, 22),
        "y0 = MaxRoiPool<pooled_shape=[2, 2], spatial_scale=0.5>(x0, x1)",
        (SIGNED, np.array([[0, 0, 0, 6, 6], [1, 2, 2, 8, 4]], np.float32)),
        "y0 = MaxRoiPool<pooled_shape=[2, 2], spatial_scale=0.5>(x0, x1)",
    ),
]

_DOUBLED = "s = Constant<value_floats=[1.0, 1.0, 2.0, 3.0]>() "
_SAMPLING = [
    Row(
        "Upsample",
        (1,),
        f'y0 = Upsample<mode="{mode}", height_scale=2.0, width_scale=3.0>(x0)',
        (X,),
        f'{_DOUBLED} y0 = Resize<mode="{twin}", coordinate_transformation_mode="asymmetric", nearest_mode="floor">'
        "(x0, , s)",
    )
    for mode, twin in (("nearest", "nearest"), ("bilinear", "linear"))
] + [
    Row(
        op,
        (10,),
        f"y0 = {op}<mode={mode}>(x0, x1)",
        (X, np.array([1, 1, 2, 1.5], np.float32)),
        f'y0 = Resize<mode={mode}, coordinate_transformation_mode="asymmetric", nearest_mode="floor">(x0, , x1)',
        constants=(1,),
    )
    for op in ("Upsample", "Resize")
    for mode in ('"nearest"', '"linear"')
]

_SEQUENCE = (_values(3, 2, 4), _values(1, 6, 4, seed=1) - 1, _values(1, 6, 2, seed=2) - 1, _values(1, 12, seed=3) - 1)
_RECURRENT = [
    Row(
        "GRU",
        (1,),
        "y0, y1 = GRU<hidden_size=2, output_sequence=1>(x0, x1, x2, x3)",
        _SEQUENCE,
        f"{_gru}(x0, x1, x2, x3)",
    )
    for _gru in ("y0, y1 = GRU<hidden_size=2>",)
] + [
    Row(
        "GRU",
        (3, 7),
        "y0, y1 = GRU<hidden_size=2, linear_before_reset=1>(x0, x1, x2, x3)",
        _SEQUENCE,
        "y0, y1 = GRU<hidden_size=2, linear_before_reset=1>(x0, x1, x2, x3)",
    ),
]

_LIMIT = np.array([np.finfo(np.float32).max], np.float32)[0]
_POINTWISE = [
    Row("Clip", (6,), "y0 = Clip(x0)", (EDGES,)),
    Row("Clip", (1,), "y0 = Clip(x0)", (EDGES,), "y0 = Clip(x0)", 6),
    Row("Clip", (1,), "y0 = Clip<max=0.5>(x0)", (EDGES,), "y0 = Clip<max=0.5>(x0)", 6),
    Row("Clip", (11, 12, 13), "y0 = Clip(x0)", (EDGES,)),
    Row("Clip", (11, 12, 13), "y0 = Clip(x0, x1)", (EDGES, np.float32(-2.5))),
    Row("Clip", (11, 12, 13), "y0 = Clip(x0, , x1)", (EDGES, np.float32(0.5))),
    *(Row("Clip", (12, 13), "y0 = Clip(x0)", (EDGES.astype(t),), result=t) for t in (np.float16, np.float64)),
    Row("Selu", (1,), "y0 = Selu(x0)", (SIGNED,), "y0 = Selu<alpha=1.6732, gamma=1.0507>(x0)"),
    Row(
        "PRelu",
        (1, 6),
        "y0 = PRelu(x0, x1)",
        (SIGNED, VECTOR),
        "s = Constant<value_ints=[3, 1, 1]>() r = Reshape(x1, s) y0 = PRelu(x0, r)",
    ),
    Row("PRelu", (1, 6), "y0 = PRelu(x0, x1)", (SIGNED, VECTOR[:1]), "y0 = PRelu(x0, x1)"),
    Row(
        "Gemm",
        (1, 6),
        "y0 = Gemm<broadcast=1>(x0, x1, x2)",
        (X[0, 0], X[0, 0].T.copy(), X[0, 0, 0, :4]),
        "y0 = Gemm(x0, x1, x2)",
    ),
    Row("Dropout", (1, 6), "y0 = Dropout<is_test=1>(x0)", (X,), "y0 = Identity(x0)"),
    Row("Dropout", (7, 10), "y0 = Dropout<ratio=0.9>(x0)", (X,), "y0 = Identity(x0)"),
]

_MOVEMENT = [
    Row("Concat", (1,), "y0 = Concat(x0, x0)", (X,), "y0 = Concat<axis=1>(x0, x0)"),
    Row(
        "Reshape",
        (1,),
        "y0 = Reshape<shape=[0, -1, 5]>(x0)",
        (X,),
        "s = Constant<value_ints=[0, -1, 5]>() y0 = Reshape(x0, s)",
    ),
    Row(
        "Split",
        (1,),
        "y0, y1 = Split<axis=2>(x0, x1)",
        (X, np.array([1, 3], np.float32)),
        "s = Constant<value_ints=[1, 3]>() y0, y1 = Split<axis=2>(x0, s)",
        constants=(1,),
    ),
    Row("Split", (1,), "y0, y1 = Split(x0)", (X,), "y0, y1 = Split<axis=0>(x0)"),
    Row(
        "Tile",
        (1,),
        "y0 = Tile(x0, x1, x2)",
        (X, np.array(2, np.float32), np.array(1, np.float32)),
        "s = Constant<value_ints=[1, 2, 1, 1]>() y0 = Tile(x0, s)",
        constants=(1, 2),
    ),
    Row(
        "Scatter",
        (9,),
        "y0 = Scatter<axis=1>(x0, x1, x2)",
        (X[0, 0], np.array([[4, 0]]), np.array([[7, 8]], np.float32)),
    ),
    Row(
        "Scatter",
        (11,),
        "y0 = Scatter<axis=1>(x0, x1, x2)",
        (X[0, 0], np.array([[-1, 0]]), np.array([[7, 8]], np.float32)),
        "y0 = ScatterElements<axis=1>(x0, x1, x2)",
    ),
    Row("ConcatFromSequence", (11,), "s = SequenceConstruct(x0, x0) y0 = ConcatFromSequence<axis=1>(s)", (X,)),
    Row(
        "ConcatFromSequence",
        (11,),
        "s = SequenceConstruct(x0, x0) y0 = ConcatFromSequence<axis=-1, new_axis=1>(s)",
        (X,),
    ),
    Row(
        "SequenceErase",
        (11,),
        "s = SequenceConstruct(x0, x1) i = Constant<value = int64 {-2}>() t = SequenceErase(s, i) "
        "y0 = ConcatFromSequence<axis=0>(t)",
        (X, VECTOR),
    ),
    Row("Optional", (28,), "o = Optional(x0) y0 = OptionalGetElement(o)", (X,), "y0 = Identity(x0)"),
]

_WITHDRAWN = [
    Row("Affine", (1,), "y0 = Affine<alpha=2.0, beta=0.5>(x0)", (SIGNED,)),
    Row("Scale", (1,), "y0 = Scale<scale=2.5>(x0)", (SIGNED,)),
    Row("ImageScaler", (1,), "y0 = ImageScaler<scale=2.0, bias=[1.0, 2.0, 3.0]>(x0)", (SIGNED,)),
    Row("ParametricSoftplus", (1,), "y0 = ParametricSoftplus<alpha=2.0, beta=0.5>(x0)", (SIGNED,)),
    Row("ScaledTanh", (1,), "y0 = ScaledTanh<alpha=2.0, beta=0.5>(x0)", (SIGNED,)),
    Row("ThresholdedRelu", (1,), "y0 = ThresholdedRelu<alpha=0.25>(x0)", (SIGNED,)),
    Row("Crop", (1,), "y0 = Crop<border=[1, 0, 2, 1]>(x0)", (SIGNED,)),
    Row("Crop", (1,), "y0 = Crop<border=[1, 0, 0, 0], scale=[2, 3]>(x0)", (SIGNED,)),
    Row(
        "DynamicSlice",
        (1,),
        "y0 = DynamicSlice(x0, x1, x2, x3)",
        (SIGNED, np.array([0, -2]), np.array([2, 99]), np.array([1, 3])),
        constants=(3,),
    ),
    Row("DynamicSlice", (1,), "y0 = DynamicSlice(x0, x1, x2)", (X[0, 0], np.array([1, 0]), np.array([2, 3]))),
    Row(
        "ConstantFill",
        (1,),
        "y0 = ConstantFill<input_as_shape=1, extra_shape=[2], value=2.5>(x0)",
        (np.array([3, 4]),),
        "c = Constant<value_floats=[2.5]>() e = Constant<value_ints=[2]>() s = Concat<axis=0>(x0, e) y0 = Expand(c, s)",
    ),
    Row(
        "ConstantFill",
        (1,),
        "y0 = ConstantFill<value=3.0, dtype=7>(x0)",
        (X,),
        "s = Shape(x0) c = Constant<value_ints=[3]>() y0 = Expand(c, s)",
        result=np.int64,
    ),
]


@dataclass(frozen=True)
class Drawn:
    """A node that draws, its ``row``, and what its result has: range, mean and standard deviation."""

    row: Row
    low: float
    high: float
    mean: float
    deviation: float


_MANY = np.ones((20, 100), np.float32)
_UNIFORM = (-1.0, 3.0, 1.0, 4 / 12**0.5)
_NORMAL = (-np.inf, np.inf, 3.0, 2.0)
_DROPPED = (0.0, 4 / 3, 1.0, 3**-0.5)
_KEPT = ("r = Constant<value_float=0.25>()", "t = Constant<value = bool {1}>()")
DRAWN: tuple[Drawn, ...] = tuple(
    Drawn(Row(op, versions, text, arrays, result=result), *moments)
    for op, versions, text, arrays, result, moments in (
        ("RandomUniform", (1, 22), "y0 = RandomUniform<shape=[20, 100], low=-1.0, high=3.0>()", (), "f4", _UNIFORM),
        ("RandomUniformLike", (1, 22), "y0 = RandomUniformLike<low=-1.0, high=3.0>(x0)", (_MANY,), "f4", _UNIFORM),
        ("RandomNormal", (1, 22), "y0 = RandomNormal<shape=[20, 100], mean=3.0, scale=2.0>()", (), "f4", _NORMAL),
        ("RandomNormalLike", (1, 22), "y0 = RandomNormalLike<mean=3.0, scale=2.0>(x0)", (_MANY,), "f4", _NORMAL),
        ("Bernoulli", (15, 22), "y0 = Bernoulli(x0)", (_MANY / 4,), "f4", (0, 1, 0.25, 0.1875**0.5)),
        (
            *("Multinomial", (7, 22), "y0 = Multinomial<sample_size=2000>(x0)"),
            *((np.log(np.array([[0.25, 0.75]], np.float32)),), "i4", (0, 1, 0.75, 0.1875**0.5)),
        ),
        ("Dropout", (1, 6), "y0 = Dropout<ratio=0.25>(x0)", (_MANY,), "f4", _DROPPED),
        ("Dropout", (12, 13, 22), f"{' '.join(_KEPT)} y0 = Dropout(x0, r, t)", (_MANY,), "f4", _DROPPED),
    )
)

ROWS: tuple[Row, ...] = (
    *_broadcasting(),
    *_flattening(),
    *_NORMALIZATION,
    *_POOLING,
    *_SAMPLING,
    *_RECURRENT,
    *_POINTWISE,
    *_MOVEMENT,
    *_WITHDRAWN,
)
