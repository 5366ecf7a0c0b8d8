"""The installed C++ interface, asked for as a user does, and programs built against it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from support.tools import ROOT

CONSUMER = ROOT / "tests" / "cpp" / "consumer"


def environment() -> dict[str, str]:
    """That of a child which imports the same lamina as this process."""
    import lamina

    package = Path(lamina.__file__).resolve().parent.parent
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(package), os.environ.get("PYTHONPATH", "")])}


def ask(*arguments: str) -> str:
    """What `python -m lamina ...` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "lamina", *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def run(*command: object, cwd: Path | None = None) -> str:
    """What a program prints; its failure is the test's."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, cwd=cwd
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def clang() -> str | None:
    """The newest clang++ there is."""
    names = ["clang++", *(f"clang++-{version}" for version in range(30, 12, -1))]
    return next(filter(None, map(shutil.which, names)), None)


def tool(name: str) -> str | None:
    """A program beside the interpreter, as pip installs it, or on the path."""
    return shutil.which(name, path=os.path.dirname(sys.executable)) or shutil.which(name)


def build(source: Path, folder: Path, cmake_dir: str, compiler: str | None = None) -> Path:
    """Configures and builds a CMake project against the package; the folder of its programs."""
    cmake, ninja = tool("cmake"), tool("ninja")
    assert cmake is not None, "the tests of the C++ interface need CMake (pip install cmake)"
    options = [f"-Dlamina_DIR={cmake_dir}", "-DCMAKE_BUILD_TYPE=Debug"]
    if compiler is not None:
        options.append(f"-DCMAKE_CXX_COMPILER={compiler}")
    if ninja is not None:
        options += ["-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={ninja}"]
    run(cmake, "-S", source, "-B", folder, *options)
    run(cmake, "--build", folder)
    return folder
