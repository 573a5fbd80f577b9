"""ONNX's own node cases, and what comes of each: evaluated here, or converted and run in the backend's runtime.

The comparison is ONNX's: the case's tolerances, the same dtype and shape. What is not right has its class and reason,
and stands by name in docs/onnx.md, or on the page of the backend.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import onnx.numpy_helper

import interlingua
from interlingua.errors import InterlinguaError, UnsupportedOps
from interlingua.runtimes.base import Runner
from interlingua.runtimes.workers import Workers

DOCS = Path(__file__).resolve().parents[2] / "docs"
EVALUATED = "By `load` and `evaluate`"
EMITTED = {
    "onnx": "By `convert` and ONNX Runtime",
    "torch": "By `convert` and PyTorch",
    "litert": "By `convert` and LiteRT",
}
"""By the name of a backend."""
PAGES = {
    EVALUATED: DOCS / "onnx.md",
    EMITTED["onnx"]: DOCS / "onnx.md",
    EMITTED["torch"]: DOCS / "torch-node-cases.md",
    EMITTED["litert"]: DOCS / "litert-node-cases.md",
}
"""By the heading of a list, the page that it is on."""
SECONDS = 120.0
"""Time limit of one case in a runtime."""

Verdict: TypeAlias = Literal["right", "doubtful", "random", "unsupported", "wrong"]

DOUBTFUL: Mapping[str, str] = {
    r"test_attention_(3d_causal|4d_(causal|padded_kv|causal_padded_kv|attn_mask_causal))_(bf16|fp16)(_expanded)?": (
        "the function body rounds after each of its ops, of which Softmax is one; the expected values are those bit "
        "for bit where Softmax too is taken apart, each of its steps rounded to the dtype, and in bfloat16 each "
        "addition of its sum. No text asks for that: the body as written, each op rounded once, gives what we give "
        "for the expanded case, and nn.attention rounds once for all. Both are nearer to the float64 result than "
        "what is expected, from which they differ by one or two spacings of the dtype"
    ),
    r"test_dft_inverse(_opset19)?": (
        "the expected values are NumPy's transform in complex64: 1.9e-7 where the sum is 0, and up to 1.5e-6 off "
        "elsewhere, where the case's absolute tolerance is 1e-7. ONNX Runtime in float64 gives the rounded exact values"
    ),
}
"""Cases, as a pattern of their names, whose expected values are in doubt, with the derivation. One counts as doubtful
only where what we compute is nearer to the float64 result than what is expected."""

_READERS = {"TensorProto": "to_array", "SequenceProto": "to_list", "OptionalProto": "to_optional"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case."""

    verdict: Verdict
    reason: str = ""


@cache
def node_cases() -> tuple[Any, ...]:
    """Every node case of the installed package, in its own order."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the cases divide by zero on purpose while they are made
        from onnx.backend.test.loader import load_model_tests

        return tuple(load_model_tests(kind="node"))


def array(value: Any) -> Any:
    """Cases hold values that NumPy lacks as protos."""
    reader = _READERS.get(type(value).__name__)
    return value if reader is None else getattr(onnx.numpy_helper, reader)(value)


def agree(got: Any, want: Any, case: Any) -> bool:
    """Whether a result is that of a case, by the case's own tolerances."""
    return not difference(got, want, case)


def difference(got: Any, want: Any, case: Any) -> str:
    """How two values differ by the case's own tolerances; empty where they agree."""
    if want is None or got is None:
        return "" if got is want else "only one of the two is there"
    if isinstance(want, list | tuple):
        if not isinstance(got, list | tuple) or len(got) != len(want):
            return "the sequences differ in length"
        return next((d for g, w in zip(got, want, strict=True) if (d := difference(g, w, case))), "")
    got, want = np.asarray(got), np.asarray(want)
    if got.shape != want.shape:
        return f"the shape is {got.shape}, not {want.shape}"
    if got.dtype != want.dtype and not {got.dtype.kind, want.dtype.kind} <= set("OUT"):
        return f"the dtype is {got.dtype}, not {want.dtype}"
    if want.dtype.kind in "OUST":
        return "" if got.tolist() == want.tolist() else "strings differ"
    wide = np.complex128 if want.dtype.kind == "c" else np.float64
    with np.errstate(invalid="ignore"):  # NumPy says so of signalling NaN, which some runtimes leave
        got, want = got.astype(wide), want.astype(wide)
    if np.allclose(got, want, rtol=case.rtol, atol=case.atol, equal_nan=True):
        return ""
    with np.errstate(invalid="ignore"):
        return f"off by {np.nanmax(np.abs(got - want)):.2g}"


def evaluated(case: Any) -> Outcome:
    """``load`` and ``evaluate``."""
    try:
        module = interlingua.load(case.model)
        found = [list(interlingua.evaluate(module, inputs).values()) for inputs, _ in sets(case)]
    except InterlinguaError as error:
        return failed(error)
    return judged(module, case, found)


def emitted(case: Any, workers: Workers, to: str = "onnx") -> Outcome:
    """``convert`` with nothing but the defaults, run as users run what comes out."""
    try:
        module = interlingua.load(case.model)
        conversion = interlingua.convert(module, to=to, verify=False)
        assert conversion.artifact is not None
        found = outputs_of(conversion.backend.runner(conversion.artifact), module.input_names, case, workers)
    except InterlinguaError as error:
        return failed(error)
    return found if isinstance(found, Outcome) else judged(module, case, found)


def by_runtime(case: Any, runner: Runner, workers: Workers) -> Outcome:
    """Another implementation on the case's own model."""
    weights = {i.name for i in case.model.graph.initializer}
    names = [i.name for i in case.model.graph.input if i.name not in weights]
    try:
        found = outputs_of(runner, names, case, workers)
    except InterlinguaError as error:
        return failed(error)
    return found if isinstance(found, Outcome) else compared(case, found)


def sets(case: Any) -> list[tuple[list[Any], list[Any]]]:
    """Inputs and expected outputs, as arrays."""
    return [([array(i) for i in inputs], [array(o) for o in outputs]) for inputs, outputs in case.data_sets]


def outputs_of(runner: Runner, names: Sequence[str], case: Any, workers: Workers) -> list[list[Any]] | Outcome:
    """What a runner gives for each set of inputs."""
    runner.workers = workers
    batches = [{n: v for n, v in zip(names, inputs, strict=False) if v is not None} for inputs, _ in sets(case)]
    outcomes = runner.run(batches, timeout=SECONDS)
    wrong = next((o.error for o in outcomes if o.error is not None), None)
    return Outcome("wrong", brief(wrong)) if wrong else [list((o.outputs or {}).values()) for o in outcomes]


def failed(error: InterlinguaError) -> Outcome:
    """A refusal with its reasons, or a fault."""
    if isinstance(error, UnsupportedOps):
        return Outcome("unsupported", "; ".join(f"{op}: {reason}" for op, reason in error.groups()))
    return Outcome("wrong", brief(f"{type(error).__name__}: {error.what}"))


def brief(message: str) -> str:
    """The first line of a message, fit for a cell of a table."""
    return message.strip().splitlines()[0][:200].replace("|", "/")


def judged(module: Any, case: Any, found: list[list[Any]]) -> Outcome:
    """What was found held against what is expected, as far as the case says that."""
    outcome = compared(case, found)
    if outcome.verdict == "wrong" and any("random" in node.op.effects for node in module.walk()):
        return _drawn(case, found)
    reason = next((r for pattern, r in DOUBTFUL.items() if re.fullmatch(pattern, case.name)), None)
    if outcome.verdict == "wrong" and reason is not None and _nearer(module, case, found):
        return Outcome("doubtful", reason)
    return outcome


def compared(case: Any, found: list[list[Any]]) -> Outcome:
    """The comparison alone."""
    for got, (_, want) in zip(found, sets(case), strict=True):
        if len(got) != len(want):
            return Outcome("wrong", f"{len(got)} outputs, not {len(want)}")
        for g, w in zip(got, want, strict=True):
            if different := difference(g, w, case):
                return Outcome("wrong", different)
    return Outcome("right")


def _drawn(case: Any, found: list[list[Any]]) -> Outcome:
    """Shapes and dtypes of random values are to be right; the values are those of one generator."""
    pairs = [p for got, (_, want) in zip(found, sets(case), strict=True) for p in zip(got, want, strict=True)]
    if any(np.shape(g) != np.shape(w) or np.asarray(g).dtype != np.asarray(w).dtype for g, w in pairs):
        return Outcome("wrong", "random values of another shape or dtype")
    return Outcome("random", "the expected values are those of one generator of random numbers: nothing to compare")


def _nearer(module: Any, case: Any, found: list[list[Any]]) -> bool:
    """Whether every output is nearer to the float64 result than the expected one, among the elements where the two
    differ by more than the case allows."""
    for got, (inputs, want) in zip(found, sets(case), strict=True):
        exact = interlingua.evaluate(module, inputs, precision="float64").values()
        if any(not _nearer_output(g, w, e, case) for g, w, e in zip(got, want, exact, strict=True)):
            return False
    return True


def _nearer_output(got: Any, want: Any, exact: Any, case: Any) -> bool:
    values = np.asarray(got).astype(np.float64), np.asarray(want).astype(np.float64)
    disputed = ~np.isclose(*values, rtol=case.rtol, atol=case.atol, equal_nan=True)
    ours, theirs = (np.max(np.abs(v - exact), initial=0.0, where=disputed) for v in values)
    return not disputed.any() or bool(ours < theirs)


def rows(outcomes: Mapping[str, Outcome]) -> list[tuple[str, str, str]]:
    """The cases that are not right, by class and reason, for a table."""
    groups: dict[Outcome, list[str]] = {}
    for name, outcome in outcomes.items():
        if outcome.verdict != "right":
            groups.setdefault(outcome, []).append(name)
    ordered = sorted(groups.items(), key=lambda item: (item[0].verdict, min(item[1])))
    return [(o.verdict, o.reason, ", ".join(f"`{n}`" for n in sorted(names))) for o, names in ordered]


def documented(heading: str) -> dict[str, str]:
    """The cases that are listed below a heading, with their class."""
    page = PAGES[heading].read_text(encoding="utf-8")
    section = page.partition(f"### {heading}\n")[2].partition("\n#")[0]
    found = {}
    for line in section.splitlines():
        cells = [c.strip() for c in line.strip("|").split("|")]
        if len(cells) == 3:
            found.update(dict.fromkeys(re.findall(r"`(test_\w+)`", cells[2]), cells[0]))
    return found


def unlisted(found: Mapping[str, Outcome], heading: str) -> dict[str, tuple[str, str]]:
    """The cases that are of another class than the list below a heading has, with both classes. What is drawn at random
    may be what is expected, by chance."""
    listed = documented(heading)
    classes = {name: (str(o.verdict), listed.get(name, "right")) for name, o in found.items()}
    return {n: pair for n, pair in classes.items() if pair[0] != pair[1] and pair != ("right", "random")}


def summary(outcomes: Iterable[Outcome]) -> dict[Verdict, int]:
    """How many of each class."""
    verdicts = [o.verdict for o in outcomes]
    return {v: verdicts.count(v) for v in Verdict.__args__}
