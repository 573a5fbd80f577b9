"""Files of images as arrays of pixels, by Pillow."""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np

from interlingua.errors import RuntimeMissing

FORMATS = ("BMP", "JPEG", "JPEG2000", "TIFF", "PNG", "WEBP", "PPM")
"""As Pillow calls those that ONNX names; PPM stands for all portable ones."""
MODES = {"rgb": "RGB", "bgr": "RGB", "gray": "L"}
LOSSLESS = (b"BM", b"\x89PNG", b"P1", b"P2", b"P3", b"P4", b"P5", b"P6")
"""How files begin whose pixels do not hang on the decoder."""


def decode(data: np.ndarray[Any, Any], pixels: str) -> np.ndarray[Any, Any]:
    """The pixels (height, width, channels) of the file ``data``; of none where it cannot be decoded.

    Raises:
        RuntimeMissing: Pillow is not installed.
    """
    try:
        from PIL import Image
    except ImportError as error:
        problem = f"decoding images needs the package {error.name}"
        raise RuntimeMissing(problem, hint="pip install 'interlingua[images]'") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(np.asarray(data).tobytes()), formats=FORMATS) as image:
                found = np.array(image.convert(MODES[pixels]))
    except Exception:  # noqa: BLE001 - what cannot be decoded, for any reason, has no pixels
        found = np.zeros((0, 0), np.uint8)
    whole = found.reshape(*found.shape[:2], len(MODES[pixels]))
    return np.ascontiguousarray(whole[:, :, ::-1] if pixels == "bgr" else whole)


def lossless(data: np.ndarray[Any, Any]) -> bool:
    """Whether every decoder finds the same pixels in ``data``, or none."""
    return np.asarray(data)[:8].tobytes().startswith(LOSSLESS)
