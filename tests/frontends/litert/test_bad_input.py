"""Damaged files load or are refused, and nothing else happens. The long campaign is ``benchmarks/bad_input.py``."""

from __future__ import annotations

from pathlib import Path

import pytest

import interlingua
from interlingua.errors import InterlinguaError, InvalidModel
from support.mutations import damaged

DIGITS = Path(interlingua.__file__).parent / "demo" / "digits.onnx"


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("digits") / "digits.tflite"
    interlingua.convert(DIGITS, to="litert", verify=False, output=path)
    return path.read_bytes()


@pytest.mark.parametrize("shard", range(4))
def test_damage_is_told_or_harmless(digits: bytes, shard: int) -> None:
    refused = 0
    for number in range(shard * 100, shard * 100 + 100):
        try:
            interlingua.load(damaged(number, [digits]))
        except InterlinguaError as error:
            assert error.where and error.what
            refused += 1
    assert 10 < refused < 100


def test_a_file_that_ends_early_says_so(digits: bytes) -> None:
    with pytest.raises(InvalidModel):
        interlingua.load(digits[:200])
