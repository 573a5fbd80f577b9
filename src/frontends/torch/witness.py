"""An exported program as a witness: every interior value, as PyTorch computes it call by call.

What is inside a branch or a loop stays there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from interlingua.errors import RuntimeCrash
from interlingua.formats.torch import to_array, to_tensor
from interlingua.frontends.torch.signature import Signature
from interlingua.runtimes.numerics import IEEE, Numerics
from interlingua.runtimes.workers import FRESH, Workers


class TorchWitness:
    """The interior values of one program, which is run in this process: it lives nowhere else.

    Args:
        program: the ``ExportedProgram`` that was translated.
        signature: its interface.
        title: what the model is called.
    """

    def __init__(self, program: Any, signature: Signature, title: str) -> None:
        self.numerics: Numerics = IEEE
        self.workers: Workers = FRESH
        self.runs = 0
        self._program = program
        self._signature = signature
        self._title = title

    def weights(self) -> Mapping[str, Any]:
        """As :meth:`Witness.weights`."""
        homes = {**self._program.constants, **self._program.state_dict}
        return {name: to_array(held) for name, held in homes.items() if hasattr(held, "dtype")}

    def values(self, inputs: Mapping[str, Any], *, timeout: float) -> Mapping[str, Any]:
        """As :meth:`Witness.values`."""
        import torch

        self.runs += 1
        told: dict[str, Any] = {}
        try:
            with torch.no_grad():
                _recorder(self._program.graph_module, told).run(*self._arguments(inputs))
        except Exception as error:
            raise RuntimeCrash(
                f"the source fails on these inputs: {type(error).__name__}: {error}", where=self._title
            ) from error
        return {**told, **inputs}

    def _arguments(self, inputs: Mapping[str, Any]) -> list[Any]:
        """What the placeholders of the program take, in order."""
        own = self._signature
        given = iter(
            fixed if name is None else np.asarray(inputs[name]).item() if number else to_tensor(inputs[name])
            for name, fixed, number in zip(own.inputs, own.fixed, own.numbers, strict=True)
        )
        homes = {**self._program.constants, **self._program.state_dict}
        specs = self._program.graph_signature.input_specs
        return [next(given) if spec.kind.name == "USER_INPUT" else homes[spec.target] for spec in specs]


def _recorder(graph_module: Any, told: dict[str, Any]) -> Any:
    """An interpreter that keeps what each call gives, as it is then: later calls may write into it."""
    import torch

    class Recorder(torch.fx.Interpreter):
        def run_node(self, n: torch.fx.Node) -> Any:
            result = super().run_node(n)
            if n.op == "call_function":
                if isinstance(result, torch.Tensor):
                    told[n.name] = to_array(result.clone())
                elif isinstance(result, bool | int | float):
                    told[n.name] = np.asarray(result)
            return result

    return Recorder(graph_module)
