"""Control flow: ops that carry regions with explicit inputs."""

from __future__ import annotations

from interlingua.ir.dims import UNKNOWN, Dim, DimLike, maximum
from interlingua.ir.kernels import control as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.types import Shape, Signature, Tensor, Type, compatible, join


@op("core.if")
class If(Op):
    """The results of ``then`` where ``cond`` holds, of ``orelse`` otherwise; only that region runs.

    C1. ``cond`` is a bool of one element.  C2. Both regions take the further operands, one for one.
    C3. They give the same number of results, of types that have a common type.
    A result's dims are known where both regions agree on them.
    """

    regions = ("then", "orelse")
    kernel = kernels.if_

    def infer(self, cond: Tensor, *args: Type, then: Signature, orelse: Signature) -> tuple[Type, ...]:
        self.require(str(cond.dtype) == "bool", "C1. cond is bool", cond)
        for region in (then, orelse):
            _accepts(self, "C2. the region takes the operands", region.inputs, args)
        self.require(len(then.outputs) == len(orelse.outputs), "C3. both regions give as many results")
        return tuple(join(a, b) for a, b in zip(then.outputs, orelse.outputs, strict=True))


@op("core.while")
class While(Op):
    """Repeat ``body`` while its condition holds, at most ``trips`` times.

    Operands: ``trips`` (int64, absent: no limit), ``cond`` (bool, absent: true), then ``carried`` initial values,
    then values that the body captures. ``body(i, cond, *carried, *captured) -> (cond, *carried, *stacked)``. Results:
    the last carried values, then each of the ``stacked`` results stacked over the trips along a new axis 0, whose dim
    is known where no condition ends the loop.

    C1. The body takes what it is given.  C2. It gives 1 + ``carried`` + ``stacked`` results.  C3. A carried value
    keeps its dtype. No trip gives the initial values and empty stacks.
    """

    carried: int
    stacked: int
    regions = ("body",)
    kernel = kernels.while_

    def infer(
        self, trips: Tensor | None = None, cond: Tensor | None = None, *args: Type, body: Signature
    ) -> tuple[Type, ...]:
        _accepts(self, "C1. the body takes the operands", body.inputs[2:], args)
        self.require(len(body.outputs) == 1 + self.carried + self.stacked, "C2. the body gives cond, carried, stacked")
        inside = body.inputs[2 : 2 + self.carried]
        after = body.outputs[1 : 1 + self.carried]
        _accepts(self, "C3. a carried value keeps its type", inside, after)
        last = [join(i, a) for i, a in zip(inside, after, strict=True)]
        length = _trips(trips, (cond, body.outputs[0]))
        return (*last, *(stack_type(t, 0, length) for t in body.outputs[1 + self.carried :]))


def _trips(trips: Tensor | None, conditions: tuple[Type | None, ...]) -> DimLike:
    """The number of trips where ``trips`` alone ends the loop: the conditions before and after each are known to
    hold."""
    limit = None if trips is None or trips.elements is None else trips.elements.item()
    endless = all(t is None or (isinstance(t, Tensor) and t.known() == [1]) for t in conditions)
    return maximum(limit, 0) if endless and isinstance(limit, int | Dim) else UNKNOWN


@op("core.scan")
class Scan(Op):
    """Run ``body`` over the slices of some operands, carrying states.

    Operands: ``states`` initial states, ``scanned`` sequences, then captured values. Sequence ``k`` is cut along
    ``axes[k]``, from the end where ``reverse[k]``. ``body(*states, *slices, *captured) -> (*states, *outputs)``.
    Results: the last states, then each output stacked over the steps along ``out_axes``, back to front where
    ``out_reverse``.

    C1. There is at least one sequence.  C2. The sequences have one length.  C3. The body takes states, slices and
    captures. C4. A state keeps its dtype. Length 0 gives the initial states and empty stacks.
    """

    states: int
    scanned: int
    axes: tuple[int, ...]
    reverse: tuple[bool, ...]
    out_axes: tuple[int, ...]
    out_reverse: tuple[bool, ...]
    regions = ("body",)
    kernel = kernels.scan

    def infer(self, *args: Type, body: Signature) -> tuple[Type, ...]:
        self.require(self.scanned > 0 and len(args) >= self.states + self.scanned, "C1. there is a sequence")
        sequences = [t for t in args[self.states : self.states + self.scanned] if isinstance(t, Tensor)]
        slices = [drop_axis(t, axis) for t, axis in zip(sequences, self.axes, strict=True)]
        given = (*args[: self.states], *slices, *args[self.states + self.scanned :])
        _accepts(self, "C3. the body takes states, slices and captures", body.inputs, given)
        length = next((t.shape[a] for t, a in zip(sequences, self.axes, strict=True) if t.shape is not None), UNKNOWN)
        after = body.outputs[: self.states]
        _accepts(self, "C4. a state keeps its type", body.inputs[: self.states], after)
        last = [join(i, a) for i, a in zip(body.inputs[: self.states], after, strict=True)]
        outs = zip(body.outputs[self.states :], self.out_axes, strict=True)
        return (*last, *(stack_type(t, axis, length) for t, axis in outs))


@op("core.call")
class Call(Op):
    """The results of ``body``, once: a named part of a model kept together. C1. The body takes the operands."""

    callee: str
    regions = ("body",)
    kernel = kernels.call

    def kernel_arguments(self) -> dict[str, object]:
        return {}

    def infer(self, *args: Type, body: Signature) -> tuple[Type, ...]:
        _accepts(self, "C1. the body takes the operands", body.inputs, args)
        return body.outputs


def _accepts(op: Op, constraint: str, formal: tuple[Type, ...], actual: tuple[Type, ...]) -> None:
    op.require(len(formal) == len(actual), f"{constraint}: {len(formal)} expected, {len(actual)} given")
    for wanted, given in zip(formal, actual, strict=True):
        op.require(compatible(wanted, given), constraint, wanted, given)


def drop_axis(t: Tensor, axis: int) -> Tensor:
    """The type of a slice along ``axis``."""
    if t.shape is None:
        return Tensor(t.dtype, None)
    axis %= len(t.shape)
    return Tensor(t.dtype, t.shape[:axis] + t.shape[axis + 1 :])


def stack_type(t: Type, axis: int, length: DimLike) -> Type:
    """The type of ``length`` values of type ``t`` stacked along ``axis``."""
    if not isinstance(t, Tensor) or t.shape is None:
        return Tensor(t.dtype, None) if isinstance(t, Tensor) else t
    axis %= len(t.shape) + 1
    shape: Shape = (*t.shape[:axis], length, *t.shape[axis:])
    return Tensor(t.dtype, shape)
