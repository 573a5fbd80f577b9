"""Why ``torch.export`` does not take a module: every reason that it can be made to tell, at the user's own lines.

``torch.export`` ends at the first thing that it cannot do. Its drafting mode goes on, with the values of the examples,
and keeps a list; what it drafts is good for finding calls without a translation as well.
"""

from __future__ import annotations

import io
import logging
import os
import re
import tempfile
import traceback
import warnings
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr
from itertools import takewhile
from typing import Any

from interlingua.errors import InterlinguaError, InvalidModel, Refusal, UnsupportedOps, UntraceableModel
from interlingua.frontends.torch.places import location_of, own_frame

SUBJECT = "torch.export"
_LOGGERS = ("torch.export", "torch.export._draft_export", "torch.fx.experimental.symbolic_shapes")
_BRANCH = (
    "a decision that depends on the values of tensors: write it with torch.cond or torch.where, or give the number as "
    "an argument of its own"
)
_FOR_DEVELOPERS = (
    *("Developer debug context", "For extended", "For more", "For C++", "Set TORCH", "The error above", "Traceback"),
    *("Caused by", "from user code", "While executing"),
)
_KERNEL = "has no fake kernel, so that nothing is known of its result: write one with torch.library.register_fake"
_SOURCE = re.compile(r"L\['(\w+)'\](.*?)\.size\(\)\[(\d+)\]")
_FIXED = re.compile(r"Eq\((?:(\d+)\*)?(s\d+), (\d+)\)")

Drafted = Callable[[Any], InterlinguaError | None]
"""Tries to translate what was drafted; the error, if any."""


def explained(
    error: Exception, module: Any, args: Sequence[Any], kwargs: Mapping[str, Any], shapes: Any, translate: Drafted
) -> InterlinguaError:
    """What to raise for ``error``, which is what ``torch.export`` raised.

    Args:
        error: the exception.
        module, args, kwargs, shapes: what was exported.
        translate: tries to translate a drafted program, for the calls without a translation.
    """
    title = type(module).__name__
    if isinstance(error, InterlinguaError):
        return error
    found, program = _drafted(module, args, kwargs, shapes)
    if program is not None and found:
        untranslated = translate(program)
        if isinstance(untranslated, UnsupportedOps):
            found += [r for r in untranslated.refusals if r not in found]
    if found:
        return UntraceableModel(dict.fromkeys(found), subject=SUBJECT, where=title)
    place = raised_at(error) or getattr(module, "place", "")
    what = f"torch.export cannot take it: {_said(error)}"
    return InvalidModel(what, where=" at ".join([title, *([place] if place else [])]), hint=_hint(error))


def _said(error: Exception) -> str:
    """The message up to what is for PyTorch's developers."""
    lines = map(str.strip, str(error).strip().splitlines())
    said = takewhile(lambda line: not line.startswith(_FOR_DEVELOPERS), lines)
    return f"{type(error).__name__}: {' '.join(filter(None, said))[:600]}"


def _hint(error: Exception) -> str | None:
    case = getattr(error, "case_name", None)
    return f"see {case} in the documentation of torch.export" if case else None


def raised_at(error: BaseException) -> str:
    """``file:line`` of the user's innermost frame in the traceback of an exception; empty where there is none."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f"{f.filename}:{f.lineno}" for f in frames if own_frame(f.filename)]
    return own[-1] if own else ""


def _drafted(module: Any, args: Sequence[Any], kwargs: Mapping[str, Any], shapes: Any) -> tuple[list[Refusal], Any]:
    """Everything that drafting finds, and what it drafts; nothing where it ends at an error itself."""
    from torch.export import draft_export

    try:
        with quiet(), _traceless():
            program: Any = draft_export(module, tuple(args), dict(kwargs), dynamic_shapes=shapes)
            failures = program._report.failures
    except Exception:  # noqa: BLE001 - the error of the export itself is reported then
        return [], None
    files = _files()
    return [_refusal(f.failure_type.name, f.data, files) for f in failures if not f.xfail], program


@contextmanager
def quiet() -> Generator[None]:
    """No warnings, no word on PyTorch's loggers, nothing on standard error, where it prints half a graph: what it has
    to say comes back as an error, or is of its internals."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [logger.disabled for logger in loggers]
    with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.disabled = True
        try:
            yield
        finally:
            for logger, disabled in zip(loggers, before, strict=True):
                logger.disabled = disabled


@contextmanager
def _traceless() -> Generator[None]:
    """Drafting writes a trace to a folder that nobody asked for, and leaves the file open.

    The trace is what it gets its list from: its logger has to be on, though a program that configures ``logging`` after
    it has imported PyTorch turns it off.
    """
    from torch._logging._internal import DTRACE_ENV_VAR

    logger, watch = logging.getLogger("torch.__trace"), _Watch()
    before, off = os.environ.get(DTRACE_ENV_VAR), logger.disabled
    with tempfile.TemporaryDirectory(prefix="interlingua-") as temporary:
        os.environ[DTRACE_ENV_VAR] = temporary
        logger.addHandler(watch)
        logger.disabled = False
        try:
            yield
        finally:
            logger.disabled = off
            logger.removeHandler(watch)
            for handler in watch.beside - set(logger.handlers):
                handler.close()
            if before is None:
                del os.environ[DTRACE_ENV_VAR]
            else:
                os.environ[DTRACE_ENV_VAR] = before


class _Watch(logging.Handler):
    """Sees which handlers a logger has while it is used."""

    def __init__(self) -> None:
        super().__init__()
        self.beside: set[logging.Handler] = set()

    def emit(self, record: logging.LogRecord) -> None:
        self.beside.update(logging.getLogger(record.name).handlers)


def _files() -> dict[int, str]:
    """The files that PyTorch's reports have by number."""
    from torch._logging.structured import INTERN_TABLE

    return {number: name for name, number in INTERN_TABLE.items()}


def _refusal(kind: str, data: Mapping[str, Any], files: Mapping[int, str]) -> Refusal:
    if kind == "MISSING_FAKE_KERNEL":
        return Refusal(str(data["op"]).replace(".", "::", 1), _KERNEL, "every call")
    if kind == "MISMATCHED_FAKE_KERNEL":
        reason = f"its fake kernel is wrong: {data['reason']}"
        return Refusal(str(data["op"]).replace(".", "::", 1), reason, "every call")
    frames = [
        (files.get(f["filename"], ""), int(f["line"]), str(f.get("loc") or "")) for f in data.get("user_stack") or ()
    ]
    place, line = location_of(frames)
    if kind == "GUARD_ADDED":
        return _guard(str(data["expr"]), dict(data["symbol_to_sources"]), place, line)
    return Refusal(line.rstrip(":") or str(data["expr"]), _BRANCH, place)


def _guard(expression: str, sources: Mapping[str, Any], place: str, line: str) -> Refusal:
    """A condition on sizes that the program sets and the user's ``dynamic_shapes`` do not."""
    where = f"{place}: {line}" if line else place
    axes = {symbol: _axis(source) for symbol, source in sources.items()}
    if (fixed := _FIXED.fullmatch(expression)) and fixed[2] in axes:
        size = int(fixed[3]) // int(fixed[1] or 1)
        reason = f"is dynamic, but the program fixes it to {size}: change the line, or leave it out of dynamic_shapes"
        return Refusal(axes[fixed[2]], reason, where)
    for symbol, axis in axes.items():
        expression = re.sub(rf"\b{symbol}\b", axis, expression)
    way = "say so in dynamic_shapes, by one name, or Dim(…, min=, max=)"
    reason = f"the program is right only where {expression}: {way}"
    return Refusal(" and ".join(axes.values()), reason, where)


def _axis(source: Any) -> str:
    text = str(source)
    found = _SOURCE.search(text)
    return f"{found[1]}{found[2]} axis {found[3]}" if found else text
