"""The inputs and outputs of a model: those of a signature, else those of its first subgraph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from interlingua.errors import InvalidModel, UsageError
from interlingua.formats.litert import dtype_of
from interlingua.frontends.litert.reader import Source, TensorInfo
from interlingua.ir.builder import Symbols
from interlingua.ir.dims import DimLike, symbol
from interlingua.ir.graph import Port
from interlingua.ir.types import Tensor

DEFAULT = "serving_default"
MOST = (1 << 31) - 1
"""The largest extent: LiteRT has them in int32."""


@dataclass(frozen=True, slots=True)
class Door:
    """What a model is called through: a subgraph, and its tensors by name in its order."""

    key: str
    subgraph: int
    inputs: tuple[tuple[str, int], ...]
    outputs: tuple[tuple[str, int], ...]

    def check_names(self, unknown: Iterable[str]) -> None:
        """Refuse names that are no inputs."""
        for name in unknown:
            raise UsageError(f"the model has no input {name!r}", hint=f"its inputs are {[n for n, _ in self.inputs]}")


def opened(source: Source, asked: str | None) -> Door:
    """The signature that is asked for; else ``serving_default``, or the only one, or the first subgraph as it is.

    Raises:
        UsageError: there is none of that name, or there are several and none is named.
    """
    keys = [s.key for s in source.signatures]
    hint = f"signature= takes one of {keys}" if keys else "the model has no signatures"
    if asked is not None and asked not in keys:
        raise UsageError(f"the model has no signature {asked!r}", where=source.label, hint=hint)
    if asked is None and len(keys) > 1 and DEFAULT not in keys:
        raise UsageError(f"the model has {len(keys)} signatures: {keys}", where=source.label, hint=hint)
    if keys:
        wanted = asked if asked is not None else DEFAULT if DEFAULT in keys else keys[0]
        found = source.signatures[keys.index(wanted)]
        return _complete(Door(wanted, found.subgraph, found.inputs, found.outputs), source)
    graph = source.subgraphs[0]
    sides = ([(graph.tensors[i].name, i) for i in side] for side in (graph.inputs, graph.outputs))
    inputs, outputs = (tuple(side) for side in sides)
    return _complete(Door("", 0, inputs, outputs), source)


def _complete(door: Door, source: Source) -> Door:
    for side in (door.inputs, door.outputs):
        called = [name for name, _ in side]
        twice = next((name for name in called if called.count(name) > 1), None)
        if twice is not None:
            raise InvalidModel(f"two inputs or outputs are called {twice!r}", where=source.label)
    missing = set(source.subgraphs[door.subgraph].inputs) - {index for _, index in door.inputs}
    if missing:
        raise InvalidModel(f"signature {door.key!r} leaves out inputs of its subgraph", where=source.label)
    return door


def typed(info: TensorInfo, name: str, given: Any, symbols: Symbols) -> Tensor:
    """The type of an input; an open dim is ``given`` (by axis, or all axes in order), or gets a name of its own.

    Raises:
        UsageError: what is given does not fit.
    """
    dims = _merged(info, name, given, symbols)
    hint = "".join(c if c.isalnum() else "_" for c in name) + "_d"
    return Tensor(dtype_of(info.code), tuple(symbols.fresh(hint) if d is None else d for d in dims))


def _merged(info: TensorInfo, name: str, given: Any, symbols: Symbols) -> list[DimLike | None]:
    dims: list[DimLike | None] = [None if d < 0 else d for d in info.shape]
    if given is None:
        return dims
    wanted = dict(given) if isinstance(given, Mapping) else dict(enumerate(given))
    if any(axis not in range(len(dims)) for axis in wanted) or (
        not isinstance(given, Mapping) and len(wanted) != len(dims)
    ):
        raise UsageError(f"input {name!r} has rank {len(dims)}, the dims given are {given!r}")
    for axis, dim in wanted.items():
        if isinstance(dim, bool) or not isinstance(dim, int | str | None) or (isinstance(dim, int) and dim < 0):
            raise UsageError(f"{dim!r} is no dim of input {name!r}", hint="give a size, a name, or None")
        if dims[axis] is not None and dim != dims[axis]:
            raise UsageError(
                f"dim {axis} of input {name!r} is {dims[axis]} in the file, not {dim!r}",
                hint="only dims that the file leaves open can be given",
            )
        if dim is not None:
            dims[axis] = symbol(dim, hi=symbols.most) if isinstance(dim, str) else dim
    return dims


def port_of(info: TensorInfo, name: str) -> Port:
    """What the model declares of an input or output."""
    return Port(name, tuple(None if d < 0 else d for d in info.shape))
