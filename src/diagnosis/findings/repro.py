"""The script of a finding: it stands alone with the runtime and NumPy where it can, else it takes Interlingua."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from string import Template
from typing import Literal, TypeAlias

from interlingua.diagnosis.findings.finding import Finding

Kind: TypeAlias = Literal["standalone", "replay"]

STANDALONE: dict[str, tuple[tuple[str, ...], str]] = {
    ".onnx": (
        ("numpy", "onnxruntime"),
        """\
    import onnxruntime

    session = onnxruntime.InferenceSession(HERE / "model.onnx", providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    outputs = session.run(names, dict(np.load(HERE / "inputs.npz")))
    np.savez(HERE / "actual.npz", **dict(zip(names, outputs)))
""",
    ),
    ".numpy": (
        ("numpy",),
        """\
    sys.argv = ["model.py", str(HERE / "inputs.npz"), str(HERE / "actual.npz")]
    runpy.run_path(str(HERE / "model.numpy" / "model.py"), run_name="__main__")
""",
    ),
}
"""By the artifact's ending: the packages that run it, and how."""

_HEAD = '''\
# /// script
# requires-python = ">=3.11"
# dependencies = [$dependencies]
# ///
"""$title

Prints what is expected and what comes out; exits 1 while they differ, 0 once they agree.
"""
'''

_BODY = """\
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent


def run():
$run

def main():
    (HERE / "actual.npz").unlink(missing_ok=True)
    done = subprocess.run([sys.executable, __file__, "run"], capture_output=True, text=True, timeout=60)
    if done.returncode or not (HERE / "actual.npz").exists():
        print(f"it exits with {done.returncode}:", done.stderr[-1000:], sep="\\n")
        return 1
    expected, actual, wrong = np.load(HERE / "expected.npz"), np.load(HERE / "actual.npz"), 0
    for name in (n for n in expected.files if " " not in n):
        want, bound, got = expected[name], expected[f"{name} error"], actual[name]
        print(f"{name}: expected {want.shape}", want, f"actual {got.shape} {got.dtype}", got, sep="\\n")
        if got.shape != want.shape or got.dtype != expected[f"{name} dtype"].dtype:
            wrong += 1
            continue
        with np.errstate(all="ignore"):
            off = np.where(got == want.astype(got.dtype), 0, abs(got.astype(want.dtype) * 1.0 - want))
            right = (off <= bound) | (np.isnan(got) & np.isnan(want)) | np.isinf(bound)
        if expected[f"{name} signed"]:
            right &= np.isnan(want) | (np.signbit(got) == np.signbit(want)) | (want != 0)
        measured = off[np.isfinite(off) & np.isfinite(bound)]
        wrong += int((~right).sum()) + int(np.sqrt((measured**2).sum() / max(off.size, 1)) > expected[f"{name} rms"])
    print(f"{wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(run() if sys.argv[1:] == ["run"] else main())
"""

_REPLAY = """\
import sys
from pathlib import Path

from interlingua.diagnosis.findings.replay import replay

sys.exit(replay(Path(__file__).resolve().parent))
"""


def script(kind: Kind, finding: Finding, artifact: Path | None) -> str:
    """The text of ``repro.py``."""
    title = finding.signature.title.replace("\\", "/").replace('"', "'")
    if kind == "replay" or artifact is None:
        return head(("interlingua",), title) + _REPLAY
    packages, run = STANDALONE[artifact.suffix]
    body = Template(_BODY).substitute(run=run)
    return head(packages, title) + (body if "runpy." in run else body.replace("import runpy\n", "", 1))


def head(packages: tuple[str, ...], title: str) -> str:
    """What the script needs, and what it shows."""
    pinned = ", ".join(f'"{name}=={version(name)}"' for name in packages)
    return Template(_HEAD).substitute(dependencies=pinned, title=title)
