"""The demo: a small trained model, and images to try it on. ``scripts/train_digits.py`` made both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from interlingua.report import Report

HERE = Path(__file__).parent
MODEL = HERE / "digits.onnx"
IMAGES = HERE / "digits.npz"
TARGETS = {"onnx": "digits.onnx", "numpy": "digits.numpy"}
"""The backends that the demo converts to, with the names of the artifacts."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One conversion, and how many of the packaged images its artifact classifies right."""

    artifact: Path
    report: Report
    images: int
    right: int


def convert_digits(folder: Path, to: str, progress: Callable[[str], None] | None = None) -> Shown:
    """Convert the model into ``folder``, made where it is missing, and classify the packaged images with it.

    Raises:
        InterlinguaError: as :func:`interlingua.convert`.
    """
    import numpy as np

    from interlingua.driver import convert
    from interlingua.errors import UsageError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error}", hint="give another folder with -o") from error
    made = convert(MODEL, to=to, output=folder / TARGETS[to], progress=progress)
    with np.load(IMAGES) as packaged:
        images, labels = packaged["images"].astype(np.float32), packaged["labels"]
    found = made.run([images])["probabilities"].argmax(axis=1)
    return Shown(folder / TARGETS[to], made.report, len(labels), int((found == labels).sum()))
