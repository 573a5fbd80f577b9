"""Seconds of load + clean-up + emission of one model, best of three after a warm-up in this process."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import interlingua

with tempfile.TemporaryDirectory() as folder:
    seconds = []
    for _ in range(4):
        start = time.perf_counter()
        interlingua.convert(sys.argv[1], to="onnx", output=Path(folder) / "out.onnx", verify=False)
        seconds.append(time.perf_counter() - start)
print(json.dumps({"seconds": min(seconds[1:])}))
