"""What commands print: reports, models, lists, and progress while one waits."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from interlingua.report import Comparison, Report, Verdict

if TYPE_CHECKING:
    from interlingua.ir.graph import Module, Port, Value
    from interlingua.ir.weights import Weight

STAGES = ("load", "optimize", "legalize", "emit", "verify")
STYLES = {Verdict.VERIFIED: "bold green", Verdict.SUPPORTED: "bold green", Verdict.UNVERIFIED: "bold yellow"}


def line(text: str = "", style: str = "") -> None:
    """A line on standard output, however long; colours on a terminal only."""
    Console(highlight=False, soft_wrap=True).print(Text(text, style=style))


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A bar on standard error, where that is a terminal. Call what it gives with each stage as it begins."""
    console = Console(file=sys.stderr)
    columns = SpinnerColumn(), TextColumn("{task.description:10}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=len(STAGES))

        def begin(stage: str) -> None:
            done = STAGES.index(stage) if stage in STAGES else None
            bar.update(task, description=stage, completed=done)

        yield begin


def show_report(report: Report, verbose: bool) -> None:
    """The verdict and its evidence."""
    head, *rest = str(report).splitlines()
    line(head, STYLES.get(report.verdict, "bold red"))
    for text in rest:
        line(text)
    if not verbose:
        return
    for each in report.comparisons:
        line(f"  {_word(each):9} {each.output} on {each.case}: {figures(each)}")
    for stage, seconds in report.timings.items():
        line(f"  {stage}: {seconds:.3f} s")


def _word(comparison: Comparison) -> str:
    """``ok`` where it was judged and found right; else what is to be known."""
    words = {Verdict.VERIFIED: "ok", Verdict.MISMATCH: "WRONG"}
    return words.get(comparison.verdict, comparison.verdict.value.lower())


def figures(comparison: Comparison) -> str:
    """Error against bound, signal to noise, the share that nothing could be said of."""
    parts = [f"error {comparison.error:.3g}, bound {comparison.bound:.3g}"]
    if comparison.sqnr is not None:
        parts.append(f"SQNR {comparison.sqnr:.1f} dB")
    if comparison.excused:
        parts.append(f"{comparison.excused:.2%} excused")
    return ", ".join(parts) + (f" ({comparison.detail})" if comparison.detail else "")


def show_module(module: Module) -> None:
    """Inputs, outputs, ops by number, and the size of the weights."""
    about = [f"{key}: {value}" for key, value in module.metadata.items()]
    if about:
        line(", ".join(about))
    for title, ports, values in (
        ("inputs", module.inputs, module.main.inputs),
        ("outputs", module.outputs, module.main.outputs),
    ):
        line(title)
        columns([_port(port, value) for port, value in zip(ports, values, strict=True)])
    ops, weights = census(module)
    line(f"{sum(ops.values()):,} ops")
    columns([(name, f"{count:,}") for name, count in sorted(ops.items(), key=lambda item: (-item[1], item[0]))])
    line(f"{len(weights):,} weights, {size(sum(w.nbytes for w in weights))}")


def _port(port: Port, value: Value) -> tuple[str, str, str]:
    return port.name, str(value.type), "" if port.default is None else "has a default"


def census(module: Module) -> tuple[Counter[str], list[Weight]]:
    """How often each op occurs, and the weights, each once."""
    from interlingua.ir.ops.source import Constant

    ops: Counter[str] = Counter()
    weights: dict[Weight, None] = {}
    for node in module.walk():
        if isinstance(node.op, Constant):
            weights[node.op.weight] = None
        else:
            ops[node.op.name] += 1
    return ops, list(weights)


def columns(rows: Sequence[Sequence[str]]) -> None:
    """Rows in aligned columns, indented."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        line("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def size(count: int) -> str:
    """A number of bytes for people, in units of 1000."""
    if count < 1000:
        return f"{count} B"
    amount, unit = count / 1000, "kB"
    for larger in ("MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.1f} {unit}"
