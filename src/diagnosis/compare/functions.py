"""Python functions as something that runs: arrays by name or in order, to an array, a tuple or a mapping of them."""

from __future__ import annotations

import inspect
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from interlingua.errors import RuntimeTimeout
from interlingua.ir.dtypes import DType
from interlingua.runtimes.base import TIMEOUT, Outcome, Runner


class FunctionRunner(Runner):
    """Calls a function in this process, in a thread of its own: what does not come back in time is left behind.

    It is called with its inputs by name where its parameters have their names, else in order. A ``torch.nn.Module``
    is given tensors, everything else NumPy arrays; each call has copies of its own. A mapping that comes back names
    its outputs; those of a tuple or list are called ``0``, ``1`` …, tuples in it flattened.

    Attributes:
        changed: names of inputs that the function changed in place.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.changed: set[str] = set()

    @property
    def description(self) -> str:
        return "this process"

    def run(self, batches: Sequence[Mapping[str, Any]], *, timeout: float = TIMEOUT) -> list[Outcome]:
        done: list[Outcome] = []
        thread = threading.Thread(target=lambda: done.extend(self._one(b) for b in batches), daemon=True)
        thread.start()
        thread.join(timeout)
        if thread.is_alive():
            raise RuntimeTimeout(f"the function took longer than {timeout:g} s", hint="allow more time with timeout=")
        return done

    def _one(self, batch: Mapping[str, Any]) -> Outcome:
        given = {name: _copy(value) for name, value in batch.items()}
        try:
            result = self._call(given)
            outputs = {name: to_array(value) for name, value in named(result)}
        except BaseException as error:  # noqa: BLE001 - whatever a function raises is the outcome
            return Outcome(None, f"{type(error).__name__}: {error}")
        self.changed |= {n for n, v in batch.items() if isinstance(v, np.ndarray) and not _same_bits(v, given[n])}
        return Outcome(outputs)

    def _call(self, inputs: dict[str, Any]) -> Any:
        torch = sys.modules.get("torch")
        is_module = torch is not None and isinstance(self.function, torch.nn.Module)
        by_name = _takes_names(self.function, inputs)
        if torch is None or not is_module:
            return self.function(**inputs) if by_name else self.function(*inputs.values())
        tensors = {name: _tensor(torch, value) for name, value in inputs.items()}
        with torch.no_grad():
            return self.function(**tensors) if by_name else self.function(*tensors.values())


def function_name(function: Callable[..., Any]) -> str:
    """What to call it in a report."""
    return str(getattr(function, "__qualname__", None) or type(function).__qualname__)


def _takes_names(function: Callable[..., Any], inputs: Mapping[str, Any]) -> bool:
    try:
        # a module of PyTorch takes anything, and hands it to its method
        parameters = inspect.signature(getattr(function, "forward", function)).parameters.values()
    except (TypeError, ValueError):
        return False
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    names = {p.name for p in parameters if p.kind in kinds}
    return set(inputs) <= names or any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters)


def named(result: Any) -> list[tuple[str, Any]]:
    """The outputs by name."""
    if isinstance(result, Mapping):
        return [(str(name), value) for name, value in result.items()]
    if isinstance(result, tuple) and hasattr(result, "_asdict"):
        return list(result._asdict().items())
    if isinstance(result, tuple | list):
        return [(str(i), value) for i, value in enumerate(_flat(result))]
    return [("0", result)]


def _flat(values: Sequence[Any]) -> list[Any]:
    return [each for v in values for each in (_flat(v) if isinstance(v, tuple) else [v])]


def to_array(value: Any) -> Any:
    """An array of what a function gave: an array, a number, a tensor of a framework, a list of these.

    Raises:
        TypeError: it is nothing of the kind.
    """
    if isinstance(value, list | tuple):
        return [to_array(v) for v in value]
    if hasattr(value, "detach"):
        value = _from_torch(value.detach().cpu())
    array = np.array(value)
    if array.dtype.kind == "O" and not all(isinstance(v, str) for v in array.flat):
        raise TypeError(f"it gives {type(value).__name__}, which is no array")
    DType.of(array)
    return array.astype(object) if array.dtype.kind in "UT" else array


def _from_torch(tensor: Any) -> Any:
    """NumPy lacks some of PyTorch's types: their bits are taken as they are."""
    found = next((d for d, name in TORCH_NAMES.items() if f"torch.{name}" == str(tensor.dtype)), None)
    if found is not None:
        torch = sys.modules["torch"]
        bits = {8: torch.uint8, 16: torch.int16}[found.bits]
        return tensor.contiguous().view(bits).numpy().view(found.numpy)
    return tensor.numpy()


TORCH_NAMES = {
    DType.BF16: "bfloat16",
    DType.F8E4M3: "float8_e4m3fn",
    DType.F8E4M3FNUZ: "float8_e4m3fnuz",
    DType.F8E5M2: "float8_e5m2",
    DType.F8E5M2FNUZ: "float8_e5m2fnuz",
}
"""What PyTorch calls the types that NumPy lacks."""


def _tensor(torch: Any, value: Any) -> Any:
    if isinstance(value, list):
        return [_tensor(torch, v) for v in value]
    if value is None:
        return None
    array = np.ascontiguousarray(value)
    name = TORCH_NAMES.get(DType.of(array))
    if name is None:
        return torch.from_numpy(array)
    bits = {1: np.uint8, 2: np.int16}[array.itemsize]
    return torch.from_numpy(array.view(bits)).view(getattr(torch, name))


def _copy(value: Any) -> Any:
    if isinstance(value, list):
        return [_copy(v) for v in value]
    return np.array(value) if isinstance(value, np.ndarray) else value


def _same_bits(a: Any, b: Any) -> bool:
    if a.dtype.kind == "O":
        return bool(a.shape == b.shape and (a == b).all())
    return bool(a.tobytes() == b.tobytes())
