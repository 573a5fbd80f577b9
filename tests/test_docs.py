"""The generated pages are what the definitions say; the written ones are whole."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from interlingua.ir.dialects import builtin_ops

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_docs", ROOT / "scripts" / "generate_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages(generator: ModuleType) -> dict[Path, str]:
    return generator.pages()


def test_the_pages_are_up_to_date(pages: dict[Path, str]) -> None:
    stale = [str(p) for p, text in pages.items() if not (DOCS / p).is_file() or (DOCS / p).read_text() != text]
    assert not stale, "run: python scripts/generate_docs.py"


def test_there_are_no_pages_of_dialects_that_are_gone(pages: dict[Path, str]) -> None:
    assert {p.name for p in (DOCS / "ops").glob("*.md")} == {p.name for p in pages if p.parent.name == "ops"}


def test_every_op_has_its_section_and_its_row(pages: dict[Path, str]) -> None:
    text = "\n".join(pages.values())
    for name in builtin_ops():
        assert text.count(f"## `{name}`\n") == 1
        assert text.count(f"| [`{name}`]") == 1


def test_links_to_sections_lead_somewhere(pages: dict[Path, str]) -> None:
    anchors = {
        (page.name, re.sub(r"[^a-z0-9_-]", "", heading))
        for page, text in pages.items()
        for heading in re.findall(r"^## `(.+)`$", text, re.MULTILINE)
    }
    for page, text in pages.items():
        for target, anchor in re.findall(r"\]\(([^)#]*)#([^)]+)\)", text):
            assert (Path(target).name or page.name, anchor) in anchors


def test_links_between_files_lead_somewhere() -> None:
    for page in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|mailto:)([^)#]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


def test_decisions_are_numbered_and_whole() -> None:
    found = sorted((DOCS / "decisions").glob("*.md"))
    assert [p.name[:4] for p in found] == [f"{n:04d}" for n in range(1, len(found) + 1)]
    for page in found:
        headings = re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], page.name
