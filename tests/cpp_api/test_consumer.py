"""A program of somebody else finds, compiles, links and uses the library."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lamina.__main__ import main

from . import sdk

# Two compilers work on some thousand lines, perhaps on a busy machine.
pytestmark = [pytest.mark.watchdog(600), pytest.mark.slow]


def test_all_of_the_interface(consumer, tmp_path):
    assert "all checks passed" in sdk.run(consumer, tmp_path)


def test_the_interface_in_c(consumer):
    assert sdk.run(consumer.parent / "consumer_c") == "ok\n"


def test_another_compiler(cmake_dir, tmp_path):
    compiler = sdk.clang()
    if compiler is None:
        pytest.skip("there is no clang++")
    programs = sdk.build(sdk.CONSUMER, tmp_path / "build", cmake_dir, compiler)
    assert "all checks passed" in sdk.run(programs / "consumer", tmp_path)


def test_without_python(tmp_path):
    """What --export-sdk wrote is enough, wherever it goes."""
    told = sdk.ask("--export-sdk", str(tmp_path / "first"))
    assert told.endswith("cmake, include, lib")
    (tmp_path / "first").rename(tmp_path / "moved")
    project = tmp_path / "project"
    project.mkdir()
    (project / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.22...3.31)\nproject(p LANGUAGES CXX)\n"
        "find_package(lamina 0.1 REQUIRED)\nadd_executable(p p.cpp)\n"
        "target_link_libraries(p PRIVATE lamina::lamina)\n"
    )
    (project / "p.cpp").write_text(
        "#include <lamina/lamina.h>\n#include <cstdio>\n"
        'int main() { std::printf("%g", double((lamina::Tensor(2) + 3).item())); }\n'
    )
    programs = sdk.build(project, tmp_path / "build", str(tmp_path / "moved" / "cmake"))
    assert sdk.run(programs / "p") == "5"


def test_include_dir():
    assert (Path(sdk.ask("--include-dir")) / "lamina" / "lamina.h").exists()


def library(cmake_dir: str) -> Path:
    (found,) = (Path(cmake_dir).parent / "lib").glob("liblamina.*")
    return found


def test_only_our_symbols_are_exported(cmake_dir):
    if shutil.which("nm") is None:
        pytest.skip("there is no nm")
    listed = sdk.run("nm", "-D", "--defined-only", library(cmake_dir))
    names = [line.split()[-1].split("@")[0] for line in listed.splitlines()]
    assert len(names) > 40
    assert [name for name in names if not name.startswith("lamina_")] == []


def test_the_header_declares_what_is_exported(cmake_dir):
    header = (Path(sdk.ask("--include-dir")) / "lamina" / "c_api.h").read_text()
    declared = set(re.findall(r"LAMINA_API [^;]*?\b(lamina_\w+)\(", header))
    listed = sdk.run("nm", "-D", "--defined-only", library(cmake_dir))
    assert declared == {line.split()[-1] for line in listed.splitlines()}


def test_soname(cmake_dir):
    path = library(cmake_dir)
    if shutil.which("readelf") is None:
        pytest.skip("there is no readelf")
    dynamic = sdk.run("readelf", "-d", path)
    assert f"soname: [{path.name}]" in dynamic
    # The library stands on the system's own alone.
    assert "python" not in dynamic


def test_a_package_without_it_says_so(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("lamina.sdk.__file__", str(tmp_path / "sdk.py"))
    assert main(["--cmake-dir"]) == 1
    assert "no C++ interface" in capsys.readouterr().err


def test_misuse_is_told():
    for arguments in (["--export-sdk"], ["--cmake-dir", "x"]):
        done = subprocess.run(
            [sdk.sys.executable, "-m", "lamina", *arguments],
            env=sdk.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2 and "usage" in done.stderr
