"""Files: exported programs and TorchScript are models, weights alone are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from interlingua.errors import InterlinguaError, InvalidModel, UsageError
from interlingua.formats.torchfiles import RUNS, Kind, kind_of, load_program, load_script

_ANEW = "load it where you trust it, and give the module to Interlingua with example_inputs"


def opened(path: Path) -> tuple[Kind, Any]:
    """What a file holds: an ``ExportedProgram`` or a ``ScriptModule``.

    Raises:
        UsageError: there is no file, or it holds weights alone.
        InvalidModel: it is damaged, or reading it would run code.
    """
    if not path.is_file():
        raise UsageError(f"no file {path}")
    kind = kind_of(path)
    if kind is Kind.PROGRAM:
        return kind, load_program(path)
    if kind is Kind.SCRIPT:
        return kind, load_script(path)
    if kind is Kind.OLD_PROGRAM:
        raise InvalidModel(f"{kind.value} is pickled: {RUNS}", where=str(path), hint=_ANEW)
    raise _weights(path, "safetensors.torch.load_file(path)") if kind is Kind.SAFETENSORS else _pickled(path)


def _pickled(path: Path) -> InterlinguaError:
    import torch

    try:
        torch.load(path, weights_only=True, map_location="meta")
    except Exception as error:  # noqa: BLE001 - whatever unpickling raises
        what = "it holds no plain weights, as torch.save(module) does not, or is damaged"
        return InvalidModel(f"{what}: {RUNS} ({type(error).__name__})", where=str(path), hint=_ANEW)
    return _weights(path, "torch.load(path, weights_only=True)")


def _weights(path: Path, reader: str) -> UsageError:
    return UsageError(
        f"{path} holds weights, not the model that they are for",
        hint=f"make the module, module.load_state_dict({reader}), and give it to Interlingua with example_inputs",
    )
