"""How a command ends: exit codes, errors told without a traceback, and the JSON report."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any

import typer

from interlingua.errors import (
    BrokenObligation,
    InterlinguaError,
    InvalidModel,
    ParseError,
    RunnerError,
    RuntimeMissing,
    UnsupportedOps,
    UsageError,
    VerificationFailed,
)
from interlingua.report import Report, Verdict


class Exit(IntEnum):
    """What a script may rely on. 1 is left to what nobody foresaw: it comes with a traceback."""

    OK = 0
    USAGE = 2
    UNSUPPORTED = 3
    MISMATCH = 4
    CRASH = 5
    INVALID_MODEL = 6
    OTHER = 7
    UNVERIFIED = 8


MEANINGS = {
    Exit.OK: "done; verified, where verification was asked for",
    Exit.USAGE: "the command line makes no sense",
    Exit.UNSUPPORTED: "something in the model has no translation or no lowering",
    Exit.MISMATCH: "the artifact computes something else than its source, or a rewrite than what it replaces",
    Exit.CRASH: "the runtime died, refused the model, or took too long",
    Exit.INVALID_MODEL: "the source is damaged",
    Exit.OTHER: "another error: a missing package, a plugin, a pass, an evaluation",
    Exit.UNVERIFIED: "verification was asked for and could not be done; the report says why",
}

_BY_VERDICT = {
    Verdict.VERIFIED: Exit.OK,
    Verdict.SUPPORTED: Exit.OK,
    Verdict.UNVERIFIED: Exit.UNVERIFIED,
    Verdict.UNSUPPORTED: Exit.UNSUPPORTED,
    Verdict.MISMATCH: Exit.MISMATCH,
    Verdict.CRASH: Exit.CRASH,
    Verdict.TIMEOUT: Exit.CRASH,
    Verdict.UNDECLARED_UNSUPPORTED: Exit.CRASH,
    Verdict.UNDEFINED: Exit.UNVERIFIED,
    Verdict.AMBIGUOUS: Exit.UNVERIFIED,
    Verdict.ORACLE_SUSPECT: Exit.UNVERIFIED,
}

_BY_ERROR: tuple[tuple[type[InterlinguaError], Exit], ...] = (
    (BrokenObligation, Exit.MISMATCH),
    (UsageError, Exit.USAGE),
    (UnsupportedOps, Exit.UNSUPPORTED),
    (InvalidModel, Exit.INVALID_MODEL),
    (ParseError, Exit.INVALID_MODEL),
    (RuntimeMissing, Exit.OTHER),
    (RunnerError, Exit.CRASH),
)


def exit_of(verdict: Verdict) -> Exit:
    """The exit code of a verdict."""
    return _BY_VERDICT[verdict]


def exit_of_error(error: InterlinguaError) -> Exit:
    """The exit code of an error."""
    if isinstance(error, VerificationFailed) and error.report is not None:
        return exit_of(error.report.verdict)
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), Exit.OTHER)


def conclude(report: Report, file: Path | None, verbose: bool, *, asked: bool = True) -> None:
    """Show and write a report; the exit code is its verdict's, if a verdict was asked for."""
    from interlingua.cli.show import show_report

    show_report(report, verbose)
    if file is not None:
        write_report(file, report.to_dict())
    if asked:
        raise typer.Exit(exit_of(report.verdict))


@contextmanager
def told(verbose: bool, report: Path | None = None) -> Iterator[None]:
    """Errors of our hierarchy become a message on standard error, an exit code, an entry of the report."""
    try:
        yield
    except InterlinguaError as error:
        fail(error, verbose, report)


def fail(error: InterlinguaError, verbose: bool, report: Path | None) -> None:
    """Tell an error and end."""
    if verbose:
        traceback.print_exc()
    if report is not None:
        write_report(report, error_report(error))
    typer.echo(f"error: {error}", err=True)
    evidence = error.report if isinstance(error, VerificationFailed) else None
    if evidence is not None:
        typer.echo(str(evidence), err=True)
    raise typer.Exit(exit_of_error(error))


def error_report(error: InterlinguaError) -> dict[str, Any]:
    """An error as plain data: the evidence that it carries, and the error itself."""
    entry = {"kind": type(error).__name__, "what": error.what, "where": error.where, "hint": error.hint}
    evidence: Report | None = error.report if isinstance(error, VerificationFailed) else None
    if isinstance(error, UnsupportedOps):
        evidence = Report(Verdict.UNSUPPORTED, error.what, subject=error.subject)
        evidence.unsupported = {f"{op}: {reason}": places for (op, reason), places in error.groups().items()}
    return {**(evidence.to_dict() if evidence is not None else {}), "error": entry}


def write_report(path: Path, data: dict[str, Any]) -> None:
    """Write a report as JSON; what JSON has no number for (an infinite error) is written as text.

    Ends the command where the file cannot be written: whoever asked for a report relies on it.
    """
    text = json.dumps(_finite(data), indent=2, ensure_ascii=False, allow_nan=False)
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        print(f"error: the report cannot be written: {error}", file=sys.stderr)
        raise typer.Exit(Exit.USAGE) from error


def _finite(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    if isinstance(data, float) and data - data != 0:
        return str(data)
    return data
