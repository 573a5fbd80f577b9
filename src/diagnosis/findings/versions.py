"""What took part in a finding."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("interlingua", "numpy", "ml_dtypes", "onnx", "onnxruntime")


def versions() -> dict[str, str]:
    """The versions of :data:`PACKAGES`, of those that are installed."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
