"""What benchmarks share: the peers' environment, the real models, medians."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zlib
from collections.abc import Sequence
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.real_models import MODELS, cache_folder, fetch  # noqa: E402

__all__ = ["MODELS", "fetch", "interleaved", "peers_python", "run_json", "table"]


def peers_python() -> Path:
    """The Python of an environment that holds the peers and nothing of ours; made on first use."""
    wanted = (Path(__file__).parent / "peers.txt").read_text()
    folder = cache_folder().parent / f"peers-{zlib.crc32(wanted.encode()):08x}"
    python = folder / "bin" / "python"
    marker = folder / "peers.txt"
    if not marker.is_file() or marker.read_text() != wanted:
        venv.create(folder, with_pip=True, clear=True)
        requirements = Path(__file__).parent / "peers.txt"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement", requirements], check=True)
        marker.write_text(wanted)
    return python


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
