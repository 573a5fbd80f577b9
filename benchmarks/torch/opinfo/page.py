"""The outcomes as tables, and the page that keeps them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.common import ROOT

PAGE = ROOT / "docs" / "torch-ops.md"
CLASSES = ("right", "doubtful", "wrong", "crash", "unsupported", "excluded")
Outcomes = Sequence[Mapping[str, Any]]
Found = Mapping[str, Outcomes]

HEAD = """# Torch's ops, by torch's own samples

Made by `python -m benchmarks.torch.opinfo --write`, of PyTorch {torch}: its own sample inputs of its ops
(`OpInfo`), for float32, int64 and bool, the first {most} of each. What is no tensor is baked into a module, which is
exported, loaded and evaluated. The results of eager torch and our own both have to agree with the reference in float64:
dtypes, shapes, NaN and infinities exactly, floats within the bound that is derived for the program.

*right*; *doubtful*: nothing can be said of any element, or any of several that are equal may be meant; *wrong*: other
results; *crash*: an error that is no refusal; *unsupported*: refused, with reasons; *excluded*: not ours to judge,
since eager torch or `torch.export` itself fails on the sample, or its result is random.
"""


def counted(outcomes: Outcomes) -> list[int]:
    """How many of each class."""
    counts = Counter(o["verdict"] for o in outcomes)
    return [counts[c] for c in CLASSES]


def markdown(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return [*lines, *("| " + " | ".join(str(c) for c in row) + " |" for row in rows)]


def by_target(found: Found) -> dict[str, list[Mapping[str, Any]]]:
    """The samples in whose programs an overload stands, by overload."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for outcomes in found.values():
        for outcome in outcomes:
            for target in outcome["targets"]:
                groups.setdefault(target, []).append(outcome)
    return groups


def reasons(found: Found, verdict: str) -> list[tuple[str, int, str]]:
    """Each reason, how many samples have it, and of which ops."""
    groups: dict[str, list[str]] = {}
    for name, outcomes in found.items():
        for outcome in outcomes:
            if outcome["verdict"] == verdict:
                groups.setdefault(outcome["reason"], []).append(name)
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [(reason, len(names), shown(list(dict.fromkeys(names)))) for reason, names in ranked]


def shown(names: Sequence[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(f"`{n}`" for n in names[:most]) + more


def summary(found: Found, core: Sequence[str]) -> list[tuple[object, ...]]:
    """Counts over all samples, and over those whose programs hold core ops alone."""
    every = [o for outcomes in found.values() for o in outcomes]
    chosen = set(core)
    plain = [o for o in every if o["targets"] and chosen.issuperset(o["targets"])]
    return [("all", len(every), *counted(every)), ("of core ATen ops alone", len(plain), *counted(plain))]


def page(found: Found, core: Sequence[str], torch: str, most: int, names: int) -> str:
    """The whole page; ``names`` is how many names of samples there are."""
    groups = by_target(found)
    lines = [HEAD.format(torch=torch, most=most)]
    if len(found) < names:
        lines += [f"{len(found)} of {names} names of samples have been run, those of core ATen first.", ""]
    lines += markdown(("samples", "number", *CLASSES), summary(found, core))
    lines += ["", "## Core ATen", "", "Samples in whose exported programs the op stands.", ""]
    reached = [op for op in core if op in groups]
    lines += markdown(("op", *CLASSES), ((f"`{op}`", *counted(groups[op])) for op in reached))
    absent = [op for op in core if op not in groups]
    lines += ["", f"In no sample's program stand {len(absent)}: {shown(absent, len(absent))}."]
    lines += ["", "## Other ops of exported programs", ""]
    others = sorted(set(groups) - set(core))
    lines += markdown(("op", *CLASSES), ((f"`{op}`", *counted(groups[op])) for op in others))
    lines += ["", "## By name of the samples", ""]
    lines += markdown(("name", *CLASSES), ((f"`{name}`", *counted(o)) for name, o in found.items() if o))
    for verdict in ("wrong", "crash", "unsupported", "excluded"):
        lines += ["", f"## {verdict.capitalize()}", ""]
        lines += markdown(("reason", "samples", "names"), reasons(found, verdict))
    return "\n".join(lines) + "\n"
