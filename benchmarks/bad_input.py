"""Thousands of damaged models: each loads, or is refused with an error of our own, fast and in little memory.

::

    python benchmarks/bad_input.py [--format onnx|litert] [--real] [--count 20000] [--start 0] [--workers 2]
        [--report out.json]

The damage is in ``tests/support/mutations.py``; a failure is repeated with ``--start NUMBER --count 1``. The loads
run in worker processes that are watched: a crash or a hang counts as a failure, and the campaign goes on.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from memory import forget, peak  # noqa: E402

SECONDS = 5.0
"""Of the processor: what else the machine does is no fault of the file."""
BYTES = 1 << 30
HANG = 30.0
"""A worker that says nothing for so long is killed."""
BATCH = 250
LARGEST_CASE = 40_000


def corpus(real: bool) -> list[bytes]:
    """The demo, handmade models and node cases; with ``real``, a trained model as well."""
    import onnx
    from onnx.backend.test.loader import load_model_tests

    from support.mutations import handmade

    models = handmade() * 20  # they hold what the cases lack: weigh them
    models += [(ROOT / "src" / "demo" / "digits.onnx").read_bytes()] * 20
    for case in load_model_tests(kind="node"):
        data = case.model.SerializeToString() if isinstance(case.model, onnx.ModelProto) else b""
        if 0 < len(data) <= LARGEST_CASE:
            models.append(data)
    if real:
        from support.real_models import fetch

        models += [fetch("faster-whisper-silero-v6").read_bytes()] * 5
    return models


def litert_corpus(real: bool) -> list[bytes]:
    """Node cases and the demo as we write them, and with ``real`` a trained model as its authors did."""
    import interlingua
    from interlingua.errors import InterlinguaError

    models = []
    for data in [*corpus(False)[::10], (ROOT / "src" / "demo" / "digits.onnx").read_bytes()]:
        with contextlib.suppress(InterlinguaError), tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.tflite"
            interlingua.convert(data, to="litert", verify=False, output=path)
            models.append(path.read_bytes())
    if real:
        from support.real_models import fetch

        models += [fetch("basic-pitch-tflite").read_bytes()] * 20
    return models


CORPORA = {"onnx": corpus, "litert": litert_corpus}


def store(models: list[bytes], path: Path) -> None:
    """Keep the corpus where workers find it: lengths, then contents."""
    with path.open("wb") as file:
        head = json.dumps([len(m) for m in models]).encode()
        file.write(len(head).to_bytes(8, "little") + head)
        file.writelines(models)


def restore(path: Path) -> list[bytes]:
    data = path.read_bytes()
    at = 8 + int.from_bytes(data[:8], "little")
    models = []
    for length in json.loads(data[8:at]):
        models.append(data[at : at + length])
        at += length
    return models


def attempt(number: int, models: list[bytes]) -> dict[str, object]:
    """Load one damaged model: the outcome, the seconds, the growth of the peak of memory."""
    from interlingua.driver import load
    from interlingua.errors import InterlinguaError
    from support.mutations import damaged

    data = damaged(number, models)
    forget()
    before = peak()
    start = time.process_time()
    detail = ""
    try:
        load(data)
        outcome = "module"
    except InterlinguaError as error:
        outcome = type(error).__name__
        if error.where is None or not error.what:
            outcome, detail = "NO PLACE", repr(error)
        elif error.__cause__ is not None and type(error.__cause__).__name__ not in EXPECTED:
            detail = f"{error.what[:200]}"
    except BaseException:  # noqa: BLE001 - whatever escapes is what is looked for
        outcome, detail = "ESCAPED", traceback.format_exc()[-1500:]
    seconds = time.process_time() - start
    grown = peak() - before
    return {"number": number, "outcome": outcome, "seconds": seconds, "bytes": grown, "detail": detail}


EXPECTED = {"ValidationError", "DecodeError", "ConstraintError"}
"""Causes of a refusal that need no look; others are listed at the end."""


def work(path: Path, numbers: range) -> None:
    """The worker: one line before an attempt, one after."""
    models = restore(path)
    attempt(0, models)  # imports are no part of a load
    limit = 6 * BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for number in numbers:
        print(json.dumps({"begin": number}), flush=True)
        print(json.dumps(attempt(number, models)), flush=True)


def watch(path: Path, numbers: range) -> list[dict[str, object]]:
    """Run a batch in workers, a new one after each that dies."""
    results: list[dict[str, object]] = []
    while numbers:
        command = [
            sys.executable,
            "-W",
            "ignore",
            __file__,
            "--worker",
            str(path),
            str(numbers.start),
            str(numbers.stop),
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        heard = [time.monotonic()]
        threading.Thread(target=_guard, args=(process, heard), daemon=True).start()
        current = numbers.start
        assert process.stdout is not None and process.stderr is not None
        for line in process.stdout:
            heard[0] = time.monotonic()
            said = json.loads(line)
            if "begin" in said:
                current = said["begin"]
            else:
                results.append(said)
        code = process.wait()
        if code == 0:
            break
        results.append(
            {
                "number": current,
                "outcome": "DIED",
                "seconds": 0.0,
                "bytes": 0,
                "detail": f"exit status {code}: {process.stderr.read()[-500:]}",
            }
        )
        numbers = range(current + 1, numbers.stop)
    return results


def _guard(process: subprocess.Popen[str], heard: list[float]) -> None:
    while process.poll() is None:
        if time.monotonic() - heard[0] > HANG:
            process.kill()
        time.sleep(0.5)


def campaign(form: str, start: int, count: int, real: bool, workers: int) -> list[dict[str, object]]:
    """All results, in the order of their numbers."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corpus"
        store(CORPORA[form](real), path)
        batches = [range(n, min(n + BATCH, start + count)) for n in range(start, start + count, BATCH)]
        with ThreadPoolExecutor(workers) as pool:
            return [r for batch in pool.map(lambda b: watch(path, b), batches) for r in batch]


def failures(results: list[dict[str, object]]) -> list[dict[str, object]]:
    """What breaks the promise."""
    return [
        r
        for r in results
        if r["outcome"] in ("ESCAPED", "DIED", "NO PLACE") or r["seconds"] > SECONDS or r["bytes"] > BYTES
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--format", choices=CORPORA, default="onnx")
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--report", type=Path)
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        work(Path(given.worker[0]), range(int(given.worker[1]), int(given.worker[2])))
        return 0
    began = time.monotonic()
    results = campaign(given.format, given.start, given.count, given.real, given.workers)
    bad = failures(results)
    print(f"{len(results)} damaged models in {time.monotonic() - began:.0f} s")
    for outcome, times in Counter(r["outcome"] for r in results).most_common():
        print(f"  {outcome}: {times}")
    slowest = max(results, key=lambda r: r["seconds"])
    print(f"  slowest: {slowest['seconds']:.2f} s (number {slowest['number']})")
    print(f"  largest growth of memory: {max(r['bytes'] for r in results) / 1e6:.0f} MB")
    odd = Counter(str(r["detail"])[:90] for r in results if r["detail"] and r not in bad)
    for detail, times in odd.most_common(40):
        print(f"  refused by an exception of another kind, {times} times: {detail}")
    for each in bad:
        print(json.dumps(each, indent=1).replace("\\n", "\n"))
    if given.report is not None:
        given.report.write_text(json.dumps(results))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
