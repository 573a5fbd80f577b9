"""Weight handles: looked at without a copy, written alike by every way, and never wrong in silence."""

import errno
import io
import os
from pathlib import Path

import numpy as np
import pytest

from interlingua.errors import InvalidExternalData
from interlingua.ir import weights
from interlingua.ir.dtypes import DType
from interlingua.ir.weights import ArrayWeight, LazyWeight, MappedWeight, Weight

ARRAY = np.arange(12, dtype=np.float32).reshape(3, 4)


@pytest.fixture
def mapped(tmp_path: Path) -> MappedWeight:
    path = tmp_path / "weights.bin"
    path.write_bytes(b"head!" + ARRAY.tobytes() + b"tail")
    return MappedWeight(path, 5, DType.F32, (3, 4))


def each(mapped: MappedWeight) -> list[Weight]:
    return [
        mapped,
        ArrayWeight(ARRAY),
        LazyWeight(DType.F32, (3, 4), lambda: ARRAY),
        ArrayWeight(ARRAY.T.copy().T),
    ]


def test_every_kind_shows_the_same(mapped: MappedWeight) -> None:
    for weight in each(mapped):
        assert (weight.dtype, weight.shape, weight.size, weight.nbytes) == (DType.F32, (3, 4), 12, 48)
        assert np.array_equal(weight.view(), ARRAY)
        assert b"".join(weight.chunks()) == ARRAY.tobytes()
    assert len({w.digest for w in each(mapped)}) == 1


def test_views_are_read_only_and_the_owner_keeps_its_array(mapped: MappedWeight) -> None:
    for weight in each(mapped):
        with pytest.raises(ValueError, match="read-only"):
            weight.view()[0] = 1
    assert ARRAY.flags.writeable


def test_a_borrowed_array_is_not_copied() -> None:
    assert np.shares_memory(ArrayWeight(ARRAY).view(), ARRAY)


def test_a_lazy_weight_is_computed_when_looked_at_and_checked() -> None:
    calls = []

    def compute() -> np.ndarray:
        calls.append(1)
        return ARRAY

    lazy = LazyWeight(DType.F32, (3, 4), compute)
    assert not calls
    lazy.view()
    lazy.view()
    assert len(calls) == 2
    with pytest.raises(ValueError, match=r"lazy f32\[4\] weight came out float32\[3, 4\]"):
        LazyWeight(DType.F32, (4,), compute).view()


@pytest.mark.parametrize("chunk", [7, 48, 1 << 24])
def test_writing_by_the_kernel_and_by_chunks_is_alike(
    mapped: MappedWeight, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(weights, "CHUNK", chunk)
    memory = io.BytesIO(b"")
    with (tmp_path / "out").open("wb") as file:
        for weight in each(mapped):
            file.write(b"<")
            weight.write_to(file)
            assert file.tell() % 49 == 0
            memory.write(b"<")
            weight.write_to(memory)
    assert (tmp_path / "out").read_bytes() == memory.getvalue() == (b"<" + ARRAY.tobytes()) * 4


def test_a_system_that_sends_no_files_gets_chunks(
    mapped: MappedWeight, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.ENOTSOCK, "not a socket")

    monkeypatch.setattr(os, "sendfile", refuse)
    with (tmp_path / "out").open("wb") as file:
        mapped.write_to(file)
    assert (tmp_path / "out").read_bytes() == ARRAY.tobytes()


def test_a_full_disk_is_an_error(mapped: MappedWeight, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "sendfile", full)
    with (tmp_path / "out").open("wb") as file, pytest.raises(OSError, match="no space"):
        mapped.write_to(file)


def test_a_file_that_is_too_short_is_told_at_once(mapped: MappedWeight) -> None:
    with pytest.raises(InvalidExternalData, match=r"f32\[3, 5\] weight needs 60 bytes at offset 5, but 52 are there"):
        MappedWeight(mapped.path, 5, DType.F32, (3, 5))
    with pytest.raises(InvalidExternalData):
        MappedWeight(mapped.path, -1, DType.F32, (1,))


def test_a_file_that_changes_is_told_when_looked_at(mapped: MappedWeight) -> None:
    mapped.path.write_bytes(b"something else of another length altogether, long enough for the weight")
    for look in (mapped.view, lambda: list(mapped.chunks()), lambda: mapped.write_to(io.BytesIO())):
        with pytest.raises(InvalidExternalData, match="the file changed"):
            look()
    mapped.path.unlink()
    with pytest.raises(InvalidExternalData, match="cannot be read"):
        mapped.view()


@pytest.mark.parametrize("shape", [(), (0,), (2, 0)])
def test_scalars_and_empty_weights(tmp_path: Path, shape: tuple[int, ...]) -> None:
    array = np.zeros(shape, np.int64)
    path = tmp_path / "w"
    path.write_bytes(array.tobytes())
    for weight in (ArrayWeight(array), MappedWeight(path, 0, DType.I64, shape)):
        assert weight.view().shape == shape
        assert b"".join(weight.chunks()) == array.tobytes()


def test_digests_tell_contents_dtypes_and_shapes_apart() -> None:
    arrays = [
        ARRAY,
        ARRAY.reshape(4, 3),
        ARRAY.view(np.int32),
        -ARRAY,
        np.array(["a", "bc"], dtype=object),
        np.array(["ab", "c"], dtype=object),
    ]
    assert len({ArrayWeight(a).digest for a in arrays}) == len(arrays)
