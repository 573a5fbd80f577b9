"""What an artifact holds besides the model and its kernels: the emitter copies these functions into it.

``INPUTS``, ``OUTPUTS`` and ``main`` stand for the artifact's own.
"""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from interlingua.runtimes.numpy import as_objects, read_arrays, write_arrays

if TYPE_CHECKING:
    INPUTS: dict[str, tuple[str, tuple[int | str, ...] | None]] = {}
    OUTPUTS: dict[str, tuple[str, tuple[int | str, ...] | None]] = {}

    def main(*arguments: Any, **named: Any) -> tuple[Any, ...]: ...


GIVEN = ("INPUTS", "OUTPUTS", "main")


def load_weight(name: str) -> np.ndarray:
    """A weight. A mapping holds its file open, and only so many may be: small ones are read."""
    path = Path(__file__).resolve().with_name("weights") / name
    mapped = path.stat().st_size >= 1 << 20
    return as_objects(np.load(path, mmap_mode="r" if mapped else None))


def run(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs by name, of inputs by name; an input with a default may be left out."""
    unknown = [name for name in inputs if name not in INPUTS]
    if unknown:
        raise ValueError(f"the model has no input {unknown[0]!r}; its inputs are {list(INPUTS)}")
    arguments = {}
    for parameter, name in zip(inspect.signature(main).parameters, INPUTS, strict=True):
        if inputs.get(name) is not None:
            arguments[parameter] = check_input(name, inputs[name], *INPUTS[name])
    with np.errstate(all="ignore"):
        results = main(**arguments)
    return dict(zip(OUTPUTS, results, strict=True))


def check_input(name: str, value: Any, dtype: str, dims: tuple[int | str, ...] | None) -> Any:
    """``value`` as an array, if it is what the model takes."""
    array = as_objects(np.asarray(value, dtype=None if isinstance(value, np.ndarray | np.generic) else dtype))
    wanted = array.shape if dims is None else dims
    fixed = {axis: d for axis, d in enumerate(wanted) if not isinstance(d, str)}
    fits = len(wanted) == array.ndim and all(array.shape[axis] == d for axis, d in fixed.items())
    strings = dtype != "object" or all(isinstance(s, str) for s in array.ravel().tolist())
    if array.dtype != dtype or not fits or not strings:
        got = f"{array.dtype}{list(array.shape)}"
        raise ValueError(f"input {name!r} must be {dtype}{'' if dims is None else list(dims)}, got {got}")
    return array


def or_empty(stack: Any, dims: tuple[int | None, ...] | None, dtype: str) -> Any:
    """``stack``, or where its loop made no trip the empty one: length 0 along its first unknown axis."""
    if stack is not None:
        return stack
    if dims is None:
        raise ValueError("a loop made no trip and the shape of what it stacks is unknown")
    shape = [0 if d is None else d for d in dims]
    return np.zeros(shape if 0 in shape else [0, *shape[1:]], dtype)


def command_line(files: list[str]) -> int:
    """Run every pair of files; what goes wrong with one is told in OUTPUTS.npz.error, too."""
    if not files or len(files) % 2:
        print("usage: python model.py INPUTS.npz OUTPUTS.npz [INPUTS.npz OUTPUTS.npz ...]", file=sys.stderr)
        return 2
    status = 0
    for source, target in zip(files[::2], files[1::2], strict=True):
        try:
            write_arrays(target, run(read_arrays(source)))
        except Exception as error:  # noqa: BLE001 - whatever the model raises is this pair's outcome
            traceback.print_exc()
            Path(f"{target}.error").write_text(f"{type(error).__name__}: {error}", encoding="utf-8")
            status = 1
    return status
