"""``interlingua reduce``: the smallest model that fails as a model does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from interlingua.cli import options as given
from interlingua.cli.outcome import told


def reduce(
    source: given.Source,
    to: Annotated[
        str | None,
        typer.Option(help="The backend that it fails in.", show_default="none: the passes are what fails"),
    ] = None,
    passes: given.PassNames = None,
    opset: given.Opset = None,
    example: Annotated[
        Path | None,
        typer.Option(metavar="FILE.npz", help="Inputs by name on which it fails.", show_default="generated ones"),
    ] = None,
    seed: given.Seed = 0,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="Folder: the result gets one of its own in it, with a script that shows the failure."
        ),
    ] = Path("reduced"),
    observations: Annotated[int, typer.Option(help="End after so many runs.")] = 1000,
    seconds: Annotated[float, typer.Option(help="End after so many seconds.")] = 120.0,
    frontend: given.Frontend = None,
    verbose: given.Verbose = False,
) -> None:
    """Reduce a model that fails to the smallest one that fails in the same way, and write it down."""
    with told(verbose):
        from interlingua.cli.show import line
        from interlingua.diagnosis.reduce.reducer import describe
        from interlingua.diagnosis.reduce.reducer import reduce as run

        examples = given.read_examples(None if example is None else [example])
        options: dict[str, Any] = {} if opset is None else {"opset": opset}
        found = run(
            source,
            to=to,
            inputs=examples[0] if examples else None,
            frontend=frontend,
            passes=given.parse_passes(passes),
            seed=seed,
            observations=observations,
            seconds=seconds,
            output=output,
            **options,
        )
        line(describe(found))
        if verbose:
            for step in found.steps:
                line(f"  {step.what}: {step.nodes} node(s)")
        line(str(found.module).rstrip())
        line(f"written to {found.folder}")
