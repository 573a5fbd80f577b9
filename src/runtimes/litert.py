"""TensorFlow Lite files in LiteRT."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from interlingua.formats.litert import IDENTIFIER, call_of, channels_last
from interlingua.ir.dtypes import DType
from interlingua.runtimes.base import TIMEOUT, Outcome, Runner
from interlingua.runtimes.interface import Interface, Slot
from interlingua.runtimes.numerics import Numerics
from interlingua.runtimes.process import run_worker
from interlingua.runtimes.runtime import Runtime, describe, described, on_disk

PACKAGE = "ai-edge-litert"
NUMERICS = Numerics(
    accumulators={DType.F16: 2.0**-24},
    ulps={
        "core.exp": 65.0,
        "core.log": 5.0,
        "core.sin": 5.0,
        "core.cos": 5.0,
        "core.sqrt": 4.0,
        **dict.fromkeys(("core.sinh", "core.cosh"), 111.0),
        "core.tanh": 6.0,
        "math.sigmoid": 6.0,
        "nn.elu": 5.0,
        "nn.gelu": 17.0,
        "nn.hard_swish": 8.0,
    },
    absolute={
        **dict.fromkeys(("core.log", "core.sin", "core.cos"), 1.0),
        **dict.fromkeys(("math.sigmoid", "nn.gelu", "nn.hard_swish"), 0.5),
    },
    flushes=True,
    partial_sums=1,
)
"""The CPU with its own kernels and XNNPACK's. Both compute float32 as declared: XNNPACK takes float16 for float32 only
where its delegate is given ``TFLITE_XNNPACK_DELEGATE_FLAG_FORCE_FP16``, which the interpreter of Python never sets.
Weights that are stored as float16 are widened before they are used.

The errors are the largest that were measured of one op in LiteRT 2.3, on 1.6 million arguments each: those of XNNPACK,
whose functions are polynomials without a second word of the argument's reduction (the exponential of 87 is off by 64
units), while LiteRT's own keep to 1 unit but for TANH, LOGISTIC and GELU. Sines were measured up to 1000. Hyperbolic
sines and cosines are products of two exponentials each. XNNPACK runs with subnormals flushed to zero: RELU of 1e-40 is
0 there, and 1e-40 in LiteRT's own kernels.

XNNPACK's products of matrices and convolutions add the terms of an element one after the other into one sum: of 4,096
terms the measured error is 19.5 unit roundoffs of the root of their squares."""

EMPTY = "Invalid tensor size."
"""What the interpreter says of an output without elements that the run alone gave its shape."""

Kernels: TypeAlias = Literal["xnnpack", "builtin", "reference"]
RESOLVERS: dict[Kernels, str] = {
    "xnnpack": "AUTO",
    "builtin": "BUILTIN_WITHOUT_DEFAULT_DELEGATES",
    "reference": "BUILTIN_REF",
}
"""Each set of kernels, and the op resolver that chooses it."""


class LiteRtRunner(Runner):
    """Runs a path or the bytes of a model, in one thread.

    Inputs and outputs have the names of the signature where there is one, else those of the tensors. Variables are
    reset before every set of inputs.

    Args:
        source: the model.
        kernels: whose: XNNPACK's as users have them, LiteRT's own, or its plain reference ones.
        signature: which one; ``None`` takes ``serving_default``, or the only one, or the plain tensors.
        as_source: whether arrays come and go in the layout of what the file was converted from, where its metadata say
            that channels come last in it; else as the file has them.
    """

    numerics = NUMERICS

    def __init__(
        self, source: Any, *, kernels: Kernels = "xnnpack", signature: str | None = None, as_source: bool = False
    ) -> None:
        self.source = source
        self.as_source = as_source
        self.kernels: Kernels = kernels
        self.signature = signature

    @property
    def description(self) -> str:
        return f"{_litert()}, CPU, {self.kernels} kernels"

    def run(self, batches: Sequence[Mapping[str, Any]], *, timeout: float = TIMEOUT) -> list[Outcome]:
        with on_disk(self.source, ".tflite") as path:
            options: dict[str, Any] = {"path": str(path.resolve()), "kernels": self.kernels}
            options |= {"signature": self.signature, "as_source": self.as_source}
            return run_worker(
                "interlingua.runtimes.litert:open_model", options, batches,
                timeout=timeout, subject=self.description, workers=self.workers, package=PACKAGE,
            )  # fmt: skip


class LiteRt(Runtime):
    """LiteRT's interpreter."""

    name = "litert"
    extensions = (".tflite",)

    def accepts(self, source: Any) -> bool:
        if isinstance(source, bytes | bytearray):
            return source[4:8] == IDENTIFIER
        return super().accepts(source)

    def runner(self, source: Any) -> Runner:
        return LiteRtRunner(source)

    def interface(self, source: Any, *, timeout: float = TIMEOUT) -> Interface:
        with on_disk(source, ".tflite") as path:
            options = {"path": str(path.resolve())}
            entry = "interlingua.runtimes.litert:describe_model"
            return describe(entry, options, timeout=timeout, subject=_litert(), package=PACKAGE)

    def witnesses(self, source: Any) -> list[Runner]:
        return [LiteRtRunner(source, kernels="builtin")]


def _litert() -> str:
    try:
        return f"LiteRT {version(PACKAGE)}"
    except PackageNotFoundError:
        return "LiteRT (not installed)"


def describe_model(path: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The interface of a model; for the worker."""
    return described(_Model(path, "xnnpack", None).interface())


def open_model(
    path: str, kernels: Kernels, signature: str | None, as_source: bool = False
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Load a model in this process; for the worker."""
    run = _Model(path, kernels, signature).run
    return _channels_first(run, channels_last(Path(path))) if as_source else run


class _Model:
    """A loaded model under the names of its signature."""

    def __init__(self, path: str, kernels: Kernels, signature: str | None) -> None:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        if _head(path)[4:8] != IDENTIFIER:
            raise ValueError(f"{Path(path).name} is no TensorFlow Lite file: it does not say TFL3 at byte 4")
        resolver = OpResolverType[RESOLVERS[kernels]]
        self.interpreter = Interpreter(model_path=path, num_threads=1, experimental_op_resolver_type=resolver)
        self.signature = _chosen(self.interpreter.get_signature_list(), signature)
        self.call = None if self.signature is None else self.interpreter.get_signature_runner(self.signature)
        self.order = None if self.signature is None else call_of(Path(path), self.signature)

    def interface(self) -> Interface:
        """Its inputs and outputs in the order of the file."""
        inputs, outputs = ([_slot(name, detail) for name, detail in d.items()] for d in self._details())
        return Interface(tuple(inputs), tuple(outputs))

    def _details(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Details of inputs and outputs by name. A signature lists its own by the alphabet: the file knows better."""
        if self.call is None or self.order is None:
            plain = self.interpreter.get_input_details(), self.interpreter.get_output_details()
            return {d["name"]: d for d in plain[0]}, {d["name"]: d for d in plain[1]}
        given, found = self.call.get_input_details(), self.call.get_output_details()
        return {n: given[n] for n in self.order.inputs}, {n: found[n] for n in self.order.outputs}

    def run(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Outputs by name, of inputs by name."""
        wanted, given = self._details()
        if inputs.keys() != wanted.keys():
            raise ValueError(f"the inputs are {list(wanted)}, not {list(inputs)}")
        arrays = {name: _checked(name, np.asarray(inputs[name]), detail) for name, detail in wanted.items()}
        self.interpreter.reset_all_variables()
        if self.call is not None:
            found = self._called(arrays)
            return {name: _tensor(found[name]) for name in given}
        for name, detail in wanted.items():
            self.interpreter.resize_tensor_input(detail["index"], arrays[name].shape)
        self.interpreter.allocate_tensors()
        for name, detail in wanted.items():
            self.interpreter.set_tensor(detail["index"], arrays[name])
        self.interpreter.invoke()
        return {name: _tensor(self.interpreter.get_tensor(d["index"])) for name, d in given.items()}

    def _called(self, arrays: dict[str, Any]) -> Mapping[str, Any]:
        """The outputs of the signature. The interpreter gives none that are empty: those are made here."""
        assert self.call is not None
        try:
            found: Mapping[str, Any] = self.call(**arrays)
        except ValueError as error:
            if str(error) != EMPTY:
                raise
            details = self.call.get_output_details()
            return {name: self._read(detail) for name, detail in details.items()}
        return found

    def _read(self, detail: Mapping[str, Any]) -> Any:
        if 0 in detail["shape"]:
            return np.zeros(detail["shape"], detail["dtype"])
        assert self.order is not None
        return self.interpreter.get_tensor(detail["index"], self.order.subgraph)


def _channels_first(run: Callable[[dict[str, Any]], dict[str, Any]], last: Mapping[str, Sequence[str]]) -> Any:
    """``run`` of arrays whose second axis is what comes last in the file."""

    def turned(inputs: dict[str, Any]) -> dict[str, Any]:
        given = {n: np.moveaxis(a, 1, -1) if n in last["inputs"] else a for n, a in inputs.items()}
        found = run(given)
        return {n: np.ascontiguousarray(np.moveaxis(a, -1, 1)) if n in last["outputs"] else a for n, a in found.items()}

    return turned


def _head(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(8)


def _chosen(signatures: Mapping[str, Any], asked: str | None) -> str | None:
    if asked is not None:
        if asked not in signatures:
            raise ValueError(f"there is no signature {asked!r}, there are: {list(signatures)}")
        return asked
    if "serving_default" not in signatures and len(signatures) > 1:
        raise ValueError(f"there are {len(signatures)} signatures, {list(signatures)}: one has to be named")
    return "serving_default" if "serving_default" in signatures else next(iter(signatures), None)


def _dims(detail: Mapping[str, Any]) -> tuple[int | None, ...]:
    declared = detail["shape_signature"] if len(detail["shape_signature"]) else detail["shape"]
    return tuple(None if d < 0 else int(d) for d in declared)


def _slot(name: str, detail: Mapping[str, Any]) -> Slot:
    scale, zero = detail["quantization"]
    note = f"scale {scale:g}, zero point {zero}" if scale else ""
    aliases = () if detail["name"] == name else (str(detail["name"]),)
    return Slot(name, DType.of(np.dtype(detail["dtype"])), _dims(detail), aliases, note=note)


def _checked(name: str, array: Any, detail: Mapping[str, Any]) -> Any:
    """``array`` if it is what the model declares. LiteRT itself would resize fixed dims, too, and reads strings of
    bytes."""
    dims = _dims(detail)
    fits = len(dims) == array.ndim and all(d in (None, n) for d, n in zip(dims, array.shape, strict=True))
    if not fits or DType.of(array) is not DType.of(np.dtype(detail["dtype"])):
        shown = _slot(name, detail)
        raise ValueError(f"input {shown}, got {DType.of(array)}{list(array.shape)}")
    return array.astype(np.bytes_) if DType.of(array) is DType.STRING else array


def _tensor(array: Any) -> Any:
    """An array of the model's own, strings decoded."""
    if np.asarray(array).dtype.kind in "SO":
        texts = [t.decode() if isinstance(t, bytes) else str(t) for t in np.ravel(array)]
        return np.array(texts, dtype=object).reshape(np.shape(array))
    return np.array(array)
