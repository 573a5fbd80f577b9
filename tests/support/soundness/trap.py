"""A small model on which a simplification that many tools make, or could, is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import onnx
from onnx import numpy_helper, parser

Array: TypeAlias = np.ndarray[Any, Any]
Feed: TypeAlias = Mapping[str, Array]
F2, F4, F8, I4, I8, U1 = np.float16, np.float32, np.float64, np.int32, np.int64, np.uint8
INF, NAN = np.inf, np.nan
MOST, LEAST = 2**63 - 1, -(2**63)
"""What exporters write for "to the end"."""
IR_VERSION = 8


@dataclass(frozen=True)
class Trap:
    """One case.

    Attributes:
        name: of the case.
        why: the rewrite that the model invites, and what is wrong with it.
        head: inputs and outputs, as ONNX's text form has them.
        body: the nodes.
        wrong: the nodes that the rewrite leaves: held against the original it has to be found out.
        feeds: sets of inputs; on one of them at least the rewrite shows.
        weights: initializers by name; one that is an input as well is its default.
        opset, ir_version: of the model.
        exact: whether every op of it is: then results have one right value, bit for bit.
        holds: for results that no bound describes, random ones for instance: what is true of them, and false of those
            of ``wrong``.
    """

    name: str
    why: str
    head: str
    body: str
    wrong: str
    feeds: tuple[Feed, ...]
    weights: Mapping[str, Array] = field(default_factory=dict[str, Array])
    opset: int = 18
    ir_version: int = IR_VERSION
    exact: bool = False
    holds: Callable[[Mapping[str, Any]], bool] | None = None

    @cached_property
    def model(self) -> onnx.ModelProto:
        """The original."""
        return self._model(self.body)

    @cached_property
    def rewritten(self) -> onnx.ModelProto:
        """What the rewrite leaves."""
        return self._model(self.wrong)

    def _model(self, body: str) -> onnx.ModelProto:
        opsets = f'"": {self.opset}, "ai.onnx.ml": 3'
        made = parser.parse_model(
            f"<ir_version: {self.ir_version}, opset_import: [{opsets}]> g {self.head} {{ {body} }}"
        )
        made.graph.initializer.extend(numpy_helper.from_array(w, n) for n, w in self.weights.items())
        return made


def trap(
    name: str,
    why: str,
    head: str,
    body: str,
    wrong: str,
    *feeds: Mapping[str, Any],
    opset: int = 18,
    ir_version: int = IR_VERSION,
    exact: bool = False,
    holds: Callable[[Mapping[str, Any]], bool] | None = None,
    **weights: Any,
) -> Trap:
    """A case; Python's floats are float32, its integers int64."""
    fed = tuple({n: array(v) for n, v in feed.items()} for feed in feeds)
    made = {n: array(w) for n, w in weights.items()}
    return Trap(name, why, head, body, wrong, fed, made, opset, ir_version, exact, holds)


def array(value: Any) -> Array:
    """An array as it is; Python's numbers in the dtypes that models mostly have."""
    if isinstance(value, np.ndarray | np.generic):
        return np.asarray(value)
    made = np.array(value)
    return made.astype(F4) if made.dtype == F8 else made


def normal(*shape: int, seed: int = 0, dtype: Any = F4) -> Array:
    """Normal numbers."""
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)
