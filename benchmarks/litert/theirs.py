"""A program of the peers' environment: onnx2tf converts a model and the JSON line says in how many seconds.

``python theirs.py MODEL OUTPUT [NAME:DIM,DIM…]…``; imports are not timed.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SAMPLES = "calibration_image_sample_data_20x128x128x3_float32.npy"
"""Pictures that onnx2tf downloads to try its own results on, unless they are there."""


def main() -> None:
    source, output, shapes = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3:]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        shutil.copyfile(source, source.name)  # it writes what it has simplified over the file that it is given
        np.save(SAMPLES, np.random.default_rng(0).random((20, 128, 128, 3), dtype=np.float32))
        os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # it calls onnxsim
        import onnx2tf

        start = time.process_time()
        onnx2tf.convert(
            input_onnx_file_path=source.name,
            output_folder_path="out",
            overwrite_input_shape=shapes or None,
            copy_onnx_input_output_names_to_tflite=True,
            non_verbose=True,
        )
        seconds = time.process_time() - start
        (found,) = Path("out").glob("*_float32.tflite")
        shutil.copyfile(found, output)
    print("\n" + json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
