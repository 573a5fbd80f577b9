"""Recurrent layers over (time, batch, features)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal, TypeAlias, get_args

from interlingua.ir.builder import Builder
from interlingua.ir.dims import UNKNOWN, DimLike, floordiv, same
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import rnn as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops import recurrence
from interlingua.ir.types import Shape, Tensor

Direction: TypeAlias = Literal["forward", "reverse", "bidirectional"]
Activation: TypeAlias = Literal[
    "relu",
    "tanh",
    "sigmoid",
    "affine",
    "leaky_relu",
    "thresholded_relu",
    "scaled_tanh",
    "hard_sigmoid",
    "elu",
    "softsign",
    "softplus",
]


@dataclass(frozen=True)
class Recurrent(Op):
    """What the recurrent layers share.

    Operands: ``x`` (time, batch, in), ``w`` (directions, gates·hidden, in), ``r`` (directions, gates·hidden,
    hidden), ``bias`` (directions, 2·gates·hidden: input biases, then recurrent ones), ``lengths`` (batch,)
    int32 and initial states (directions, batch, hidden), zeros where absent. Results: outputs (time,
    directions, batch, hidden), then the last states.

    ``activations`` has an entry a function and direction; ``alphas`` and ``betas`` as many, ignored by
    functions without such a parameter. ``clip`` bounds the input of every activation to ``[-clip, clip]``,
    but for an LSTM's ``h``: ONNX's text does not tell them apart, ONNX Runtime leaves the cell unbounded, and
    so do we.
    """

    direction: Direction
    activations: tuple[Activation, ...]
    alphas: tuple[float, ...]
    betas: tuple[float, ...]
    clip: float | None = None

    gates: ClassVar[int] = 1
    functions: ClassVar[int] = 1
    states: ClassVar[int] = 1

    @property
    def directions(self) -> int:
        return 2 if self.direction == "bidirectional" else 1

    def typed(
        self,
        x: Tensor,
        w: Tensor,
        r: Tensor,
        bias: Tensor | None,
        lengths: Tensor | None,
        *rest: Tensor | None,
    ) -> tuple[Tensor, ...]:
        """Check the operands and give the types of the results."""
        for t in (x, w, r, bias, *rest):
            self.require(t is None or t.dtype is x.dtype, "C1. the operands are floats of one dtype", x, t)
        self.require(x.dtype in FLOATS, "C1. the operands are floats of one dtype", x)
        wanted = self.functions * self.directions
        counts = {len(self.activations), len(self.alphas), len(self.betas)}
        self.require(
            counts == {wanted}, f"C2. there are {wanted} activations, alphas and betas", self.activations
        )
        time, batch, features = self._three("x", x)
        hidden = self._three("r", r)[2]
        self._shaped("w", w, (self.directions, hidden * self.gates, features))
        self._shaped("r", r, (self.directions, hidden * self.gates, hidden))
        self._shaped("bias", bias, (self.directions, hidden * (2 * self.gates)))
        self._shaped("lengths", lengths, (batch,))
        for state in rest[: self.states]:
            self._shaped("a state", state, (self.directions, batch, hidden))
        self.require(lengths is None or lengths.dtype is DType.I32, "C4. lengths are int32", lengths)
        state = Tensor(x.dtype, (self.directions, batch, hidden))
        return (Tensor(x.dtype, (time, self.directions, batch, hidden)), *(state,) * self.states)

    def _three(self, name: str, t: Tensor) -> tuple[DimLike, DimLike, DimLike]:
        self.require(t.rank == 3, f"C3. {name} has rank 3", t)
        a, b, c = t.dims
        return a, b, c

    def _shaped(self, name: str, t: Tensor | None, shape: Shape) -> None:
        if t is not None and t.shape is not None:
            fits = t.rank == len(shape) and all(
                same(p, q) is not False for p, q in zip(t.dims, shape, strict=True)
            )
            self.require(fits, f"C3. {name} is ({', '.join(map(str, shape))})", t)

    def unranked(self, x: Tensor, w: Tensor, r: Tensor, *rest: Tensor | None) -> tuple[Tensor, ...]:
        hidden = r.shape[-1] if r.shape else UNKNOWN
        state = x.with_shape((self.directions, UNKNOWN, hidden))
        return (x.with_shape((UNKNOWN, *state.dims)), *(state,) * self.states)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        direction = draw.choice(get_args(Direction))
        count = 2 if direction == "bidirectional" else 1
        usual: Activation = "tanh"
        activations = tuple(
            draw.choice(get_args(Activation)) if draw.boolean() else usual for _ in range(count * cls.functions)
        )
        alphas, betas = (tuple(draw.choice((0.3, 1.0)) for _ in activations) for _ in range(2))
        clip = draw.choice((None, 1.5, 0.25))
        more = {f.name: draw.boolean() for f in fields(cls) if f.type == "bool"}
        op = cls(direction, activations, alphas, betas, clip, **more)
        return Sample(op, _sampled_operands(draw, cls, count))

    def hidden(self, r: Value) -> DimLike:
        """The extent of a state."""
        return floordiv(r.tensor.dims[1], self.gates)


def _sampled_operands(draw: Draw, cls: type[Recurrent], directions: int) -> tuple[Any, ...]:
    """Operands of a layer, the optional ones now and then absent."""
    time, batch = (0 if draw.rarely() else draw.integer(1, most) for most in (4, 3))
    inputs, hidden = draw.integer(1, 3), draw.integer(1, 3)
    dtype, rows = draw.dtype(FLOATS), cls.gates * hidden
    shapes = (time, batch, inputs), (directions, rows, inputs), (directions, rows, hidden)
    bias = (directions, 2 * rows)
    states: list[tuple[int, ...]] = [(directions, batch, hidden)] * cls.states
    lengths = draw.array((batch,), DType.I32, lo=0, hi=time) if draw.boolean() else None
    if cls.states == 2:
        states.append((directions, 3 * hidden))  # peepholes
    optional = [draw.array(shape, dtype) if draw.boolean() else None for shape in (bias, *states)]
    return *(draw.array(shape, dtype) for shape in shapes), optional[0], lengths, *optional[1:]


@op("rnn.rnn")
class Rnn(Recurrent):
    """``h' = f(x·Wᵀ + h·Rᵀ + b_w + b_r)`` over time, in either direction or both.

    C1. The operands are floats of one dtype.  C2. One activation a direction.  C3. Shapes as ``Recurrent``
    says.  C4. ``lengths`` is int32. Past an example's length its output is 0 and its state stays; the reverse
    direction starts at its last element.
    """

    kernel = kernels.rnn

    def infer(
        self,
        x: Tensor,
        w: Tensor,
        r: Tensor,
        bias: Tensor | None = None,
        lengths: Tensor | None = None,
        h: Tensor | None = None,
    ) -> tuple[Tensor, ...]:
        return self.typed(x, w, r, bias, lengths, h)

    def decompose(self, b: Builder, *operands: Value | None) -> tuple[Value, ...]:
        return recurrence.decompose(self, b, operands, recurrence.rnn_step)


@op("rnn.gru")
class Gru(Recurrent):
    """Gated recurrent unit; gates in ONNX's order **z r h** (update, reset, hidden), activations ``f`` (z, r)
    and ``g`` (h).

    ``z, r = f(x·Wᵀ + h·Rᵀ + b)``; ``n = g(x·W_hᵀ + (r ⊙ h)·R_hᵀ + b_rh + b_wh)`` or, ``linear_before_reset``,
    ``n = g(x·W_hᵀ + r ⊙ (h·R_hᵀ + b_rh) + b_wh)``; ``h' = (1 - z) ⊙ n + z ⊙ h``. C1.–C4. as ``rnn.rnn``, two
    activations a direction. PyTorch has the gates r z n and ``linear_before_reset``; Keras has z r h and the
    same with ``reset_after``.
    """

    linear_before_reset: bool = False
    gates = 3
    functions = 2
    kernel = kernels.gru

    def infer(
        self,
        x: Tensor,
        w: Tensor,
        r: Tensor,
        bias: Tensor | None = None,
        lengths: Tensor | None = None,
        h: Tensor | None = None,
    ) -> tuple[Tensor, ...]:
        return self.typed(x, w, r, bias, lengths, h)

    def decompose(self, b: Builder, *operands: Value | None) -> tuple[Value, ...]:
        return recurrence.decompose(self, b, operands, recurrence.gru_step, inside=self.linear_before_reset)


@op("rnn.lstm")
class Lstm(Recurrent):
    """Long short-term memory; gates in ONNX's order **i o f c**, peepholes i o f, activations ``f`` (i, o,
    f), ``g`` (c), ``h``.

    ``i = f(x·W_iᵀ + h·R_iᵀ + P_i ⊙ c + b)``, ``f`` likewise (``1 - i`` with ``input_forget``), ``g`` without
    a peephole; ``c' = f ⊙ c + i ⊙ g``; ``o = f(x·W_oᵀ + h·R_oᵀ + P_o ⊙ c' + b)``; ``h' = o ⊙ h(c')``. C1.–C4.
    as ``rnn.rnn``, three activations a direction; ``peepholes`` are (directions, 3·hidden). PyTorch and Keras
    have the gates i f g o, so their weights are reordered.
    """

    input_forget: bool = False
    gates = 4
    functions = 3
    states = 2
    kernel = kernels.lstm

    def infer(
        self,
        x: Tensor,
        w: Tensor,
        r: Tensor,
        bias: Tensor | None = None,
        lengths: Tensor | None = None,
        h: Tensor | None = None,
        c: Tensor | None = None,
        peepholes: Tensor | None = None,
    ) -> tuple[Tensor, ...]:
        self._shaped("peepholes", peepholes, (self.directions, self._three("r", r)[2] * 3))
        return self.typed(x, w, r, bias, lengths, h, c, peepholes)

    def decompose(self, b: Builder, *operands: Value | None) -> tuple[Value, ...]:
        return recurrence.decompose(self, b, operands, recurrence.lstm_step)
