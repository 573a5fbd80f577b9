"""What optimisers look for, as data: chains of classes of ops.

A pattern is a class of neighbours, not one rewrite's left side: any padding before any windowed op, any activation
before any clipping one. A pass says what it looks for in the same terms, and its near-misses come for free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from interlingua.ir.dtypes import DType

CLASSES: Mapping[str, tuple[str, ...]] = {
    "padding": ("core.pad", "nn.center_crop_pad", "core.concat"),
    "windowed": ("core.conv", "core.max_pool", "core.avg_pool", "nn.lp_pool", "nn.max_pool_with_indices",
                 "core.conv_transpose", "nn.deform_conv"),
    "pooling": ("core.max_pool", "core.avg_pool"),
    "convolution": ("core.conv", "core.conv_transpose"),
    "activation": ("nn.relu", "nn.leaky_relu", "nn.elu", "nn.selu", "nn.celu", "nn.gelu", "nn.silu", "nn.softplus",
                   "nn.mish", "nn.hard_sigmoid", "nn.hard_swish", "nn.softsign", "nn.thresholded_relu", "nn.shrink",
                   "nn.prelu", "math.sigmoid", "core.tanh", "core.abs", "core.neg"),
    "clipping": ("nn.clip", "nn.relu", "core.max", "core.min", "nn.hard_sigmoid", "nn.hard_swish"),
    "affine": ("nn.batch_norm", "core.add", "core.sub", "core.mul", "core.div", "nn.instance_norm"),
    "product": ("core.matmul", "nn.gemm", "nn.einsum"),
    "mover": ("core.transpose", "core.reshape", "nn.flatten", "nn.squeeze", "nn.expand_dims", "core.reverse",
              "nn.depth_to_space", "nn.space_to_depth"),
    "elementwise": ("core.add", "core.mul", "core.sub", "core.max", "core.select", "nn.relu", "core.exp", "core.abs",
                    "core.sqrt", "core.neg", "core.tanh", "math.square", "core.pow"),
    "reduction": ("core.reduce_sum", "core.reduce_max", "core.reduce_min", "core.reduce_prod", "nn.mean", "nn.l1",
                  "nn.l2", "nn.sum_square", "nn.logsumexp", "nn.log_sum", "core.argmax", "core.argmin", "nn.softmax",
                  "nn.global_avg_pool"),
    "reshaping": ("core.reshape", "nn.flatten", "nn.squeeze", "nn.expand_dims"),
    "sizing": ("core.slice", "nn.split", "core.gather", "core.pad", "nn.compress"),
    "monotone": ("core.exp", "math.sigmoid", "core.tanh", "nn.softplus", "nn.relu", "core.floor", "core.sqrt",
                 "nn.hard_sigmoid", "core.log", "nn.softmax", "nn.log_softmax", "core.atan"),
    "choosing": ("core.argmax", "core.argmin", "core.top_k", "nn.hardmax"),
    "comparing": ("core.eq", "core.lt", "core.le", "math.ne", "math.gt", "math.ge"),
    "logical": ("core.not", "core.and", "core.or", "core.xor"),
    "copying": ("core.broadcast_to", "nn.tile", "nn.expand_dims"),
    "placing": ("core.gather", "core.gather_along", "core.gather_nd", "core.scatter_along", "core.scatter_nd",
                "core.slice", "nn.embedding"),
    "norm": ("nn.layer_norm", "nn.rms_norm", "nn.group_norm", "nn.instance_norm", "nn.batch_norm",
             "nn.mean_variance_norm", "nn.lp_norm", "nn.lrn"),
    "fused": ("nn.gelu", "nn.silu", "nn.mish", "nn.hard_swish", "nn.softplus", "nn.layer_norm", "nn.rms_norm",
              "nn.group_norm", "nn.softmax", "nn.log_softmax", "nn.attention", "nn.logsumexp", "nn.rotary",
              "nn.swiglu", "nn.instance_norm", "nn.elu", "nn.prelu", "nn.lp_norm"),
    "random": ("core.random_uniform", "core.random_normal"),
    "quantizable": ("core.conv", "core.matmul", "core.add", "core.mul", "core.max_pool", "core.avg_pool", "nn.relu",
                    "nn.gemm", "core.transpose", "core.reshape", "core.concat", "math.sigmoid", "vision.resize",
                    "core.gather", "nn.clip", "nn.softmax", "nn.split"),
    "rounding": ("core.floor", "core.ceil", "core.round"),
    "sliding": ("core.cumsum", "math.cumprod", "core.reverse", "nn.reverse_sequence"),
}  # fmt: skip
"""Ops that optimisers treat alike, by what they have in common."""


@dataclass(frozen=True, slots=True)
class Link:
    """One node of a pattern.

    Attributes:
        ops: a class, or the name of an op.
        source: the link whose first result the node takes, as an index: -1 the one before.
        fill: operands that are constants full of a number, by index.
        attributes: attributes that are to be so.
    """

    ops: str
    source: int = -1
    fill: Mapping[int, float] = field(default_factory=dict[int, float])
    attributes: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the ops that it may be."""
        return CLASSES.get(self.ops, (self.ops,))


@dataclass(frozen=True, slots=True)
class Pattern:
    """Links in order.

    Attributes:
        spelled: composites are spelled out in core ops, as models have them whose exporter knew no better.
        twice: every node is there twice, from the same operands.
        weight: how often it is drawn beside the others: what most rewrites of optimisers concern, and has the most
            attributes to go wrong in, more often.
    """

    name: str
    links: tuple[Link, ...]
    spelled: bool = False
    twice: bool = False
    weight: int = 1


def _chain(name: str, *links: str | Link, spelled: bool = False, twice: bool = False, weight: int = 1) -> Pattern:
    found = tuple(link if isinstance(link, Link) else Link(link) for link in links)
    return Pattern(name, found, spelled, twice, weight)


_NORM = Link("nn.batch_norm", attributes={"axis": 1})
_ROWS = Link("core.slice", attributes={"axes": (0,)})
_SUM = Link("core.reduce_sum", attributes={"keepdims": False})

PATTERNS: tuple[Pattern, ...] = (
    _chain("pad-window", "padding", "windowed", weight=4),
    _chain("pad-pad", "core.pad", "core.pad"),
    _chain("pad0-pool", Link("core.pad", fill={2: 0}, attributes={"mode": "constant"}), "pooling", weight=4),
    _chain("pad0-convolution", Link("core.pad", fill={2: 0}, attributes={"mode": "constant"}), "convolution", weight=4),
    _chain("pad-nothing", Link("core.pad", fill={1: 0}), "elementwise"),
    _chain("window-activation", "windowed", "activation", weight=4),
    _chain("window-affine", "convolution", "affine", weight=4),
    _chain("window-affine-activation", "convolution", "affine", "activation", weight=4),
    _chain("window-window", "windowed", "windowed"),
    _chain("affine-window", "affine", "convolution"),
    _chain("residual", "convolution", Link("core.add"), "activation"),
    _chain("activation-activation", "activation", "activation"),
    _chain("activation-clip", "activation", "clipping", weight=4),
    _chain("clip-clip", "clipping", "clipping"),
    _chain("relu-clip", "nn.relu", "nn.clip", weight=4),
    _chain("product-affine", "product", "affine"),
    _chain("product-affine-activation", "product", "core.add", "activation"),
    _chain("product-product", "product", "product"),
    _chain("mover-mover", "mover", "mover"),
    _chain("transpose-elementwise-transpose", "core.transpose", "elementwise", "core.transpose"),
    _chain("mover-elementwise", "mover", "elementwise"),
    _chain("mover-reduction", "mover", "reduction"),
    _chain("mover-product", "core.transpose", "product"),
    _chain("mover-window", "core.transpose", "windowed"),
    _chain("window-mover", "windowed", "mover"),
    _chain("reshape-reshape", "reshaping", "reshaping"),
    _chain("cast-cast", "core.cast", "core.cast", weight=3),
    _chain("cast-elementwise-cast", "core.cast", "elementwise", "core.cast"),
    _chain("concat-size", "core.concat", "sizing"),
    _chain("size-size", "sizing", "sizing"),
    _chain("split-concat", "nn.split", "core.concat"),
    _chain("reduction-reduction", "reduction", "reduction"),
    _chain("reduction-mover", "reduction", "mover"),
    _chain("norm-affine", "norm", "affine"),
    _chain("monotone-choice", "monotone", "choosing"),
    _chain("compare-logic", "comparing", "logical"),
    _chain("compare-select", "comparing", "core.not", "core.cast"),
    _chain("copy-elementwise", "copying", "elementwise"),
    _chain("copy-reduction", "copying", "reduction"),
    _chain("place-place", "placing", "placing"),
    _chain("slide-slide", "sliding", "sliding"),
    _chain("resize-resize", "vision.resize", "vision.resize"),
    _chain("resize-window", "vision.resize", "windowed"),
    _chain("spelled", "fused", spelled=True),
    _chain("spelled-affine", "fused", "affine", spelled=True),
    _chain("scores", "core.matmul", Link("core.mul"), Link("core.add"), "nn.softmax", "core.matmul"),
    _chain("quantized", "quant.quantize", "quant.dequantize", "quantizable", "quant.quantize", "quant.dequantize"),
    _chain("quantize-dequantize", "quant.quantize", "quant.dequantize"),
    _chain("dequantize-quantize", "quant.dequantize", "quant.quantize"),
    _chain("dequantize-op", "quant.dequantize", "quantizable"),
    _chain("pad-minimum-window", Link("core.pad", fill={2: -65504}, attributes={"mode": "constant"}), "windowed"),
    _chain("add-zero", Link("core.add", fill={1: 0}), "elementwise"),
    _chain("subtract-zero", Link("core.sub", fill={1: 0}), "elementwise"),
    _chain("times-one", Link("core.mul", fill={1: 1}), "elementwise"),
    _chain("times-zero", Link("core.mul", fill={1: 0}), "elementwise"),
    _chain("over-one", Link("core.div", fill={1: 1}), "elementwise"),
    _chain("power", Link("core.pow", fill={1: 2})),
    _chain("power-half", Link("core.pow", fill={1: 0.5})),
    _chain("power-none", Link("core.pow", fill={1: 0})),
    _chain("power-minus", Link("core.pow", fill={1: -1})),
    _chain("branches", "elementwise", "elementwise", Link("elementwise", source=0), "core.add"),
    _chain("negate-negate", "core.neg", "core.neg"),
    _chain("not-not", "core.not", "core.not"),
    _chain("reverse-reverse", "core.reverse", "core.reverse"),
    _chain("inverse", "core.exp", "core.log"),
    _chain("root-square", "core.sqrt", "math.square"),
    _chain("square-root", "math.square", "core.sqrt"),
    _chain("divide-multiply", "core.div", "core.mul"),
    _chain("add-add", "core.add", "core.add"),
    _chain("multiply-multiply", "core.mul", "core.mul"),
    _chain("add-subtract", "core.add", "core.sub"),
    _chain("twice", "elementwise", twice=True),
    _chain("twice-window", "windowed", twice=True),
    _chain("twice-random", "random", twice=True),
    _chain("shape-arithmetic", "core.shape_of", "core.gather", "core.mul"),
    _chain("sequence", "sequence.construct", "sequence.at"),
    _chain("split-back", "sequence.split", "sequence.concat"),
    _chain("one-hot", "core.argmax", "nn.one_hot"),
    _chain("embedding-norm", "nn.embedding", "norm"),
    _chain("recurrent", "rnn.lstm", "core.transpose"),
    _chain("zero-minus", Link("core.sub", fill={0: 0}), "math.reciprocal"),
    _chain("over-itself", "elementwise", Link("core.div")),
    _chain("rounding-cast", "rounding", Link("core.cast", attributes={"to": DType.I32}), weight=2),
    _chain("affine-padded-window", _NORM, Link("core.conv"), weight=2),
    _chain("window-norm", "core.conv", _NORM, weight=4),
    _chain("grouped-norm", "core.conv_transpose", _NORM, weight=4),
    _chain("window-scale", "core.conv", "core.mul", weight=2),
    _chain("pool-activation", "pooling", "nn.relu", weight=2),
    _chain("clip-activation", "nn.clip", "nn.relu"),
    _chain("bounds-bounds", "nn.clip", "nn.clip", weight=2),
    _chain("slope", Link("core.mul", fill={1: 2}), "core.max", weight=4),
    _chain("small-slope", Link("core.mul", fill={1: 0.125}), "core.max"),
    _chain("select-zero", Link("core.select", fill={2: 0}), "elementwise"),
    _chain("negate-choice", "core.max", "core.neg"),
    _chain("not-less", "core.lt", "core.not"),
    _chain("slice-slice", _ROWS, _ROWS, weight=4),
    _chain("transpose-transpose", "core.transpose", "core.transpose", weight=2),
    _chain("transpose-reshape", "core.transpose", "core.reshape", weight=2),
    _chain("transpose-sum", "core.transpose", "core.reduce_sum", weight=2),
    _chain("transpose-softmax", "core.transpose", "nn.softmax"),
    _chain("product-bias", "nn.gemm", "core.add", weight=2),
    _chain("sum-sum", _SUM, _SUM, weight=3),
    _chain("product-chain", "core.matmul", "core.matmul", weight=4),
    _chain("saturated-choice", "monotone", "core.argmax", weight=2),
    _chain("levels-levels", "quant.dequantize", "quant.quantize", weight=2),
    _chain("integer-halves", Link("core.div", fill={1: 2}), "core.neg"),
    _chain("pad-conv", Link("core.pad", attributes={"mode": "edge"}), "core.conv", weight=2),
    _chain("log-exp", "core.log", "core.exp"),
)
