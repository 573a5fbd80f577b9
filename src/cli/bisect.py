"""``interlingua bisect``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from interlingua.cli import options as given
from interlingua.cli.outcome import exit_of, told, write_report


def bisect(
    source: given.Source,
    to: Annotated[str, typer.Option(help="The backend.", show_default=False)],
    inputs: given.Inputs = None,
    opset: given.Opset = None,
    passes: given.PassNames = None,
    examples: given.Examples = None,
    cases: Annotated[int, typer.Option(min=1, help="How many generated sets of inputs to look at.")] = 3,
    seed: given.Seed = 0,
    timeout: given.Timeout = given.DEFAULT_TIMEOUT,
    frontend: given.Frontend = None,
    report: given.ReportFile = None,
    verbose: given.Verbose = False,
) -> None:
    """Find what is wrong about a conversion: the stage, the rewrite, the op, and where in the source it comes from.

    Every node of the source is held against its translation, every rewrite against what was there before, every op
    that the backend lowers against its definition, each on the values that it should be given.
    """
    with told(verbose, report):
        from interlingua.cli.show import STYLES, line, progress
        from interlingua.diagnosis.bisect.door import bisect as diagnose

        shapes = given.parse_inputs(inputs)
        options: dict[str, Any] = {} if opset is None else {"opset": opset}
        with progress() as begin:
            begin("bisect")
            found = diagnose(
                source,
                to=to,
                frontend=frontend,
                dynamic_shapes=shapes or None,
                passes=given.parse_passes(passes),
                examples=given.read_examples(examples),
                cases=cases,
                seed=seed,
                timeout=timeout,
                **options,
            )
        head, *rest = str(found).splitlines()
        line(head, STYLES.get(found.verdict, "bold red"))
        for text in rest:
            line(text)
        if verbose:
            for other in found.others:
                line(str(other))
        if report is not None:
            write_report(report, found.to_dict())
        raise typer.Exit(exit_of(found.verdict))
