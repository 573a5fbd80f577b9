from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from support.real_models import Unavailable, fetch


@pytest.fixture(scope="session")
def real_model() -> Callable[[str], Path]:
    """The path of a real model; offline the test says that it was skipped, in CI it fails."""

    def get(name: str) -> Path:
        try:
            return fetch(name)
        except Unavailable as error:
            if os.environ.get("CI"):
                pytest.fail(str(error))
            pytest.skip(str(error))

    return get
