"""``interlingua compare``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from interlingua.cli import options as given
from interlingua.cli.outcome import conclude, told
from interlingua.errors import UsageError


def compare(
    a: Annotated[Path, typer.Argument(help="A model of any runtime that is installed.", show_default=False)],
    b: Annotated[Path, typer.Argument(help="Another one, that is to compute the same.", show_default=False)],
    names: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="A=B", help="What an input or output of A is called in B. May be repeated."),
    ] = None,
    layouts: Annotated[
        list[str] | None,
        typer.Option("--layout", metavar="NAME:AXES", help="The axes of A's tensor as B has them: image:0,3,1,2."),
    ] = None,
    outputs: Annotated[
        list[str] | None,
        typer.Option("--output", metavar="NAME", help="Compare this output of A only. May be repeated."),
    ] = None,
    reference: Annotated[
        Path | None, typer.Option(help="A model whose graph says how far apart A and B may be.", show_default=False)
    ] = None,
    examples: given.Examples = None,
    seed: given.Seed = 0,
    timeout: given.Timeout = given.DEFAULT_TIMEOUT,
    report: given.ReportFile = None,
    verbose: given.Verbose = False,
) -> None:
    """Say whether two models compute the same, whoever made them."""
    with told(verbose, report):
        from interlingua.cli.show import progress
        from interlingua.diagnosis.compare.door import compare as compare_models

        with progress() as begin:
            begin("compare")
            found = compare_models(
                a,
                b,
                examples=given.read_examples(examples),
                map=dict(_split(text, "=", "--map", "A=B") for text in names or ()),
                layout={name: _axes(axes) for name, axes in _layouts(layouts)},
                outputs=outputs,
                reference=reference,
                seed=seed,
                timeout=timeout,
            )
        conclude(found, report, verbose)


def _split(text: str, sign: str, option: str, form: str) -> tuple[str, str]:
    """Both sides of the last ``sign``: names of TensorFlow hold colons."""
    name, found, rest = text.rpartition(sign)
    if not found or not name or not rest:
        raise UsageError(f"{option} {text} is not of the form {form}")
    return name, rest


def _layouts(texts: Sequence[str] | None) -> list[tuple[str, str]]:
    return [_split(text, ":", "--layout", "NAME:AXES, as in image:0,3,1,2") for text in texts or ()]


def _axes(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(axis) for axis in text.split(","))
    except ValueError as error:
        raise UsageError(f"{text!r} is no list of axes", hint="write them as in 0,3,1,2") from error
