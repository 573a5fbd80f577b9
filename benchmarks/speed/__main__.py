"""Load + clean-up + emission against onnxslim, on the real models: ``python benchmarks/speed``."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from common import MODELS, fetch, interleaved, peers_python, ratio, table  # noqa: E402

RUNS = 3

rows = []
for name in MODELS:
    ours, theirs = interleaved(
        RUNS, (sys.executable, HERE / "ours.py"), (peers_python(), HERE / "theirs.py"), str(fetch(name))
    )
    rows.append((name, median(ours), median(theirs), ratio(ours, theirs)))
table("Load + clean-up + emission, seconds (medians)", ("model", "Interlingua", "onnxslim", "ratio"), rows)
