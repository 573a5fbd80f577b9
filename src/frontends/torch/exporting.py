"""Modules as exported programs, by ``torch.export``."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from interlingua.errors import InvalidModel, UsageError


def export(module: Any, example_inputs: Any, dynamic_shapes: Any, *, strict: bool) -> tuple[Any, list[Any]]:
    """The ``ExportedProgram`` of a module, and what the user said of the shape of each leaf of its arguments.

    Raises:
        UsageError: there are no example inputs.
        InvalidModel: ``torch.export`` cannot take the module.
    """
    import torch

    if example_inputs is None:
        raise UsageError(
            "a torch.nn.Module is exported by running it on examples", hint="give example_inputs=(tensor, …)"
        )
    args, kwargs = arguments(example_inputs)
    named = bound(module, args, kwargs)
    shapes = spelled_out(dynamic_shapes, named)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of its own internals
            program = torch.export.export(module, args, kwargs, dynamic_shapes=shapes, strict=strict)
    except Exception as error:
        raise InvalidModel(f"torch.export cannot take it: {error}", where=type(module).__name__) from error
    return program, list(leaves(shapes if shapes is not None else {}, named))


def arguments(example_inputs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Positional and keyword arguments: of a tuple or list, of a mapping, of ``(args, kwargs)``, or of one tensor."""
    if isinstance(example_inputs, Mapping):
        return (), dict(example_inputs)
    if not isinstance(example_inputs, list | tuple):
        return (example_inputs,), {}
    if len(example_inputs) == 2 and isinstance(example_inputs[0], list | tuple) and _keywords(example_inputs[1]):
        return tuple(example_inputs[0]), dict(example_inputs[1])
    return tuple(example_inputs), {}


def _keywords(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(k, str) for k in value)


def bound(module: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments by the names of the parameters of ``forward``.

    Raises:
        UsageError: they do not fit.
    """
    try:
        found = inspect.signature(module.forward).bind(*args, **kwargs)
    except TypeError as error:
        raise UsageError(f"example_inputs do not fit {type(module).__name__}.forward: {error}") from error
    return dict(found.arguments)


def spelled_out(shapes: Any, named: Mapping[str, Any]) -> Any:
    """``dynamic_shapes`` as ``torch.export`` takes it: a text in it names a dim, the same one wherever it stands.

    A list or tuple goes by the order of the arguments. What is left out of a mapping has fixed sizes.

    Raises:
        UsageError: it names what is no argument.
    """
    if not shapes:
        return None
    if isinstance(shapes, list | tuple):
        shapes = dict(zip(named, shapes, strict=False))
    unknown = [name for name in shapes if name not in named]
    if unknown:
        raise UsageError(f"dynamic_shapes names {unknown[0]!r}", hint=f"the arguments are {list(named)}")
    dims: dict[str, Any] = {}
    return {name: _spelled(shapes.get(name), value, dims) for name, value in named.items()}


def _spelled(shape: Any, value: Any, dims: dict[str, Any]) -> Any:
    from torch.export import Dim

    if isinstance(shape, str):
        return dims.setdefault(shape, Dim(shape))
    if isinstance(shape, Mapping):
        return {key: _spelled(s, None, dims) for key, s in shape.items()}
    if isinstance(shape, list | tuple):
        found = [_spelled(s, None, dims) for s in shape]
        size = getattr(value, "shape", None)
        if size is not None and len(size) == len(found):
            return {axis: s for axis, s in enumerate(found) if s is not None and not isinstance(s, int)}
        return type(shape)(found)
    return shape


def leaves(shapes: Any, value: Any) -> Iterator[Any]:
    """What is said of each leaf of ``value``, in PyTorch's order; ``None`` where nothing is."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from leaves(shapes.get(key) if isinstance(shapes, Mapping) else None, each)
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            inside = isinstance(shapes, list | tuple) and index < len(shapes)
            yield from leaves(shapes[index] if inside else None, each)
    else:
        yield shapes
