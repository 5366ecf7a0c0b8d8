#!/usr/bin/env python3
"""Builds the sdist, and from it the wheel of this Python for manylinux_2_28.

    python tools/wheel.py DIST [--native]

Run it with requirements/wheel.txt installed. The compiler is that of the ziglang package: it links against
the symbols of glibc 2.28 wherever it runs, and its libc++ goes as a static one into each library, so no
container is needed. `--native` takes the system's compiler instead; such a wheel fits this machine and newer
ones. auditwheel says what either needs, and refuses a manylinux wheel that needs more.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GLIBC = "2.28"
# What the package may weigh.
MOST_BYTES = 5 * 10**6
NEEDED = (
    "lamina/py.typed",
    "lamina/__init__.pyi",
    "lamina/cmake/laminaConfig.cmake",
    "lamina/include/lamina/lamina.h",
    "lamina/include/lamina/ops.h",
)
SOURCES = {".pyx", ".cpp", ".c", ".o", ".a"}

WRAPPER = """#!/bin/bash
exec {zig} {tool} {target} "${{@/#-march=x86-64-/-march=x86_64_}}"
"""


def run(*command: str | Path, **env: str) -> None:
    print("+", *command, flush=True)
    subprocess.run([str(each) for each in command], check=True, env={**os.environ, **env})


def zig(folder: Path) -> dict[str, str]:
    """The environment of a build by zig, whose commands are written into the folder."""
    # Not `python -m ziglang`: pip builds where this environment's packages are out of sight.
    package = importlib.util.find_spec("ziglang")
    assert package is not None and package.origin is not None, "pip install -r requirements/wheel.txt"
    program = Path(package.origin).parent / "zig"
    target = f"-target {platform.machine()}-linux-gnu.{GLIBC}"
    commands = {}
    for tool in ("cc", "c++", "ar", "ranlib"):
        path = folder / f"zig-{tool}"
        compiles = tool.startswith("c")
        path.write_text(WRAPPER.format(zig=program, tool=tool, target=target if compiles else ""))
        path.chmod(0o755)
        commands[tool] = str(path)
    settings = {"CMAKE_AR": commands["ar"], "CMAKE_RANLIB": commands["ranlib"]}
    # It has no clang-scan-deps, and there are no modules to find.
    settings["CMAKE_CXX_SCAN_FOR_MODULES"] = "OFF"
    # It would link a precompiled header.
    settings["CMAKE_DISABLE_PRECOMPILE_HEADERS"] = "ON"
    return {
        "CC": commands["cc"],
        "CXX": commands["c++"],
        "CMAKE_ARGS": " ".join(f"-D{name}={value}" for name, value in settings.items()),
    }


def problems(wheel: Path) -> list[str]:
    """What is wrong with the wheel's contents."""
    found = []
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    found += [f"{name} is missing" for name in NEEDED if name not in names]
    for kind in ("lamina/_core", "lamina/_rows", "lamina/lib/liblamina.so."):
        if not any(name.startswith(kind) for name in names):
            found.append(f"{kind}* is missing")
    found += [f"{name} has no business there" for name in names if Path(name).suffix in SOURCES]
    outside = [name for name in names if not name.startswith(("lamina/", "lamina-"))]
    found += [f"{name} is not in the package" for name in outside]
    size = wheel.stat().st_size
    print(f"{wheel.name}: {size / 1e6:.2f} MB, {len(names)} files")
    if size > MOST_BYTES:
        found.append(f"it weighs more than {MOST_BYTES / 1e6:g} MB")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("dist", type=Path)
    parser.add_argument("--native", action="store_true")
    options = parser.parse_args()
    dist = options.dist.resolve()
    before = set(dist.glob("*.tar.gz"))
    run(sys.executable, "-m", "build", "--sdist", "--outdir", dist, ROOT)
    (sdist,) = set(dist.glob("*.tar.gz")) - before or before
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        env = {} if options.native else zig(folder)
        run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, sdist, **env)
        (raw,) = folder.glob("*.whl")
        run(sys.executable, "-m", "auditwheel", "show", raw)
        if options.native:
            wheel = raw.rename(dist / raw.name)
        else:
            tag = f"manylinux_{GLIBC.replace('.', '_')}_{platform.machine()}"
            # Refuses a wheel that needs anything newer.
            repair = ["repair", "--plat", tag, "--only-plat", "--wheel-dir", dist, raw]
            path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
            run(sys.executable, "-m", "auditwheel", *repair, PATH=path)
            (wheel,) = dist.glob(f"*{tag}.whl")
    found = problems(wheel)
    sys.exit("\n".join(found) or 0)


if __name__ == "__main__":
    main()
