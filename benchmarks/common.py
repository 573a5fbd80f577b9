"""What benchmarks share: the peers' environment, the real models, medians."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import venv
import zlib
from collections.abc import Sequence
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.real_models import MODELS, cache_folder, fetch  # noqa: E402

__all__ = [
    "MODELS",
    "ROOT",
    "environment",
    "fetch",
    "interleaved",
    "own_requirements",
    "peers_python",
    "run_json",
    "table",
    "with_sources",
]


def peers_python() -> Path:
    """The Python of an environment that holds the peers and nothing of ours; made on first use."""
    return environment("peers", (Path(__file__).parent / "peers.txt").read_text())


def environment(name: str, wanted: str, alone: str = "") -> Path:
    """The Python of an environment of its own, made on first use and again whenever what it is to hold changes.

    Args:
        name: what its folder begins with.
        wanted: the text of a requirements file.
        alone: of another one: what is installed after that, without what it depends on.
    """
    whole = f"{wanted}\n{alone}" if alone else wanted
    folder = cache_folder().parent / f"{name}-{zlib.crc32(whole.encode()):08x}"
    python = folder / "bin" / "python"
    marker = folder / "peers.txt"
    if not marker.is_file() or marker.read_text() != whole:
        venv.create(folder, with_pip=True, clear=True)
        for text, options in ((wanted, ()), (alone, ("--no-deps",))):
            requirements = folder / "requirements.txt"
            requirements.write_text(text)
            command = [python, "-m", "pip", "install", "--quiet", *options, "--requirement", requirements]
            subprocess.run(command, check=True)
        marker.write_text(whole)
    return python


def own_requirements(*extras: str) -> list[str]:
    """What Interlingua itself depends on, with those extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [*project["dependencies"], *(r for e in extras for r in project["optional-dependencies"][e])]


def with_sources() -> dict[str, str]:
    """Environment variables for a Python that is to import this tree's own package, tests' support and benchmarks."""
    link = ROOT / ".typing" / "interlingua"
    if not link.exists():
        link.parent.mkdir(exist_ok=True)
        link.symlink_to("../src")
    paths = (link.parent, ROOT / "tests", ROOT)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(str(p) for p in paths)}


def run_json(python: Path | str, script: Path, *args: str) -> dict[str, float]:
    """Run a script that prints one JSON object as its last line."""
    done = subprocess.run([str(python), str(script), *args], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def interleaved(
    runs: int, ours: tuple[Path | str, Path], theirs: tuple[Path | str, Path], *args: str
) -> tuple[list[float], list[float]]:
    """Seconds of both, in turns, one process a run."""
    a, b = [], []
    for _ in range(runs):
        a.append(run_json(*ours, *args)["seconds"])
        b.append(run_json(*theirs, *args)["seconds"])
    return a, b


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a Markdown table."""
    print(f"\n### {title}\n")
    print("| " + " | ".join(columns) + " |")
    print("|" + " --- |" * len(columns))
    for row in rows:
        print("| " + " | ".join(f"{c:.3f}" if isinstance(c, float) else str(c) for c in row) + " |")


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Median over median."""
    return median(ours) / median(theirs)
