"""Whether the parameters of a module are ever held twice: peak memory of a conversion beside their bytes.

::

    python -m benchmarks.torch.memory [--gigabytes 2] [--to onnx torch]

The module is exported before; what is measured is the conversion of the exported program, not verified, in a process of
its own for each target.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

WIDTH = 4096


def measure(to: str, gigabytes: float) -> None:
    import torch
    from benchmarks.memory import forget, peak

    import interlingua

    count = round(gigabytes * 2**30 / (4 * WIDTH * WIDTH))
    layers = [torch.nn.Linear(WIDTH, WIDTH) for _ in range(count)]
    program = torch.export.export(torch.nn.Sequential(*layers).eval(), (torch.randn(1, WIDTH),))
    interlingua.convert(
        torch.export.export(torch.nn.Linear(2, 2), (torch.randn(1, 2),)), to=to, verify=False
    )  # what is imported on first use counts for nothing
    size = sum(p.numel() * p.element_size() for layer in layers for p in layer.parameters())
    forget()
    before = peak()
    with tempfile.TemporaryDirectory() as folder:
        interlingua.convert(program, to=to, verify=False, output=Path(folder) / "model")
        more = peak() - before
    print(f"{to}: {size / 1e9:.2f} GB of parameters, {more / 1e9:.3f} GB more at the most ({more / size:.3f} of them)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--to", nargs="*", default=["onnx", "torch"])
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        measure(given.to[0], given.gigabytes)
        return
    for to in given.to:
        command = [sys.executable, "-m", "benchmarks.torch.memory", "--inside", "--to", to]
        subprocess.run([*command, "--gigabytes", str(given.gigabytes)], check=True)


if __name__ == "__main__":
    main()
