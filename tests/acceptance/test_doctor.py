"""`python -m lamina doctor`: a report that names the installation, and a self-test that notices."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

import lamina as tf
from lamina import _core, doctor

from .programs import run


def test_the_report_says_what_a_reader_asks_first():
    ended = run([sys.executable, "-m", "lamina", "doctor"])
    assert (ended.code, ended.err) == (0, "")
    facts = dict(line.split(maxsplit=1) for line in ended.lines)
    assert facts["Lamina"].startswith(tf.__version__)
    assert ".".join(map(str, sys.version_info[:3])) in facts["Python"]
    assert f"level {_core.active_level()}" in facts["CPU"]
    assert re.match(r"\d+ \(CPUs of the machine: \d+\)", facts["threads"])
    assert "MiB" in facts["memory"]
    assert re.fullmatch(r"passed in \d+ ms", facts["self-test"])


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break in another way there")
@pytest.mark.parametrize("arguments", [["doctor"], ["--isa"], ["--version"], ["--help"], ["run", "FILE"]])
def test_nobody_reads_on(arguments, tmp_path):
    """`python -m lamina doctor | head -1`, where head has gone before anything is written."""
    program = tmp_path / "program.py"
    program.write_text("for i in range(100_000):\n    print(i)\n")
    words = [str(program) if each == "FILE" else each for each in arguments]
    read, write = os.pipe()
    os.close(read)
    try:
        command = [sys.executable, "-m", "lamina", *words]
        ended = subprocess.run(command, check=False, stdout=write, stderr=subprocess.PIPE, timeout=60)
    finally:
        os.close(write)
    assert (ended.returncode, ended.stderr) == (141, b"")


def test_another_broken_pipe_is_an_error(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import os\nread, write = os.pipe()\nos.close(read)\nos.write(write, b'lost')\n")
    ended = run([sys.executable, "-m", "lamina", "run", str(program)])
    assert ended.code == 1
    assert "BrokenPipeError" in ended.err


def test_settings_are_shown_and_the_user_is_not(monkeypatch, tmp_path):
    monkeypatch.setenv("LAMINA_SEED", "7")
    package = os.path.dirname(os.path.abspath(doctor.__file__))
    monkeypatch.setenv("HOME", os.path.dirname(os.path.dirname(package)))
    lines: list[str] = []
    assert doctor.report(lines.append)
    text = "\n".join(lines)
    assert "LAMINA_SEED=7" in text
    assert os.environ["HOME"] not in text
    assert f"~{os.sep}" in text


def test_the_self_test_takes_a_fifth_of_a_second():
    """Computing time, as others may use the machine; and it leaves no tensor behind."""
    from time import process_time

    tf.setNumThreads(1)
    try:
        took = []
        for _ in range(3):
            start = process_time()
            assert doctor.self_test() == []
            took.append(process_time() - start)
    finally:
        tf.setNumThreads(len(os.sched_getaffinity(0)))
    assert min(took) <= 0.2


@pytest.mark.parametrize(
    ("name", "broken", "word"),
    [
        ("exp", lambda x: _core.ops.mul(x, 1.001), "exp is off by"),
        ("softmax", lambda x: x / 0.0, "softmax is off by"),
        ("sum", None, "TypeError"),
    ],
    ids=["wrong", "not a number", "raises"],
)
def test_wrong_kernels_are_noticed(monkeypatch, name, broken, word):
    right = getattr(_core.ops, name)

    def op(x):
        if x.dtype == "float64":
            return right(x)
        return right() if broken is None else broken(x)

    class Ops:
        def __getattr__(self, other):
            return op if other == name else getattr(_core.ops, other)

    class Core:
        ops = Ops()

        def __getattr__(self, other):
            return getattr(_core, other)

    monkeypatch.setattr(doctor, "_core", Core())
    lines: list[str] = []
    assert not doctor.report(lines.append)
    assert any(line.startswith("FAILED") and word in line for line in lines)
    assert lines[-1].startswith("self-test  1 of 3 failed")
