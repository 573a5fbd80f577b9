"""Seconds of onnxslim on one model, file to file, best of three after a warm-up in this process."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import onnxslim

with tempfile.TemporaryDirectory() as folder:
    seconds = []
    for _ in range(4):
        start = time.perf_counter()
        onnxslim.slim(sys.argv[1], str(Path(folder) / "out.onnx"))
        seconds.append(time.perf_counter() - start)
print(json.dumps({"seconds": min(seconds[1:])}))
