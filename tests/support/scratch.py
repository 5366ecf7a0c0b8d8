"""A copy of the tree that may be broken, built on its own and tested without touching the original."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# An editable install puts itself before sys.path; the copy has to win.
PYTEST = """
import sys
sys.meta_path[:] = [f for f in sys.meta_path if "ScikitBuild" not in type(f).__name__]
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""

BUILT = {".cpp", ".cc", ".h", ".hpp", ".inc", ".pyx", ".pxd", ".cmake"}
TIMED_OUT = 124


class BuildFailed(Exception):
    pass


class Scratch:
    def __init__(self, root: Path, work: Path) -> None:
        self.tree = work / "tree"
        self.build_dir = work / "build"
        self.output = ""
        self.stale = False
        self._copy(root)

    def _copy(self, root: Path) -> None:
        """Only what changed is written, so that a kept build stays incremental."""
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root,
            capture_output=True,
            check=True,
        )
        names = [name for name in listed.stdout.decode().split("\0") if name and (root / name).is_file()]
        for name in names:
            target = self.tree / name
            data = (root / name).read_bytes()
            if not target.exists() or target.read_bytes() != data:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
        for stale in [p for p in self.tree.rglob("*") if p.is_file() and p.suffix in (".py", *BUILT)]:
            if stale.relative_to(self.tree).as_posix() not in names and "node_modules" not in stale.parts:
                stale.unlink()
        modules, link = root / "tests/interop/node_modules", self.tree / "tests/interop/node_modules"
        if modules.exists() and not link.exists():
            link.symlink_to(modules, target_is_directory=True)
        if not (self.tree / ".git").exists():
            subprocess.run(["git", "init", "-q", str(self.tree)], check=True)

    def needs_build(self, file: str) -> bool:
        return Path(file).suffix in BUILT or Path(file).name == "CMakeLists.txt"

    def built(self) -> bool:
        return (self.build_dir / "CMakeCache.txt").exists()

    def build(self) -> None:
        """Builds what changed and puts the extension modules beside the copy's Python files."""
        if not self.built():
            self._configure()
        self._step("cmake", "--build", str(self.build_dir), "--parallel")
        self._step("cmake", "--install", str(self.build_dir), "--prefix", str(self.tree / "python"))

    def _configure(self) -> None:
        pybind = subprocess.run(
            [sys.executable, "-m", "pybind11", "--cmakedir"], capture_output=True, text=True, check=True
        )
        generator = ["-G", "Ninja"] if shutil.which("ninja") else []
        self._step(
            "cmake", "-S", str(self.tree), "-B", str(self.build_dir), *generator,
            "-DCMAKE_BUILD_TYPE=Release", "-DLAMINA_PYTHON=ON", "-DLAMINA_BUILD_TESTS=ON",
            f"-DPython_EXECUTABLE={sys.executable}", f"-Dpybind11_DIR={pybind.stdout.strip()}",
        )  # fmt: skip

    def _step(self, *command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BuildFailed(f"{' '.join(command)}\n{(done.stdout + done.stderr)[-3000:]}")

    def test(self, selection: Sequence[str], limit: float) -> int:
        """0 when all pass; `output` holds what was said."""
        ctests = [s.removeprefix("ctest:") for s in selection if s.startswith("ctest:")]
        pytests = [s for s in selection if not s.startswith("ctest:")]
        code = 0
        if ctests:
            regex = "|".join(ctests)
            command = ["ctest", "--test-dir", str(self.build_dir), "-R", regex, "--no-tests=error"]
            code = self._run(command, limit)
        if pytests and not code:
            options = ["-x", "-q", "-p", "no:cacheprovider", "--no-header"]
            code = self._run([sys.executable, "-c", PYTEST, *options, *pytests], limit)
        return code

    def _run(self, command: list[str], limit: float) -> int:
        env = {
            **os.environ,
            "PYTHONPATH": str(self.tree / "python"),
            # Python trusts a cached file whose time and size match; a mutation can keep both.
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        try:
            done = subprocess.run(
                command, cwd=self.tree, env=env, capture_output=True, text=True, timeout=limit, check=False
            )
        except subprocess.TimeoutExpired:
            return TIMED_OUT
        self.output = done.stdout + done.stderr
        return done.returncode
