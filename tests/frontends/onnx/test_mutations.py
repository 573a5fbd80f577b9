"""Damaged files load or are refused, and nothing else happens. The long campaign is ``benchmarks/bad_input.py``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import interlingua
from interlingua.errors import InterlinguaError
from support.mutations import damaged, handmade

ROOT = Path(interlingua.__file__).resolve().parent.parent
DEMO = Path(interlingua.__file__).parent / "demo" / "digits.onnx"


def test_the_same_number_gives_the_same_file() -> None:
    models = [DEMO.read_bytes(), *handmade()]
    assert [damaged(n, models) for n in range(20)] == [damaged(n, models) for n in range(20)]


@pytest.mark.parametrize("start", range(0, 500, 50))
def test_damaged_files_are_refused_or_load(start: int) -> None:
    models = [DEMO.read_bytes(), *handmade()]
    for number in range(start, start + 50):
        try:
            interlingua.load(damaged(number, models))
        except InterlinguaError as error:
            assert error.what and error.where, number


@pytest.mark.nightly
def test_twenty_thousand_damaged_files() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "bad_input.py"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
