"""``interlingua optimize``: passes run, shown, timed, logged, checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interlingua.cli import options as given
from interlingua.cli.outcome import Exit, conclude, told, write_report
from interlingua.errors import BrokenObligation, UsageError

if TYPE_CHECKING:
    from interlingua.ir.graph import Module
    from interlingua.obligations.ledger import Ledger
    from interlingua.passes.base import Pass
    from interlingua.passes.log import Recorder
    from interlingua.passes.timing import Timing

ARCHIVE = ".il"
FINDINGS = Path("broken-obligations")


def optimize(
    source: given.Source,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", show_default=False,
            help="Where the result goes: MODEL.il as it is; of another ending, converted and verified.",
        ),
    ] = None,
    passes: given.PassNames = None,
    only: given.Only = None,
    skip: given.Skip = None,
    option: given.PassOptions = None,
    print_before: Annotated[
        list[str] | None, typer.Option(metavar="PASS", help="Print the model before a pass. May be repeated.")
    ] = None,
    print_after: Annotated[
        list[str] | None, typer.Option(metavar="PASS", help="Print the model after a pass. May be repeated.")
    ] = None,
    print_all: Annotated[bool, typer.Option("--print", help="Print the model after every pass.")] = False,
    timing: Annotated[bool, typer.Option("--timing", help="Say what each pass and each rule took.")] = False,
    log: Annotated[Path | None, typer.Option(help="Write which rule was applied where.", show_default=False)] = None,
    replay: Annotated[
        Path | None, typer.Option(help="Do again what such a log says, in place of passes.", show_default=False)
    ] = None,
    upto: Annotated[int | None, typer.Option(min=0, help="Replay so many steps only.", show_default=False)] = None,
    checked: Annotated[
        bool, typer.Option("--checked", help="Show of every rewrite that it is right, by proof or on values.")
    ] = False,
    findings: Annotated[Path, typer.Option(help="Where a rewrite that is wrong is written to.")] = FINDINGS,
    examples: given.Examples = None,
    seed: given.Seed = 0,
    inputs: given.Inputs = None,
    opset: given.Opset = None,
    frontend: given.Frontend = None,
    report: given.ReportFile = None,
    verbose: given.Verbose = False,
) -> None:
    """Run passes over a model, and say what they did."""
    with told(verbose, report):
        from interlingua import driver, transform

        _consistent(output, replay, upto, [passes, only, skip, option, log, checked or None])
        shapes = given.parse_inputs(inputs)
        module = driver.load(source, frontend=frontend, **({"dynamic_shapes": shapes} if shapes else {}))
        sets = given.read_examples(examples)
        if replay is not None:
            _write(transform.replay(module, _read(replay), upto=upto), output)
            return
        run = _Run(given.chosen_passes(passes, only, skip, option), timing, log)
        shown = _printing(run.passes, print_before, print_after, print_all)
        made = run(module, shown, checked, sets, seed, findings, report)
        if output is None or output.suffix == ARCHIVE:
            _write(made, output)
            run.conclude(report)
            return
        run.report()
        options: dict[str, Any] = {} if opset is None else {"opset": opset}
        found = driver.convert(
            source, to=given.backend_name(None, output), output=given.output_path(source, output, ""),
            frontend=frontend, dynamic_shapes=shapes or None, passes=run.passes, examples=sets, seed=seed, **options,
        )  # fmt: skip
        conclude(found.report, report, verbose)


def _consistent(output: Path | None, replay: Path | None, upto: int | None, others: Sequence[Any]) -> None:
    if replay is None and upto is not None:
        raise UsageError("--upto says how much of a log is replayed", hint="give the log with --replay")
    if replay is not None and any(other is not None for other in others):
        raise UsageError("--replay does what the log says, and nothing else", hint="leave the options of passes out")
    if replay is not None and output is not None and output.suffix != ARCHIVE:
        raise UsageError("what is replayed is written as it is", hint="give a place that ends in .il")


def _write(module: Module, output: Path | None) -> None:
    from interlingua import driver
    from interlingua.cli.show import line, show_module

    if output is None:
        show_module(module)
    else:
        driver.save(module, output)
        line(f"→ {output}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--replay {path} cannot be read: {error}") from error


def _printing(
    passes: Sequence[Pass], before: Sequence[str] | None, after: Sequence[str] | None, every: bool
) -> Callable[[Pass, Module, bool], None]:
    """Prints the model around the passes that are named."""
    titles = dict.fromkeys(each.title for each in passes)
    unknown = next((name for name in (*(before or ()), *(after or ())) if name not in titles), None)
    if unknown is not None:
        raise UsageError(f"no pass here is called {unknown!r}", hint=f"there are: {', '.join(titles)}")

    def around(each: Pass, module: Module, done: bool) -> None:
        if (done and every) or each.title in ((after if done else before) or ()):
            typer.echo(f"// {'after' if done else 'before'} {each.title}")
            typer.echo(str(module), nl=False)

    return around


class _Run:
    """One run of passes, with what is asked to be known of it."""

    def __init__(self, passes: list[Pass], timing: bool, log: Path | None) -> None:
        from interlingua.passes.log import Recorder
        from interlingua.passes.timing import Timing

        self.passes = passes
        self.path = log
        self.timing: Timing | None = Timing() if timing else None
        self.recorder: Recorder | None = None if log is None else Recorder()
        self.ledger: Ledger | None = None

    def __call__(
        self, module: Module, shown: Callable[[Pass, Module, bool], None], checked: bool,
        examples: Sequence[Any], seed: int, findings: Path, report: Path | None,
    ) -> Module:  # fmt: skip
        from interlingua import transform
        from interlingua.ir.rewriter import Rewriter
        from interlingua.obligations.door import run_checked
        from interlingua.passes.pipeline import together

        rewriter = Rewriter(
            [] if self.recorder is None else [self.recorder], [w for w in (self.timing, self.recorder) if w is not None]
        )
        around = together(*(w.around for w in (self.timing, self.recorder) if w is not None), shown)
        if not checked:
            return transform.watched(module, self.passes, rewriter, around)
        try:
            found = run_checked(
                module, self.passes, examples=examples, seed=seed, rewriter=rewriter, around=around
            )
        except BrokenObligation as error:
            self._broken(error, findings, report)
            raise
        self.ledger = found.ledger
        return found.module

    def _broken(self, error: BrokenObligation, findings: Path, report: Path | None) -> None:
        from interlingua.cli.show import line
        from interlingua.diagnosis.findings.obligation import save_obligation

        assert error.ledger is not None and error.ledger.broken is not None
        line(str(error.ledger))
        folder = save_obligation(error.ledger.broken, findings)
        error.where = f"{folder} shows it: run {folder / 'repro.py'}"

    def report(self) -> None:
        """Print and write what was asked for."""
        from interlingua.cli.show import columns, line

        if self.recorder is not None and self.path is not None:
            try:
                self.path.write_text(self.recorder.log.to_json(), encoding="utf-8")
            except OSError as error:
                raise UsageError(f"the log cannot be written: {error}") from error
        if self.timing is not None:
            line("passes")
            columns([(name, f"{seconds:.4f} s") for name, seconds in self.timing.passes])
            line("rules")
            costs = sorted(self.timing.rules.items(), key=lambda item: -item[1].seconds)
            columns([(n, f"{c.tried} tried", f"{c.applied} applied", f"{c.seconds:.4f} s") for n, c in costs])
        if self.ledger is not None:
            line(str(self.ledger))

    def conclude(self, report: Path | None) -> None:
        """As :meth:`report`; where something could not be shown, that is the exit code."""
        self.report()
        if report is not None and self.ledger is not None:
            write_report(report, {"checked": self.ledger.to_dict()})
        if self.ledger is not None and self.ledger.undischarged:
            raise typer.Exit(Exit.UNVERIFIED)
