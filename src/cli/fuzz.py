"""``interlingua fuzz``: look for faults on generated modules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interlingua.cli import options as given
from interlingua.cli.outcome import Exit, told, write_report

if TYPE_CHECKING:
    from interlingua.diagnosis.fuzz.campaign import Campaign


def fuzz(
    to: Annotated[
        str | None,
        typer.Option(help="The backend to look for faults in, with its runtime.", show_default=False),
    ] = None,
    passes: Annotated[
        list[str] | None,
        typer.Option(
            "--pass",
            "--passes",
            help="Passes or pipelines: what runs before the backend; without --to, what to look for faults in.",
            show_default=False,
        ),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(help="End after so many seconds by the clock.", show_default="60, if no other limit is given"),
    ] = None,
    cpu_seconds: Annotated[
        float | None, typer.Option(help="End after so many seconds of processors, in all workers together.")
    ] = None,
    batches: Annotated[int | None, typer.Option(help="End after so many batches of cases.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all cases: the same seed draws the same ones.")] = 0,
    workers: Annotated[int, typer.Option(help="Processes that work at the same time.")] = 1,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Folder for the findings: each gets a folder with a script that shows it.",
            show_default="none are written",
        ),
    ] = None,
    max_nodes: Annotated[int, typer.Option(help="Nodes of the largest graphs.")] = 16,
    reduce: Annotated[
        bool, typer.Option("--reduce/--no-reduce", help="Make failing modules as small as they can be.")
    ] = True,
    known: Annotated[
        bool,
        typer.Option(
            "--known/--no-known",
            help="Keep clear of known issues of the runtime, and tell them apart; or meet them as anything else.",
        ),
    ] = True,
    report: given.ReportFile = None,
    verbose: given.Verbose = False,
) -> None:
    """Generate modules, put them through a backend or through passes, and report every way in which they go wrong.

    Exit code 0 says that nothing new was found, 4 that something was.
    """
    with told(verbose, report):
        from interlingua.cli.options import parse_passes
        from interlingua.diagnosis.fuzz.campaign import fuzz as run

        unlimited = seconds is None and cpu_seconds is None and batches is None
        campaign = run(
            to,
            passes=parse_passes(passes) or (),
            seconds=60.0 if unlimited else seconds,
            cpu_seconds=cpu_seconds,
            batches=batches,
            seed=seed,
            workers=workers,
            output=output,
            max_nodes=max_nodes,
            reduce=reduce,
            known=known,
            progress=_progress if verbose else None,
        )
        _show(campaign, verbose)
        if report is not None:
            write_report(report, campaign.to_dict())
        raise typer.Exit(Exit.MISMATCH if campaign.new else Exit.OK)


def _progress(campaign: Campaign) -> None:
    typer.echo(
        f"batch {campaign.batches}: {campaign.cases} cases, {len(campaign.findings)} findings, "
        f"{campaign.seconds:.0f} s",
        err=True,
    )


def _show(campaign: Campaign, verbose: bool) -> None:
    """Counts, then a line for each finding and where it is."""
    from interlingua.cli.show import columns, line

    rate = campaign.cases / campaign.seconds if campaign.seconds else 0.0
    line(
        f"{campaign.cases:,} cases of {campaign.subject} in {campaign.seconds:.0f} s "
        f"({campaign.cpu:.0f} s of processors, {rate:.0f} a second), seed {campaign.seed}"
    )
    columns([(verdict, f"{count:,}") for verdict, count in campaign.verdicts.most_common()] or [("nothing", "0")])
    new = len(campaign.new)
    line(f"{new} new, {len(campaign.findings) - new} known", "bold red" if new else "bold green")
    for finding in campaign.findings:
        label = f" [known: {finding.known}]" if finding.known else ""
        line(f"  {finding.signature.title}, {finding.count}×{label}")
        if verbose or not finding.known:
            line(f"    {finding.message.strip().splitlines()[0][:200] if finding.message.strip() else ''}")
        folder = campaign.folders.get(finding.signature.key)
        if folder is not None:
            line(f"    {folder}")
    for problem in campaign.problems if verbose else campaign.problems[:3]:
        line(f"  {problem}", "yellow")
    if not verbose and len(campaign.problems) > 3:
        line(f"  and {len(campaign.problems) - 3} more problems: see them with -v", "yellow")
