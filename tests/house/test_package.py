"""What is delivered: one version, metadata that fit the code, an sdist with what a build takes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile

import pytest

import lamina as tf
from support.tools import ROOT, load

if sys.version_info >= (3, 11):
    import tomllib

PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
TOP = {"CMakeLists.txt", "CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml"}
FOLDERS = {"cmake", "cpp", "python"}
KINDS = {".cpp", ".h", ".cmake", ".in", ".map", ".py", ".pyi", ".pyx", ".typed"}


def project() -> dict:
    if sys.version_info < (3, 11):
        pytest.skip("tomllib came with Python 3.11")
    return tomllib.loads(PROJECT)


def test_there_is_one_version():
    cmake = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    found = re.search(r"project\(lamina VERSION (\S+)", cmake)
    assert found is not None
    assert {found[1], project()["project"]["version"]} == {tf.__version__}
    assert re.fullmatch(r"\d+\.\d+\.\d+", tf.__version__)


def test_wheels_are_built_for_every_python_that_is_declared():
    settings = project()
    classified = re.findall(r"Python :: 3\.(\d+)", PROJECT)
    built = [re.fullmatch(r"cp3(\d+)-\*", each) for each in settings["tool"]["cibuildwheel"]["build"]]
    assert sorted(each[1] for each in built if each) == sorted(classified)
    assert all(built)
    lowest = min(map(int, classified))
    assert settings["project"]["requires-python"] == f">=3.{lowest}"
    assert settings["tool"]["mypy"]["python_version"] == f"3.{lowest}"
    images = settings["tool"]["cibuildwheel"]["linux"]
    assert {value for key, value in images.items() if key.startswith("manylinux")} == {"manylinux_2_28"}


def test_only_what_is_imported_is_required():
    required = [re.split(r"[<>=]", each)[0] for each in project()["project"]["dependencies"]]
    sources = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "python").rglob("*.py"))
    # Lamina needs nothing so far: a first dependency is a decision, and changes this line.
    assert required == []
    assert all(re.search(rf"^\s+(from|import) {name}\b", sources, re.MULTILINE) for name in required)


def test_the_sdist_holds_what_a_build_takes(tmp_path, monkeypatch):
    build = pytest.importorskip("scikit_build_core.build", reason="scikit-build-core is not installed")
    monkeypatch.chdir(ROOT)
    made = tmp_path / build.build_sdist(os.fspath(tmp_path))
    with tarfile.open(made) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
    names = [member.name.partition("/")[2] for member in members]
    assert {name for name in names if "/" not in name} == TOP
    assert {name.partition("/")[0] for name in names if "/" in name} == FOLDERS
    inside = [name for name in names if "/" in name]
    assert {os.path.splitext(name)[1] or os.path.basename(name) for name in inside} <= KINDS
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split()
    tracked = {name for name in listed if os.path.exists(name)} | {"PKG-INFO"}
    assert sorted(set(names) - tracked) == []
    needed = {name for name in tracked if name.startswith(("cmake/", "cpp/", "python/"))}
    assert sorted(needed - set(names)) == []


def test_type_checkers_are_told_that_there_are_types():
    """Without this file an installed package's annotations and stubs are passed over."""
    from importlib.resources import files

    assert files("lamina").joinpath("py.typed").is_file()
    assert "Typing :: Typed" in PROJECT


GOOD = [
    "lamina/py.typed", "lamina/__init__.pyi", "lamina/cmake/laminaConfig.cmake",
    "lamina/include/lamina/lamina.h", "lamina/include/lamina/ops.h", "lamina/_core.so",
    "lamina/_rows.so", "lamina/lib/liblamina.so.0",
    "lamina-1.0.dist-info/RECORD",
]  # fmt: skip


@pytest.mark.parametrize(
    ("lost", "more", "told"),
    [
        (None, None, []),
        ("lamina/lib/liblamina.so.0", None, ["lamina/lib/liblamina.so.* is missing"]),
        ("lamina/py.typed", None, ["lamina/py.typed is missing"]),
        (None, "lamina/_rows.pyx", ["lamina/_rows.pyx has no business there"]),
        (None, "lib/libother.so", ["lib/libother.so is not in the package"]),
        (None, "lamina/huge.bin", ["it weighs more than 5 MB"]),
    ],
)
def test_what_is_wrong_with_a_wheel_is_told(tmp_path, lost, more, told):
    path = tmp_path / "lamina-1.0-cp311-cp311-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in [*GOOD, *([more] if more else [])]:
            if name != lost:
                archive.writestr(name, bytes(6_000_000 if "huge" in name else 1))
    assert load("wheel").problems(path) == told
