"""Images as files."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from interlingua.ir.dims import UNKNOWN
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import DType
from interlingua.ir.image import decode
from interlingua.ir.op import Op, op
from interlingua.ir.types import Tensor

Pixels: TypeAlias = Literal["rgb", "bgr", "gray"]


@op("vision.decode_image")
class DecodeImage(Op):
    """The pixels of an image, (height, width, channels) in uint8, of the file that ``data`` is.

    BMP, JPEG, JPEG 2000, TIFF, PNG, WebP, or one of the portable formats (PBM, PGM, PPM, PNM). Three channels, or one
    of luminance (``gray``: 0.299 R + 0.587 G + 0.114 B). What cannot be decoded gives an image of no pixels, (0, 0,
    channels). Transparency is dropped; of several images in a file the first is taken, and it is not turned as its
    metadata say. Samples of more than 8 bits are undefined, and so are the pixels of lossy formats: decoders differ in
    rounding and in upsampling of colours, though all agree on the size. TIFF may be lossy, so counts as such.
    C1. ``data`` is an uint8 vector.
    The reference is Pillow, of the extra ``images``.
    """

    pixels: Pixels = "rgb"

    def infer(self, data: Tensor) -> Tensor:
        vector = data.dtype is DType.U8 and (data.shape is None or data.rank == 1)
        self.require(vector, "C1. data is an uint8 vector", data)
        return data.with_shape([UNKNOWN, UNKNOWN, 1 if self.pixels == "gray" else 3])

    def unranked(self, data: Tensor) -> Tensor:
        return self.infer(data)

    def reference(self, *arrays: Any, **regions: Any) -> Any:
        """No kernel: a program of the NumPy backend needs NumPy alone."""
        return decode(arrays[0], self.pixels)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        draw.dtype({DType.U8})
        height, width = draw.integer(1, 4), draw.integer(1, 4)
        magic, channels = draw.choice(((b"P6", 3), (b"P5", 1)))
        pixels = draw.array((height, width, channels), DType.U8, kinds=("normal",)).tobytes()
        file = b"no image" if draw.rarely() else magic + f"\n{width} {height}\n255\n".encode() + pixels
        return Sample(cls(draw.choice(get_args(Pixels))), (np.frombuffer(file, np.uint8),))
