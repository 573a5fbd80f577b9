"""Modules as exported programs, by ``torch.export``."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from interlingua.errors import UsageError
from interlingua.frontends.torch.failures import Drafted, explained, quiet
from interlingua.frontends.torch.recurrent import whole_layers


def export(
    module: Any, example_inputs: Any, dynamic_shapes: Any, *, strict: bool, translate: Drafted
) -> tuple[Any, list[Any]]:
    """The ``ExportedProgram`` of a module, and what the user said of the shape of each leaf of its arguments.

    Raises:
        UsageError: there are no example inputs, or ``dynamic_shapes`` does not fit them.
        UntraceableModel: every place that ``torch.export`` cannot take.
        InvalidModel: the module does not run.
    """
    import torch

    if example_inputs is None:
        raise UsageError(
            "a module is exported by running it on examples",
            hint="give example_inputs=(tensor, …); in the shell, TorchScript takes --trace FILE.npz",
        )
    args, kwargs = _tensors(arguments(example_inputs), getattr(module, "numbers", ()))
    named = bound(module, args, kwargs)
    shapes = spelled_out(dynamic_shapes, named)
    try:
        with quiet(), whole_layers():
            torch.compiler.reset()  # branches are compiled, and kept with the sizes of an earlier export
            program = torch.export.export(module, args, kwargs, dynamic_shapes=shapes, strict=strict)
    except Exception as error:  # noqa: BLE001 - whatever the user's module raises is explained
        raise explained(error, module, args, kwargs, shapes, translate) from None
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


def _tensors(given: Any, numbers: Collection[str]) -> Any:
    """Arguments with tensors in the place of arrays; Python's numbers in the place of those called ``numbers``."""
    import numpy as np
    from torch.utils import _pytree as pytree

    from interlingua.formats.torch import to_tensor

    args, kwargs = given
    kwargs = {key: np.asarray(value).item() if key in numbers else value for key, value in kwargs.items()}
    return pytree.tree_map_only(np.ndarray, lambda array: to_tensor(array.copy()), (args, kwargs))


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
        UsageError: it names what is no argument, or an axis that there is not.
    """
    if not shapes:
        return None
    if isinstance(shapes, list | tuple):
        if len(shapes) > len(named):
            raise UsageError(f"dynamic_shapes has {len(shapes)} parts", hint=f"the arguments are {list(named)}")
        shapes = dict(zip(named, shapes, strict=False))
    unknown = [name for name in shapes if name not in named]
    if unknown:
        raise UsageError(f"dynamic_shapes names {unknown[0]!r}", hint=f"the arguments are {list(named)}")
    dims: dict[str, Any] = {}
    return {name: _spelled(shapes.get(name), value, dims, name) for name, value in named.items()}


def _spelled(shape: Any, value: Any, dims: dict[str, Any], path: str) -> Any:
    size = getattr(value, "shape", None)
    if size is not None:
        return None if shape is None else _axes(shape, len(size), dims, path)
    if isinstance(value, Mapping) and isinstance(shape, Mapping):
        return {key: _spelled(shape.get(key), each, dims, f"{path}[{key!r}]") for key, each in value.items()}
    if isinstance(value, list | tuple) and isinstance(shape, list | tuple):
        if len(shape) != len(value):
            raise UsageError(f"dynamic_shapes of {path} has {len(shape)} parts, {path} has {len(value)}")
        pairs = zip(shape, value, strict=True)
        return type(shape)([_spelled(s, v, dims, f"{path}[{i}]") for i, (s, v) in enumerate(pairs)])
    return _dim(shape, dims)


def _axes(shape: Any, rank: int, dims: dict[str, Any], path: str) -> dict[int, Any]:
    """What is said of the axes of a tensor, by axis; nothing of those that are fixed."""
    if isinstance(shape, list | tuple):
        if len(shape) != rank:
            raise UsageError(f"dynamic_shapes of {path} has {len(shape)} dims, the example has {rank}")
        shape = dict(enumerate(shape))
    if not isinstance(shape, Mapping):
        raise UsageError(f"dynamic_shapes of {path} is {shape!r}", hint="give its dims by axis, or one for each axis")
    wrong = [axis for axis in shape if not isinstance(axis, int) or not -rank <= axis < rank]
    if wrong:
        raise UsageError(f"dynamic_shapes of {path} names axis {wrong[0]!r}, the example has {rank}")
    return {
        axis % rank: _dim(each, dims) for axis, each in shape.items() if each is not None and not isinstance(each, int)
    }


def _dim(dim: Any, dims: dict[str, Any]) -> Any:
    """A text as the ``Dim`` of that name; ``?`` is a dim without one."""
    from torch.export import Dim

    if not isinstance(dim, str):
        return dim
    return Dim.DYNAMIC if dim == "?" else dims.setdefault(dim, Dim(dim))


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
