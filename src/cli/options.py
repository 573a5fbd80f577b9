"""The options that commands share, and how their values are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from interlingua.errors import UsageError

if TYPE_CHECKING:
    from interlingua.passes.base import Pass

Source: TypeAlias = Annotated[Path, typer.Argument(help="The model.", show_default=False)]
Frontend: TypeAlias = Annotated[
    str | None, typer.Option(help="The frontend that reads it.", show_default="by the file's ending")
]
To: TypeAlias = Annotated[
    str | None, typer.Option(help="The backend.", show_default="by the artifact's ending")
]
Inputs: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="NAME:DIMS",
        help="Dims of an input, as in image:1,3,640,w: a size fixes one, a word names one, ? leaves it open.",
    ),
]
Opset: TypeAlias = Annotated[
    int | None, typer.Option(help="ONNX opset to emit.", show_default="the backend's own choice")
]
InputsAsNhwc: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,…",
        help="Inputs that a LiteRT artifact takes channels last, though they are second in the source; * for images.",
        show_default=False,
    ),
]
OutputsAsNhwc: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="NAME,…", help="Outputs that it gives channels last, likewise.", show_default=False),
]
PassNames: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--pass", "--passes", help="Passes or pipelines, in order.", show_default="the backend's pipeline"
    ),
]
Seed: TypeAlias = Annotated[int, typer.Option(help="Seed of the inputs that are generated.")]
DEFAULT_TIMEOUT = 300.0
"""That of ``interlingua.runtimes.base``, which would load NumPy for ``--help``."""
Timeout: TypeAlias = Annotated[float, typer.Option(help="Seconds for each process that runs a model.")]
Examples: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option(
        "--example",
        metavar="FILE.npz",
        help="Inputs by name to verify on, in place of generated ones. May be repeated.",
    ),
]
Signature: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Which signature of a LiteRT model is meant, where it has several.", show_default="serving_default"
    ),
]
State: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="What becomes of buffers that a PyTorch model writes: refuse, or outputs.", show_default="refuse"
    ),
]
Trace: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--trace",
        metavar="FILE.npz",
        help="Arguments by name that TorchScript is traced on.",
        show_default=False,
    ),
]
ReportFile: TypeAlias = Annotated[
    Path | None, typer.Option("--report", help="Write the report here, as JSON.", show_default=False)
]
Verbose: TypeAlias = Annotated[
    bool, typer.Option("--verbose", "-v", help="Every comparison and timing; tracebacks of errors.")
]
Only: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="NAME", help="Of these, run this pass or rule alone. May be repeated."),
]
Skip: TypeAlias = Annotated[
    list[str] | None, typer.Option("--skip", metavar="NAME", help="Leave out a pass or a rule. May be repeated.")
]
PassOptions: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--option", metavar="PASS.OPTION=VALUE", help="An option of a pass: fold-constants.limit=64."),
]


def parse_inputs(given: Sequence[str] | None) -> dict[str, list[int | str | None]]:
    """Dims by input name, from ``name:1,3,height,?``.

    The last colon separates, since TensorFlow's names hold colons of their own. No dims at all is a scalar.

    Raises:
        UsageError: there is no colon, a dim is empty or negative, or a name comes twice.
    """
    found: dict[str, list[int | str | None]] = {}
    for text in given or ():
        name, colon, dims = text.rpartition(":")
        if not colon or not name:
            raise UsageError(
                f"--input {text} has no name and dims", hint="write NAME:DIMS, as in image:1,3,640,640"
            )
        if name in found:
            raise UsageError(f"--input gives the dims of {name!r} twice")
        found[name] = [_dim(d.strip(), text) for d in dims.split(",")] if dims.strip() else []
    return found


def _dim(text: str, whole: str) -> int | str | None:
    if text == "?":
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    if not text or not (text[0].isalpha() or text[0] == "_"):
        raise UsageError(
            f"{text!r} in --input {whole} is no dim",
            hint="a size fixes a dim, a word names it, ? leaves it open",
        )
    return text


def parse_passes(given: Sequence[str] | None) -> list[str] | None:
    """Names of passes and pipelines in order, from options that hold one or several each."""
    if not given:
        return None
    return [name.strip() for text in given for name in text.split(",")]


def chosen_passes(
    names: Sequence[str] | None,
    only: Sequence[str] | None,
    skip: Sequence[str] | None,
    options: Sequence[str] | None,
    default: str = "default",
) -> list[Pass]:
    """The passes that are meant, the pipeline ``default`` where none is named, with their options.

    Raises:
        UsageError: a name or an option is none.
    """
    from interlingua.passes.options import with_options
    from interlingua.passes.pipeline import resolve, select
    from interlingua.plugins import plugins

    found = with_options(resolve(parse_passes(names), plugins().passes, default), options or ())
    return select(found, _names(only), _names(skip)) if only or skip else found


def _names(given: Sequence[str] | None) -> list[str]:
    return [name.strip() for text in given or () for name in text.split(",")]


def read_examples(paths: Sequence[Path] | None) -> list[dict[str, Any]]:
    """Sets of inputs.

    Raises:
        UsageError: a file is missing or no .npz file of plain arrays.
    """
    return [_arrays(path, "--example") for path in paths or ()]


def _arrays(path: Path, option: str) -> dict[str, Any]:
    from zipfile import BadZipFile

    from interlingua.runtimes.numpy import read_arrays

    try:
        return read_arrays(path)
    except (OSError, ValueError, BadZipFile) as error:
        raise UsageError(f"{option} {path} cannot be read: {error}", hint="save one with numpy.savez") from error


def loading(state: str | None, trace: Path | None, signature: str | None) -> dict[str, Any]:
    """Options of the frontend, as far as they were given.

    Raises:
        UsageError: the file is missing or no .npz file of plain arrays.
    """
    named = {"state": state, "signature": signature}
    found: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    return found if trace is None else {**found, "example_inputs": _arrays(trace, "--trace")}


def emission(opset: int | None, inputs_as_nhwc: str | None, outputs_as_nhwc: str | None) -> dict[str, Any]:
    """Options of the backend, as far as they were given."""
    found: dict[str, Any] = {} if opset is None else {"opset": opset}
    for name, text in (("inputs_as_nhwc", inputs_as_nhwc), ("outputs_as_nhwc", outputs_as_nhwc)):
        if text is not None:
            found[name] = True if text == "*" else [part.strip() for part in text.split(",")]
    return found


def backend_name(to: str | None, artifact: Path | None) -> str:
    """The backend that is meant: the one that is named, or the one whose artifacts end so.

    Raises:
        UsageError: neither says.
    """
    from interlingua.plugins import plugins

    if to is not None:
        return to
    backends = plugins().backends
    hint = f"name one with --to: {', '.join(backends)}"
    if artifact is None:
        raise UsageError("no backend is given", hint=hint)
    for backend in backends.values():
        if backend.extension == artifact.suffix:
            return backend.name
    raise UsageError(f"no backend makes {artifact.suffix!r} artifacts", hint=hint)


def output_path(source: Path, output: Path | None, extension: str) -> Path:
    """Where the artifact goes: as asked, or beside nothing of its name in the current folder.

    Raises:
        UsageError: it would replace the source, or a file that nobody named.
    """
    path = Path(source.stem + extension) if output is None else output
    if path.exists():
        if source.exists() and path.samefile(source):
            raise UsageError(f"the output {path} is the source", hint="give another place with -o")
        if output is None:
            raise UsageError(
                f"{path} is there already", hint=f"give a place with -o, or replace it with -o {path}"
            )
    return path
