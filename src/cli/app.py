"""The commands. Each imports what it needs when it runs: ``--help`` is to come at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interlingua.cli import options as given
from interlingua.cli.bisect import bisect
from interlingua.cli.compare import compare
from interlingua.cli.fuzz import fuzz
from interlingua.cli.optimize import optimize
from interlingua.cli.outcome import MEANINGS, conclude, told
from interlingua.cli.reduce import reduce

EXITS = "Exit codes: " + "; ".join(f"{code.value} {meaning}" for code, meaning in MEANINGS.items()) + "."

app = typer.Typer(
    name="interlingua",
    help="Convert deep-learning models. Every artifact comes with evidence, or it does not come.",
    epilog=EXITS,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from interlingua import __version__

        typer.echo(f"interlingua {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say it and end.")
    ] = False,
) -> None:
    """Options of the program itself."""


@app.command()
def convert(
    source: given.Source,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Where the artifact goes.", show_default="the source's name, here"
        ),
    ] = None,
    to: given.To = None,
    inputs: given.Inputs = None,
    opset: given.Opset = None,
    inputs_as_nhwc: given.InputsAsNhwc = None,
    outputs_as_nhwc: given.OutputsAsNhwc = None,
    passes: given.PassNames = None,
    only: given.Only = None,
    skip: given.Skip = None,
    option: given.PassOptions = None,
    no_verify: Annotated[bool, typer.Option("--no-verify", help="Do not run the artifact.")] = False,
    allow_unverified: Annotated[
        bool, typer.Option("--allow-unverified", help="Keep the artifact even if it is wrong.")
    ] = False,
    examples: given.Examples = None,
    seed: given.Seed = 0,
    timeout: given.Timeout = given.DEFAULT_TIMEOUT,
    frontend: given.Frontend = None,
    report: given.ReportFile = None,
    state: given.State = None,
    trace: given.Trace = None,
    signature: given.Signature = None,
    verbose: given.Verbose = False,
) -> None:
    """Convert a model, run the artifact against its source, and keep it if they agree."""
    with told(verbose, report):
        from interlingua import driver
        from interlingua.cli.show import line, progress
        from interlingua.plugins import plugins

        name = given.backend_name(to, output)
        backend = plugins().backend(name)
        path = given.output_path(source, output, backend.extension)
        with progress() as begin:
            made = driver.convert(
                source,
                to=name,
                output=path,
                frontend=frontend,
                dynamic_shapes=given.parse_inputs(inputs) or None,
                passes=given.chosen_passes(passes, only, skip, option, backend.pipeline),
                verify=not no_verify,
                allow_unverified=allow_unverified,
                examples=given.read_examples(examples),
                seed=seed,
                timeout=timeout,
                progress=begin,
                **given.loading(state, trace, signature),
                **given.emission(opset, inputs_as_nhwc, outputs_as_nhwc),
            )
        line(f"{source} → {made.artifact} ({name})")
        conclude(made.report, report, verbose, asked=not no_verify)


@app.command()
def check(
    source: given.Source,
    to: Annotated[str, typer.Option(help="The backend.", show_default=False)],
    inputs: given.Inputs = None,
    opset: given.Opset = None,
    frontend: given.Frontend = None,
    report: given.ReportFile = None,
    state: given.State = None,
    trace: given.Trace = None,
    signature: given.Signature = None,
    verbose: given.Verbose = False,
) -> None:
    """Say whether a backend can take a model: everything unsupported at once, before any work."""
    with told(verbose, report):
        from interlingua import driver

        shapes = given.parse_inputs(inputs)
        chosen = {**given.loading(state, trace, signature), **({} if opset is None else {"opset": opset})}
        found = driver.check(source, to=to, frontend=frontend, dynamic_shapes=shapes or None, **chosen)
        conclude(found, report, verbose)


@app.command()
def verify(
    source: given.Source,
    artifact: Annotated[Path, typer.Argument(help="What was made of it, by whomever.", show_default=False)],
    to: given.To = None,
    examples: given.Examples = None,
    seed: given.Seed = 0,
    timeout: given.Timeout = given.DEFAULT_TIMEOUT,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say where the error to expect at the worst element comes from.")
    ] = False,
    frontend: given.Frontend = None,
    report: given.ReportFile = None,
    state: given.State = None,
    trace: given.Trace = None,
    signature: given.Signature = None,
    verbose: given.Verbose = False,
) -> None:
    """Run an artifact in its runtime against its source."""
    with told(verbose, report):
        from interlingua import driver
        from interlingua.cli.show import progress

        with progress() as begin:
            begin("verify")
            found = driver.verify(
                source,
                artifact,
                to=to,
                frontend=frontend,
                examples=given.read_examples(examples),
                seed=seed,
                timeout=timeout,
                explain=explain,
                **given.loading(state, trace, signature),
            )
        conclude(found, report, verbose)


app.command()(optimize)
app.command()(compare)
app.command()(bisect)
app.command()(fuzz)
app.command()(reduce)


@app.command()
def inspect(
    source: given.Source,
    text: Annotated[bool, typer.Option("--text", help="The whole model, in the text form.")] = False,
    inputs: given.Inputs = None,
    frontend: given.Frontend = None,
    state: given.State = None,
    trace: given.Trace = None,
    signature: given.Signature = None,
    verbose: given.Verbose = False,
) -> None:
    """Show a model: its inputs and outputs, its ops, the size of its weights."""
    with told(verbose):
        from interlingua import driver
        from interlingua.cli.show import show_module

        shapes = given.parse_inputs(inputs)
        chosen = {**given.loading(state, trace, signature), **({"dynamic_shapes": shapes} if shapes else {})}
        module = driver.load(source, frontend=frontend, **chosen)
        if text:
            typer.echo(str(module), nl=False)
        else:
            show_module(module)


@app.command()
def backends(verbose: given.Verbose = False) -> None:
    """List the backends, with the endings of their artifacts and who provides them."""
    from interlingua.cli.listing import show_listing

    with told(verbose):
        show_listing("backends", lambda backend: backend.extension)


@app.command()
def frontends(verbose: given.Verbose = False) -> None:
    """List the frontends, with the endings of their files and who provides them."""
    from interlingua.cli.listing import show_listing

    with told(verbose):
        show_listing("frontends", lambda frontend: " ".join(frontend.extensions))


@app.command()
def passes(verbose: given.Verbose = False) -> None:
    """List the passes, with their contracts, options and rules and who provides them, and the pipelines."""
    from interlingua.cli.listing import show_listing, show_passes, show_pipelines

    with told(verbose):
        show_listing("passes", lambda each: each.contract)
        show_passes()
        show_pipelines()


@app.command()
def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder for the artifacts.")] = Path(
        "digits-demo"
    ),
    verbose: given.Verbose = False,
) -> None:
    """Convert the trained model that comes with the package, to ONNX and to NumPy, and show the evidence."""
    with told(verbose):
        from interlingua.cli.demo import run_demo

        run_demo(output, verbose)
