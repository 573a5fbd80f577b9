"""Our conversion of a model to LiteRT, unverified, and in how many CPU seconds: ``python ours.py MODEL OUTPUT``.

Images come and go channels last, as onnx2tf has it.
Imports are not timed; the last line is a JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import interlingua
import interlingua.backends.litert.emitter
import interlingua.frontends.onnx.importer  # before the time is taken, as the peer is


def main() -> None:
    source, output = map(Path, sys.argv[1:3])
    start = time.process_time()
    as_theirs = {"inputs_as_nhwc": True, "outputs_as_nhwc": True}
    interlingua.convert(source, to="litert", verify=False, output=output, **as_theirs)
    print("\n" + json.dumps({"seconds": time.process_time() - start}))


if __name__ == "__main__":
    main()
