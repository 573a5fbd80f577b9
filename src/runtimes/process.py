"""Running models in a process of their own: a crash or a hang there is a verdict here, not the end of the program."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from interlingua.errors import RuntimeMissing, RuntimeRefused
from interlingua.runtimes import codec
from interlingua.runtimes.base import Outcome
from interlingua.runtimes.workers import FRESH, Workers


def run_worker(
    entry: str,
    options: Mapping[str, Any],
    batches: Sequence[Mapping[str, Any]],
    *,
    timeout: float,
    subject: str,
    workers: Workers = FRESH,
    package: str = "",
) -> list[Outcome]:
    """Call ``entry`` (``module:function``) in a worker process; see :mod:`interlingua.runtimes.worker`.

    ``package`` is what to install where the runtime is missing, if that is called otherwise than what is imported.

    Raises:
        RuntimeMissing, RuntimeRefused, RuntimeCrash, RuntimeTimeout: as the names say.
    """
    with tempfile.TemporaryDirectory(prefix="interlingua-") as name:
        folder = Path(name)
        for index, batch in enumerate(batches):
            codec.write(folder / f"inputs-{index}", batch)
        job = {"entry": entry, "options": dict(options), "batches": len(batches)}
        (folder / "job.json").write_text(json.dumps(job))
        workers.do(folder, timeout=timeout, subject=subject)
        result = json.loads((folder / "result.json").read_text())
        if "missing" in result:
            hint = f"install {package or result['package']}"
            raise RuntimeMissing(f"{subject} cannot run: {result['missing']}", hint=hint)
        if "refused" in result:
            raise RuntimeRefused(f"{subject} refused the model: {result['refused']}")
        return [
            Outcome(None if error is not None else codec.read(folder / f"outputs-{index}"), error, caveat)
            for index, (error, caveat) in enumerate(zip(result["errors"], result["caveats"], strict=True))
        ]
