"""The demo, told on the shell."""

from __future__ import annotations

from pathlib import Path

from interlingua.cli.show import line, progress, show_report, size
from interlingua.demo import IMAGES, MODEL, TARGETS, convert_digits


def run_demo(folder: Path, verbose: bool) -> None:
    """Convert the model to every target of the demo, into ``folder``."""
    line(f"{MODEL.name}, {size(MODEL.stat().st_size)}: a small network for scikit-learn's digits,")
    line(f"trained by scripts/train_digits.py; and {IMAGES.name}, images that training never saw.")
    for to in TARGETS:
        with progress() as begin:
            shown = convert_digits(folder, to, begin)
        line()
        line(f"{to} → {shown.artifact}", "bold")
        show_report(shown.report, verbose)
        line(f"  accuracy of the artifact on {shown.images} images: {shown.right} right")
