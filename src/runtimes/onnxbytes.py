"""Exact products of bytes in ONNX Runtime, whatever the CPU.

On x86 without VNNI the kernels for uint8 times int8 add two products at a time in 16 bits, and saturate
(onnxruntime#3442). Those for uint8 times uint8 do not: a signed operand and its zero point are raised by 128, which
leaves their difference, and so what the model computes, as it is. docs/decisions/0009-products-of-bytes.md says why it
is not left to ONNX Runtime.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np

RAISE = 128


class Product(NamedTuple):
    """Where a product has the operand that may be signed, and its zero point; ``other`` is where the one that has to be
    unsigned is, and its zero point: nowhere if the kernel quantizes it itself."""

    signed: int
    zero: int
    other: tuple[int, ...] = ()


CONTRIB = "com.microsoft"
PRODUCTS: Mapping[tuple[str, str], tuple[Product, ...]] = {
    ("", "MatMulInteger"): (Product(1, 3, (0, 2)),),
    ("", "QLinearMatMul"): (Product(3, 5, (0, 2)),),
    ("", "QLinearConv"): (Product(3, 5, (0, 2)),),
    ("", "ConvInteger"): (Product(0, 2, (1, 3)),),  # the kernel multiplies the weight by the image
    (CONTRIB, "QLinearConv"): (Product(3, 5, (0, 2)),),
    (CONTRIB, "QGemm"): (Product(3, 5, (0, 2)),),
    (CONTRIB, "MatMulIntegerToFloat"): (Product(1, 5, (0, 4)),),
    (CONTRIB, "QAttention"): (Product(1, 7, (0, 6)),),
    (CONTRIB, "DynamicQuantizeMatMul"): (Product(1, 3),),
    (CONTRIB, "DynamicQuantizeLSTM"): (Product(1, 9), Product(2, 11)),
}
"""The ops with these kernels."""


@cache
def saturates() -> bool:
    """Whether ONNX Runtime's products of bytes saturate on this CPU: a single one is computed."""
    import onnx
    import onnxruntime as ort

    make = onnx.helper.make_tensor_value_info
    types = onnx.TensorProto
    ports = [make("a", types.UINT8, (1, 2)), make("b", types.INT8, (2, 1))]
    node = onnx.helper.make_node("MatMulInteger", ["a", "b"], ["y"])
    graph = onnx.helper.make_graph([node], "probe", ports, [make("y", types.INT32, (1, 1))])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    a, b = np.full((1, 2), 255, np.uint8), np.full((2, 1), 127, np.int8)
    (y,) = session.run(None, {"a": a, "b": b})
    return int(y.item()) != 2 * 255 * 127


def raised(proto: Any) -> Any | None:
    """A copy of the model with every signed operand of such a product raised; ``None`` where there is none."""
    import onnx
    import onnx.inliner

    copy = onnx.ModelProto()
    copy.CopyFrom(onnx.inliner.inline_local_functions(proto) if proto.functions else proto)
    known = _types(onnx.shape_inference.infer_shapes(copy).graph, {})
    raiser = _Raiser()
    raiser.rewrite(copy.graph, known)
    return copy if raiser.count else None


def _types(graph: Any, outer: Mapping[str, int]) -> dict[str, int]:
    """The element types of the values of ``graph`` that are known."""
    values = (*graph.input, *graph.value_info, *graph.output)
    found = {v.name: v.type.tensor_type.elem_type for v in values if v.type.HasField("tensor_type")}
    return {**outer, **found, **{t.name: t.data_type for t in graph.initializer}}


class _Raiser:
    """Rewrites the graphs of one model."""

    def __init__(self) -> None:
        self.count = 0

    def rewrite(self, graph: Any, known: Mapping[str, int]) -> None:
        """Put raised operands before each product, in the bodies of control flow as well."""
        nodes: list[Any] = []
        for node in graph.node:
            for body in _bodies(node):
                self.rewrite(body, _types(body, known))
            for product in PRODUCTS.get((node.domain.removeprefix("ai.onnx"), node.op_type), ()):
                nodes.extend(self._raise(node, product, known))
            nodes.append(node)
        del graph.node[:]
        graph.node.extend(nodes)

    def _raise(self, node: Any, product: Product, known: Mapping[str, int]) -> Iterator[Any]:
        from onnx import TensorProto

        def type_of(*indices: int) -> int | None:
            names = [node.input[i] for i in indices if i < len(node.input)]
            return next((known[n] for n in names if known.get(n)), None)

        if type_of(product.signed, product.zero) != TensorProto.INT8:
            return
        if product.other and type_of(*product.other) != TensorProto.UINT8:
            return
        node.input.extend([""] * (product.zero + 1 - len(node.input)))
        for index in (product.signed, product.zero):
            yield from self._operand(node, index)

    def _operand(self, node: Any, index: int) -> Iterator[Any]:
        """The nodes that raise an operand; an absent zero point becomes what 0 is raised to."""
        from onnx import TensorProto, helper, numpy_helper

        self.count += 1
        wide, by, total, name = (f"interlingua.raised.{self.count}.{part}" for part in ("wide", "by", "sum", "byte"))
        if not node.input[index]:
            yield helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.array(RAISE, np.uint8)))
        else:
            yield helper.make_node("Cast", [node.input[index]], [wide], to=TensorProto.INT32)
            yield helper.make_node("Constant", [], [by], value=numpy_helper.from_array(np.array(RAISE, np.int32)))
            yield helper.make_node("Add", [wide, by], [total])
            yield helper.make_node("Cast", [total], [name], to=TensorProto.UINT8)
        node.input[index] = name


def _bodies(node: Any) -> Iterator[Any]:
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs
