"""The pages are true: their programs run, their links lead somewhere, and every public name is explained."""

from __future__ import annotations

import re
import subprocess
import sys
import types

import pytest

import lamina as tf
from acceptance.programs import run
from support.tools import ROOT, load

# Made while the site is built.
MADE = {"docs/changelog.md", "docs/api/index.md"}
# Pages whose Python is a program, from the first block to the last.
PROGRAMS = [
    "README.md",
    "docs/index.md",
    "docs/from-tensorflowjs.md",
    "docs/from-keras.md",
    "docs/notebooks.md",
    "docs/arrays.md",
    "docs/cpp.md",
    "docs/your-own-code.md",
]
# Pages each block of which is a program of its own, which needs what `pip install .` brings and no more.
ALONE = ["README.md", "docs/index.md"]
# Pages that show what stands in the sources.
SHOWN = ["docs/add-an-op.md", "docs/add-a-layer.md"]

# Runs a program that may await at top level; modules that follow it count as not installed. A model that
# is not compiled says so.
RUNNER = """
import ast, asyncio, logging, sys, types
logging.basicConfig(level=logging.INFO)
sys.modules.update(dict.fromkeys(sys.argv[2:]))
code = compile(sys.argv[1], "page", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
made = eval(code, {"__name__": "__main__"})
if isinstance(made, types.CoroutineType):
    async def wait():
        await made
    asyncio.run(wait())
"""

# What programs of the reader write or run.
WRITTEN = {"file.py", "net.h"}

pages = load("api_pages")


def markdown_files() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.split()


def blocks(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_programs_of_a_page_run(name, tmp_path):
    """In a new process and an empty folder: no name and no module is there that the page does not bring."""
    found = blocks(name)
    assert found
    programs, absent = (found, ["numpy"]) if name in ALONE else (["\n".join(found)], [])
    for program in programs:
        ended = run([sys.executable, "-c", RUNNER, program, *absent], cwd=tmp_path)
        assert (ended.code, ended.err) == (0, ""), ended.err
    if "tensorflowjs" in name:
        assert 'did you mean "units"' in ended.out


def test_every_page_with_programs_is_run_or_shown():
    pages_with = {
        path.relative_to(ROOT).as_posix() for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
        if blocks(path.relative_to(ROOT).as_posix())
    }  # fmt: skip
    # What testing.md shows needs the fixture that it explains.
    assert pages_with == {*PROGRAMS, *SHOWN, "docs/testing.md"}


def squeezed(text: str) -> str:
    """Without comments and layout."""
    return re.sub(r"\s+|,(?=\s*[)\]])", "", re.sub(r"  # .*", "", text))


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_shown_of_the_sources_is_there(name):
    files = [
        *(ROOT / "cpp").rglob("*.*"),
        *(ROOT / "python").rglob("*.py"),
        *(ROOT / "tests").glob("ops/*.py"),
    ]
    sources = [
        squeezed(path.read_text(encoding="utf-8")) for path in files if path.suffix in {".h", ".cpp", ".py"}
    ]
    text = (ROOT / name).read_text(encoding="utf-8")
    shown = re.findall(r"^```(?:cpp|python)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert shown
    lost = [block for block in shown if not any(squeezed(block) in source for source in sources)]
    assert lost == []


def test_links_lead_somewhere():
    """Links within the repository; the anchors among them are checked by `mkdocs build --strict`."""
    lost = []
    for name in markdown_files():
        text = re.sub(r"```.*?```", "", (ROOT / name).read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"(?<!`)\]\(([^)\s#]+)", text):
            if "://" in target:
                continue
            path = (ROOT / name).parent / target
            if not path.exists() and path.resolve().relative_to(ROOT).as_posix() not in MADE:
                lost.append(f"{name}: {target}")
    assert lost == []


def test_files_that_pages_name_are_there():
    """Names in backticks that end like a source file, with or without the folder they are known by."""
    roots = [ROOT, ROOT / "cpp", ROOT / "python" / "lamina", ROOT / "tests"]
    known = {
        path.name for root in roots[1:] for path in root.rglob("*") if path.suffix in {".cpp", ".h", ".py"}
    }
    lost = []
    for name in markdown_files():
        text = re.sub(r"```.*?```", "", (ROOT / name).read_text(encoding="utf-8"), flags=re.DOTALL)
        for file in re.findall(r"`([\w./*-]+\.(?:cpp|h|py|md|yml|cmake|svg))`", text):
            found = file in known or any(any(root.rglob(file)) for root in [*roots, (ROOT / name).parent])
            if not found and file not in WRITTEN:
                lost.append(f"{name}: {file}")
    assert lost == []


def test_commands_that_pages_give_find_their_tests():
    """`pytest PATH... [-k WORD]`: the paths are there, and the word stands in a test of theirs or a row."""
    lost = []
    for name in markdown_files():
        text = (ROOT / name).read_text(encoding="utf-8")
        for paths, word in re.findall(r"pytest ((?:tests(?:/[\w./]*\w)? ?)+)(?:-k (\w+))?", text):
            found = [ROOT / path for path in paths.split()]
            files = [f for path in found for f in (path.rglob("*.py") if path.is_dir() else [path])]
            there = all(path.exists() for path in found)
            if not (there and any(word in file.read_text(encoding="utf-8") for file in files)):
                lost.append(f"{name}: {paths} {word}")
    assert lost == []


def test_every_page_is_in_the_navigation():
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    missing = [path.name for path in (ROOT / "docs").glob("*.md") if path.name not in nav]
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    missing += [path.name for path in (ROOT / "docs").glob("*.md") if f"({path.name})" not in index]
    assert [name for name in missing if name != "index.md"] == []


@pytest.fixture(scope="module")
def reference() -> dict[str, str]:
    """Each documented name with its text."""
    found = {}
    for text in pages.pages().values():
        for part in re.split(r"^(?=#{2,3} )", text, flags=re.MULTILINE)[1:]:
            head, _, body = part.partition("\n")
            name = re.search(r"\{ #(\S+) \}$", head)
            if name is not None:
                found[name[1]] = re.sub(r"```python.*?```", "", body, flags=re.DOTALL).strip()
    return found


def test_every_public_name_is_explained(reference):
    names = {f"tf.{name}" for name in tf.__all__ if not isinstance(getattr(tf, name), types.ModuleType)}
    for space, source in pages.namespaces().items():
        names |= {f"tf.{space}.{name}" for name in pages.public_names(source)}
    assert len(names) > 300
    assert sorted(names - set(reference)) == []
    assert sorted(name for name in names if not reference[name]) == []


def test_options_are_explained(reference):
    text = reference["tf.layers.conv2d"]
    assert "| `filters` | `int` | required |" in text
    assert "| `padding` |" in text
    assert "`learningRate`, `lr`" in reference["tf.train.sgd"]
    # Markup in docstrings is text.
    assert pages.prose("a[i] * b_c | `d_e` <f>") == r"a\[i\] \* b\_c \| `d_e` &lt;f>"


PAGE = """# Performance
## 2 threads

2026-01-02, commit abc, Some CPU (avx2), 2 cores, 16 GiB. Medians of 9 turns.

### Training through `fit`

| | Lamina | | best peer | ratio | target |
|---|---|---|---|---|---|
| mlp-fit | 10 ms |  | torch 25 ms | 2.50 | 2 of the best `fit`: met (2.50) |
| cnn-fit | 30 ms | 5 GFLOP/s | jax 24 ms | 0.80 | 1 of the best peer: **missed** (0.80) |
| lstm-fit |  |  | jax 24 ms |  | not measured |

### Operators

| | Lamina | | best peer | ratio | target |
|---|---|---|---|---|---|
| add | 1 us |  | numpy 2 us | 2.00 |  |
"""


def test_the_figures_of_the_readme_are_those_of_the_page():
    tool = load("readme_figures")
    found = tool.figures(PAGE)
    assert "| mlp-fit | 10 ms | torch 25 ms | 2.50 |" in found
    assert "| cnn-fit | 30 ms | jax 24 ms | 0.80 |" in found  # what is lost is shown
    assert "lstm-fit" not in found and "add" not in found
    assert "commit abc, Some CPU" in found
    assert tool.figures("# Performance\n## How it is measured\n") == tool.NOTHING
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert tool.renewed(readme, page) == readme
