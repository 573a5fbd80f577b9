"""Other ways to write the same model, which exercise other code of a runtime: for fuzzing.

Converters write models in one way; runtimes read all. Each rule here turns a node into one that ONNX defines to compute
the same; a seed decides which rule is taken where, so that a spelling can be repeated.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import onnx
import onnx_graphsurgeon as gs

from interlingua.backends.onnx.kernels import kernels
from interlingua.backends.onnx.signature import signature
from interlingua.ir.dtypes import DType
from interlingua.ir.weights import Weight

Shape: TypeAlias = "tuple[int | None, ...] | None"
SMALL = 64
"""Elements of a constant that may be written out as a node."""


@dataclass(frozen=True, slots=True)
class Page:
    """The graph that is respelled.

    Attributes:
        graph: of onnx-graphsurgeon.
        shapes: by tensor name, as far as they are known.
        types: the same of element types.
        weights: the initializers by name.
        opset: of the default domain.
        dice: what decides.
        cautious: whether to keep clear of spellings that the runtime is known to read wrongly.
    """

    graph: Any
    shapes: Mapping[str, Shape]
    types: Mapping[str, str]
    weights: dict[str, Weight]
    opset: int
    dice: random.Random
    cautious: bool

    def shape(self, tensor: Any) -> Shape:
        """What is known of a tensor's shape."""
        weight = self.weights.get(tensor.name)
        return self.shapes.get(tensor.name) if weight is None else weight.shape

    def constant(self, tensor: Any) -> np.ndarray[Any, Any] | None:
        """The value of a small initializer."""
        weight = self.weights.get(tensor.name)
        return None if weight is None or weight.size > SMALL else weight.view()

    def fresh(self, hint: str) -> str:
        """A name that no tensor has."""
        taken = {t.name for n in self.graph.nodes for t in (*n.inputs, *n.outputs)} | set(self.weights)
        taken |= {t.name for t in (*self.graph.inputs, *self.graph.outputs)}
        return next(name for i in range(len(taken) + 1) if (name := f"{hint}_s{i}") not in taken)


def respell(page: Page) -> None:
    """Write ``page`` otherwise, in place.

    What is decided of a node hangs on its op and the seed, not on what stands before it: a failing model that is
    reduced keeps the spelling that it fails with.
    """
    salt = page.dice.random()
    for node in list(page.graph.nodes):
        if node.domain:
            continue
        for rule in (*RULES.get(node.op, ()), *EVERYWHERE):
            page.dice.seed(f"{salt} {node.op} {rule.__name__}")
            if page.dice.random() < 0.5:
                rule(node, page)
    _swap_constants(page)
    _insert_identities(page)


def auto_pad(node: Any, page: Page) -> None:
    """``VALID`` or ``SAME_*`` for pads that are what they come to."""
    pads = list(node.attrs.get("pads") or [])
    if not pads or node.attrs.get("auto_pad", "NOTSET") != "NOTSET" or node.attrs.get("ceil_mode"):
        return
    n = len(pads) // 2
    modes = [] if any(pads) else ["VALID"]
    shape, window = page.shape(node.inputs[0]), _window(node, page)
    if page.cautious and any(d > 1 for d in node.attrs.get("dilations") or []):
        window = None  # ONNX Runtime forgets the dilation of a pooling, and refuses that of a convolution
    if window is not None and shape is not None:
        strides, dilations = (node.attrs.get(k) or [1] * n for k in ("strides", "dilations"))
        for mode in ("SAME_UPPER", "SAME_LOWER"):
            want = [_same(*each, mode) for each in zip(shape[2:], window, strides, dilations, strict=True)]
            if None not in want and pads == [w[i] for i in (0, 1) for w in want if w is not None]:
                modes.append(mode)
    if modes:
        del node.attrs["pads"]
        node.attrs["auto_pad"] = page.dice.choice(modes)


def _window(node: Any, page: Page) -> list[int] | None:
    """The extents of the kernel or window."""
    if "kernel_shape" in node.attrs:
        return list(node.attrs["kernel_shape"])
    kernel = page.shape(node.inputs[1]) if node.op.startswith("Conv") else None
    known = None if kernel is None else [d for d in kernel[2:] if d is not None]
    return None if kernel is None or known is None or len(known) < len(kernel) - 2 else known


def _same(size: int | None, window: int, stride: int, dilation: int, mode: str) -> tuple[int, int] | None:
    """Begin and end pad of one axis: ONNX's formula, where output = ceil(size / stride)."""
    reach = (window - 1) * dilation + 1
    if size is None and stride > 1:
        return None
    total = reach - 1 if size is None else max(0, (-(-size // stride) - 1) * stride + reach - size)
    if size is not None and size < 1:
        return None
    small, large = total // 2, total - total // 2
    return (small, large) if mode == "SAME_UPPER" else (large, small)


def defaults(node: Any, page: Page) -> None:
    """Attributes that have their default, left out; defaults, written out."""
    schema = onnx.defs.get_schema(node.op, page.opset, "")
    for name, attribute in schema.attributes.items():
        if attribute.default_value.type == onnx.AttributeProto.UNDEFINED:
            continue
        default = onnx.helper.get_attribute_value(attribute.default_value)
        default = default.decode() if isinstance(default, bytes) else default
        if name not in node.attrs:
            if page.dice.random() < 0.5:
                node.attrs[name] = default
        elif node.attrs[name] == default and page.dice.random() < 0.5:
            del node.attrs[name]


def plain_windows(node: Any, page: Page) -> None:
    """Strides and dilations of 1 and pads of 0 are what is meant where they are left out."""
    for name, plain in (("strides", 1), ("dilations", 1), ("pads", 0)):
        value = node.attrs.get(name)
        if value is not None and all(v == plain for v in value) and page.dice.random() < 0.5:
            del node.attrs[name]


def negative_axis(node: Any, page: Page) -> None:
    """An axis counted from the other end."""
    shape, axis = page.shape(node.inputs[0]) if node.inputs else None, node.attrs.get("axis")
    if shape and isinstance(axis, int):
        node.attrs["axis"] = axis - len(shape) if axis >= 0 else axis + len(shape)


def gemm(node: Any, page: Page) -> None:
    """A product of two matrices as ``Gemm``, with the bias that is added to it alone."""
    shapes = [page.shape(t) for t in node.inputs]
    weight = next((w for t in node.inputs if (w := page.weights.get(t.name)) is not None), None)
    floating = weight is not None and weight.dtype.is_float  # the dtype is known for certain of weights alone
    if not floating or any(s is None or len(s) != 2 for s in shapes):
        return
    node.op, node.attrs = "Gemm", {}
    product = node.outputs[0]
    users = [n for n in page.graph.nodes if any(t is product for t in n.inputs)]
    if len(users) != 1 or users[0].op != "Add" or any(t is product for t in page.graph.outputs):
        return
    (add,) = users
    bias = next((t for t in add.inputs if t is not product), None)
    width, shape = (shapes[1] or (None, None))[1], None if bias is None else page.shape(bias)
    if bias is None or bias.name not in page.weights or width is None or shape not in ((width,), (1, width), (1,)):
        return
    node.inputs = [*node.inputs, bias]
    out = add.outputs[0]
    add.outputs.clear()
    node.outputs = [out]
    page.graph.nodes.remove(add)


def _swap_constants(page: Page) -> None:
    """Small initializers of the main graph as ``Constant`` nodes."""
    own = {t.name: t for n in page.graph.nodes for t in n.inputs}
    inner = {name for n in page.graph.nodes for name in _captured(n)}
    kept = {t.name for t in (*page.graph.inputs, *page.graph.outputs)} | inner
    for name, tensor in own.items():
        weight = page.weights.get(name)
        if weight is None or name in kept or weight.size > SMALL or page.dice.random() < 0.5:
            continue
        if weight.dtype.needs_ml_dtypes or weight.dtype is DType.STRING:
            continue
        value = gs.Constant(name, values=np.array(weight.view()))
        page.graph.nodes.insert(0, gs.Node("Constant", page.fresh(f"{name}.constant"), {"value": value}, [], [tensor]))
        del page.weights[name]


def _captured(node: Any) -> set[str]:
    """Names that the graphs inside a node read."""
    found: set[str] = set()
    for value in node.attrs.values():
        if isinstance(value, gs.Graph):
            for inner in value.nodes:
                found |= {t.name for t in inner.inputs} | _captured(inner)
            found |= {t.name for t in value.outputs}
    return found


def _insert_identities(page: Page) -> None:
    """An ``Identity`` before some operands."""
    for node in list(page.graph.nodes):
        if not node.inputs or page.dice.random() < 0.8:
            continue
        index = page.dice.randrange(len(node.inputs))
        tensor = node.inputs[index]
        if tensor.is_empty() or tensor.name in page.weights or not _copied(page.types.get(tensor.name), page.opset):
            continue
        copy = gs.Variable(page.fresh(tensor.name))
        page.graph.nodes.insert(
            next(i for i, n in enumerate(page.graph.nodes) if n is node),
            gs.Node("Identity", copy.name, {}, [tensor], [copy]),
        )
        node.inputs[index] = copy


def _copied(type_: str | None, opset: int) -> bool:
    """Whether the runtime has an ``Identity`` for the type."""
    at = signature("Identity", opset)
    return type_ is not None and at is not None and kernels().takes(at, at.bind([type_], {}))


Rule: TypeAlias = Callable[[Any, Page], None]
RULES: Mapping[str, tuple[Rule, ...]] = {
    **dict.fromkeys(("Conv", "MaxPool", "AveragePool", "LpPool", "ConvInteger"), (auto_pad, plain_windows)),
    "MatMul": (gemm,),
    **dict.fromkeys(
        ("Softmax", "LogSoftmax", "Hardmax", "Concat", "Gather", "GatherElements", "ArgMax", "ArgMin", "Split", "TopK"),
        (negative_axis,),
    ),
}
EVERYWHERE: tuple[Rule, ...] = (defaults,)
