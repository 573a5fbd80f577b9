"""The names and signatures that users rely on, literally: a change here is a change for them."""

import inspect
import subprocess
import sys

import pytest

import interlingua
from interlingua import errors

NAMES = [
    "Conversion",
    "InterlinguaError",
    "Module",
    "Report",
    "Verdict",
    "__version__",
    "bisect",
    "check",
    "compare",
    "convert",
    "evaluate",
    "fuzz",
    "hookimpl",
    "load",
    "optimize",
    "optimize_checked",
    "reduce",
    "save",
    "verify",
]
SIGNATURES = {
    "load": "(source, *, frontend=None, **options)",
    "save": "(module, path)",
    "evaluate": "(module, inputs, *, precision='native')",
    "optimize": "(module, passes='default', *, checked=False, examples=(), seed=0)",
    "check": "(source, *, to, frontend=None, example_inputs=None, dynamic_shapes=None, **options)",
    "convert": (
        "(source, *, to, output=None, frontend=None, input_names=None, output_names=None, "
        "example_inputs=None, dynamic_shapes=None, passes=None, verify=True, allow_unverified=False, "
        "examples=(), seed=0, timeout=300.0, progress=None, **options)"
    ),
    "bisect": (
        "(source, *, to, frontend=None, example_inputs=None, dynamic_shapes=None, passes=None, examples=(), "
        "cases=3, seed=0, timeout=300.0, **options)"
    ),
    "compare": (
        "(a, b, *, examples=(), map=None, layout=None, outputs=None, reference=None, seed=0, timeout=300.0)"
    ),
    "fuzz": (
        "(subject=None, *, passes=(), seconds=None, cpu_seconds=None, batches=None, seed=0, workers=1, executor=None, "
        "output=None, max_nodes=16, reduce=True, known=True, keep=None, progress=None)"
    ),
    "reduce": (
        "(source, *, to=None, subject=None, inputs=None, frontend=None, passes=None, seed=0, "
        "observations=1000, seconds=120.0, output=None, **options)"
    ),
    "verify": (
        "(source, artifact, *, to=None, frontend=None, example_inputs=None, dynamic_shapes=None, "
        "examples=(), seed=0, timeout=300.0, explain=False, **options)"
    ),
}
CONVERSION = {
    "run": "(self, inputs, *, timeout=300.0)",
    "save": "(self, path)",
}
VERDICTS = [
    "VERIFIED",
    "UNVERIFIED",
    "MISMATCH",
    "CRASH",
    "TIMEOUT",
    "UNSUPPORTED",
    "UNDECLARED_UNSUPPORTED",
    "UNDEFINED",
    "AMBIGUOUS",
    "ORACLE_SUSPECT",
    "SUPPORTED",
]
HIERARCHY = {
    "UsageError": "InterlinguaError",
    "InvalidModel": "InterlinguaError",
    "InvalidExternalData": "InvalidModel",
    "UnsupportedOps": "InterlinguaError",
    "UntraceableModel": "UnsupportedOps",
    "IRError": "InterlinguaError",
    "ConstraintError": "IRError",
    "ParseError": "IRError",
    "VerifierError": "IRError",
    "EvaluationError": "InterlinguaError",
    "BrokenObligation": "InterlinguaError",
    "RunnerError": "InterlinguaError",
    "RuntimeMissing": "RunnerError",
    "RuntimeRefused": "RunnerError",
    "RuntimeCrash": "RunnerError",
    "RuntimeTimeout": "RunnerError",
    "VerificationFailed": "InterlinguaError",
    "PluginError": "InterlinguaError",
    "DuplicateName": "PluginError",
    "IncompatiblePlugin": "PluginError",
}


def bare(function: object) -> str:
    """The signature without annotations."""
    signature = inspect.signature(function)  # type: ignore[arg-type]
    parameters = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()]
    return str(signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty))


def test_the_public_names() -> None:
    assert sorted(interlingua.__all__) == NAMES
    assert set(NAMES) <= set(dir(interlingua))
    for name in NAMES:
        assert getattr(interlingua, name) is not None


def test_star_import_gives_them() -> None:
    code = "from interlingua import *; print(convert, Verdict, load)"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_other_names_are_none() -> None:
    with pytest.raises(AttributeError, match="module 'interlingua' has no attribute 'nope'"):
        interlingua.nope  # noqa: B018


@pytest.mark.parametrize("name", sorted(SIGNATURES))
def test_the_doors_have_their_signatures(name: str) -> None:
    assert bare(getattr(interlingua, name)) == SIGNATURES[name]
    assert getattr(interlingua, name).__doc__


@pytest.mark.parametrize("name", sorted(CONVERSION))
def test_a_conversion_has_its_methods(name: str) -> None:
    assert bare(getattr(interlingua.Conversion, name)) == CONVERSION[name]


def test_a_conversion_has_its_fields() -> None:
    assert {"artifact", "report", "verdict"} <= set(dir(interlingua.Conversion))


def test_verdicts() -> None:
    assert [v.value for v in interlingua.Verdict] == VERDICTS
    assert [v.name for v in interlingua.Verdict] == VERDICTS


def test_the_error_hierarchy() -> None:
    found = {
        name: cls.__base__.__name__
        for name, cls in vars(errors).items()
        if isinstance(cls, type) and issubclass(cls, Exception) and cls.__base__ is not Exception
    }
    assert found == HIERARCHY
    for name in HIERARCHY:
        assert name in (errors.__doc__ or "")


def test_importing_under_another_name_is_refused() -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import src"
    root = str(interlingua.__path__[0]).rsplit("/", 1)[0]
    done = subprocess.run([sys.executable, "-c", code, root], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "this package is called interlingua" in done.stderr
