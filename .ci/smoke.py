"""What an installed wheel must hold. Run by the Python that it is installed in, away from the checkout."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import files, requires
from pathlib import Path

IMPORT_LIMIT = 0.3
"""Seconds that ``import interlingua`` may take."""

TIMED = "import time; s = time.perf_counter(); import interlingua; print(time.perf_counter() - s)"


def main() -> None:
    installed = files("interlingua") or []
    tops = {path.parts[0] for path in installed if not path.parts[0].startswith(("interlingua", ".."))}
    assert not tops, f"the wheel also installs {tops}"
    names = {str(path) for path in installed}
    for needed in ("interlingua/py.typed", "interlingua/demo/digits.onnx", "interlingua/demo/digits.npz"):
        assert needed in names, f"the wheel lacks {needed}"
    unwanted = {
        n for n in names if n.startswith("interlingua/") and ("/tests/" in n or "cache" in n.casefold())
    }
    unwanted = {n for n in unwanted if "__pycache__" not in n}
    assert not unwanted, f"the wheel holds {sorted(unwanted)}"
    assert any("extra ==" in r for r in requires("interlingua") or []), "the wheel declares no extras"

    import interlingua

    home = Path(interlingua.__file__).resolve()
    assert home.is_relative_to(Path(sys.prefix).resolve()), f"interlingua comes from {home}"
    seconds = min(
        float(subprocess.run([sys.executable, "-I", "-c", TIMED], capture_output=True, check=True).stdout)
        for _ in range(5)
    )
    assert seconds < IMPORT_LIMIT, f"import interlingua takes {seconds:.3f} s, allowed are {IMPORT_LIMIT}"
    missing = [name for name in interlingua.__all__ if not hasattr(interlingua, name)]
    assert not missing, f"public names that do not import: {missing}"
    print(f"wheel: {len(installed)} files, import interlingua in {seconds * 1000:.1f} ms")


if __name__ == "__main__":
    main()
