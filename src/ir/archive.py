"""The archive form: ``model.il`` (the text form) and ``model.safetensors`` beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from interlingua.errors import InvalidModel
from interlingua.ir.dialect import OpSet
from interlingua.ir.graph import Module
from interlingua.ir.safetensors import read_safetensors, write_safetensors
from interlingua.ir.text.parser import parse_module
from interlingua.ir.text.printer import Printer
from interlingua.ir.weights import Weight

SUFFIX = ".il"


def save_archive(module: Module, path: Path) -> None:
    """Write the archive of ``module``; ``path`` ends in ``.il``. Nothing is left half written."""
    printer = Printer(module)
    text = "\n".join(printer.lines()) + "\n"
    beside = path.with_suffix(".safetensors")
    parts = [(path, path.with_name(path.name + ".part")), (beside, beside.with_name(beside.name + ".part"))]
    try:
        parts[0][1].write_text(text, encoding="utf-8")
        write_safetensors(parts[1][1], printer.weights)
        for final, part in reversed(parts):
            part.replace(final)
    finally:
        for _, part in parts:
            part.unlink(missing_ok=True)


def load_archive(path: Path, ops: OpSet) -> Module:
    """The module that an archive holds.

    Raises:
        InvalidModel: a file is missing or damaged.
        ParseError: the text is not of the form.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidModel(f"the archive cannot be read: {error}", where=str(path)) from error
    return parse_module(text, ops, _Weights(path.with_suffix(".safetensors")))


class _Weights(Mapping[str, Weight]):
    """The weights of an archive; one that is asked for and missing is damage of the archive, not of its text."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found = read_safetensors(path) if path.exists() else {}

    def __getitem__(self, name: str) -> Weight:
        found = self.found.get(name)
        if found is None:
            raise InvalidModel(
                f"the archive's weight {name!r} is missing",
                where=str(self.path),
                hint="keep both files together",
            )
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)
