"""The repository obeys its rules, and the scripts that say so notice when it does not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.tools import ROOT, load


@pytest.mark.parametrize("script", ["check_includes", "check_imports", "check_files"])
def test_repository_is_clean(script):
    assert load(script).check(ROOT) == []


def test_stubs_are_fresh():
    script = ROOT / "tools" / "make_stubs.py"
    if not script.exists():
        pytest.skip("the stub generator does not exist yet")
    done = subprocess.run(
        [sys.executable, str(script), "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


HEADERS = {
    "cpp/core/shape.h": "",
    "cpp/core/threads.h": "",
    "cpp/simd/vec.h": "",
    "cpp/kernels/table.h": "",
    "cpp/ops/op.h": "",
}


@pytest.mark.parametrize(
    ("file", "target", "word"),
    [
        ("cpp/ops/add.cpp", "kernels/table.h", None),
        ("cpp/ops/add.cpp", "op.h", None),
        ("cpp/kernels/gemm.cpp", "core/threads.h", None),
        ("cpp/kernels/gemm.cpp", "../simd/vec.h", None),
        ("cpp/kernels/gemm.cpp", "core/shape.h", "kernels must not include core/shape.h"),
        ("cpp/simd/math.h", "core/shape.h", "simd must not include core/shape.h"),
        ("cpp/kernels/isa.cpp", "core/shape.h", None),
        ("cpp/kernels/isa.cpp", "ops/op.h", "kernels must not include ops/op.h"),
        ("cpp/core/pool.cpp", "ops/op.h", "core must not include ops/op.h"),
        ("cpp/core/pool.cpp", "../ops/op.h", "core must not include ops/op.h"),
        ("cpp/core/pool.cpp", "nowhere.h", "not a file"),
        ("cpp/novel/x.cpp", "core/shape.h", "no place in ORDER"),
    ],
)
def test_upward_includes(tmp_path, file, target, word):
    write(tmp_path, {**HEADERS, file: f'#include <vector>\n  #  include "{target}"\n'})
    found = load("check_includes").check(tmp_path)
    assert len(found) == (word is not None)
    assert word is None or word in found[0]


@pytest.mark.parametrize(
    ("file", "line", "target"),
    [
        ("layers/core.py", "from ..errors import ValueError", None),
        ("models/training.py", "from ..layers import core", None),
        ("layers/core.py", "from . import base", None),
        (
            "layers/core.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  from ..models import x",
            None,
        ),
        ("layers/core.py", "import numpy", None),
        ("layers/core.py", "from ..models import training", "models.training"),
        ("layers/core.py", "from .. import models", "models"),
        ("layers/core.py", "def f():\n    from lamina.models.training import fit", "models.training"),
        ("layers/core.py", "import lamina.models", "models"),
        ("layers/core.py", "import lamina", "__init__"),
        ("errors.py", "from . import layers", "layers"),
        ("losses.py", "from . import metrics", "metrics"),
    ],
)
def test_upward_imports(tmp_path, file, line, target):
    modules = ["errors", "losses", "metrics", "__init__", "models/__init__", "models/training"]
    modules += ["layers/__init__", "layers/base", "layers/core"]
    write(tmp_path, {f"python/lamina/{m}.py": "" for m in modules})
    write(tmp_path / "python" / "lamina", {file: line + "\n"})
    found = load("check_imports").check(tmp_path)
    assert len(found) == (target is not None)
    assert target is None or f"must not import {target}," in found[0]


KERNEL = """
#include <vector>
namespace {{ float helper(float x) {{ return x * 2; }} }}
{extra}
extern "C" float fill_table_v3(float x) {{ return helper(x); }}
"""


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("", []),
        ("float leak(float x) { return x; }", ["exports leak"]),
        ("template <class T> T twice(T x) { return 2 * x; }\ntemplate float twice(float);", ["weak symbol"]),
    ],
    ids=["clean", "export", "weak"],
)
def test_symbols_of_kernel_objects(tmp_path, extra, words):
    compiler = shutil.which(os.environ.get("CXX", "c++"))
    if compiler is None or shutil.which("nm") is None:
        pytest.skip("no C++ compiler")
    write(tmp_path, {"k.cpp": KERNEL.format(extra=extra)})
    objects = tmp_path / "CMakeFiles" / "kernels_v3.dir"
    objects.mkdir(parents=True)
    out = str(objects / "k.cpp.o")
    subprocess.run([compiler, "-O0", "-c", str(tmp_path / "k.cpp"), "-o", out], check=True)
    found = load("check_symbols").check(tmp_path)
    assert len(found) == len(words)
    assert all(word in problem for word, problem in zip(words, found, strict=True))


def test_a_build_without_kernels_is_noticed(tmp_path):
    assert "no kernel objects" in load("check_symbols").check(tmp_path)[0]


def test_long_files_addresses_and_machine_paths(tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    slash = "/"
    write(
        tmp_path,
        {
            "short.py": "x = 1\n" * 500,
            "long.py": "x = 1\n" * 501,
            "data.csv": "1\n" * 5000,
            "requirements/dev.txt": "a @ https:" + "//somewhere/a.whl\n",
            "package-lock.json": '{"resolved": ""}\n',
            "notes.md": f"see {slash}home/me/x\n",
        },
    )
    found = load("check_files").check(tmp_path)
    assert [line.split(":")[0] for line in found] == [
        "long.py",
        "notes.md",
        "package-lock.json",
        "requirements/dev.txt",
    ]
