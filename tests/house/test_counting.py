"""What a whole run counts: nothing is lost, nothing skips unseen, in one process and on workers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.counting import FILE
from support.suites import outcome, run_suite
from support.tools import ROOT

FOUR = "@pytest.mark.parametrize('n', range(4))\n"
PROCESSES = pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["one process", "a worker"])


def run_area(
    tmp_path: Any, counts: dict[str, Any] | None, source: str, *options: str, **variables: str
) -> Any:
    """A suite with one folder of tests, of which so much is expected."""
    if counts is not None:
        (tmp_path / "area").mkdir()
        (tmp_path / "area" / FILE).write_text(json.dumps(counts))
    return run_suite(tmp_path, source, *options, file="area/test_it.py", **variables)


def test_every_folder_says_what_it_expects():
    folders = {path.parent for path in (ROOT / "tests").glob("*/test_*.py")}
    assert len(folders) > 15
    assert [folder.name for folder in folders if not (folder / FILE).exists()] == []


@PROCESSES
def test_a_test_that_does_not_run_fails_the_run(tmp_path, workers):
    lost = "def pytest_runtest_protocol(item, nextitem): return 'test_one[2]' in item.nodeid or None\n"
    (tmp_path / "area").mkdir()
    (tmp_path / "area" / "conftest.py").write_text(lost)
    done = run_area(tmp_path, None, FOUR + "def test_one(n): pass\n", *workers)
    assert done.returncode == 1
    assert "1 of 4 tests were collected and did not run: ['area/test_it.py::test_one[2]']" in done.stdout


def test_a_run_that_stops_early_is_not_blamed(tmp_path):
    done = run_area(tmp_path, None, FOUR + "def test_one(n): assert 0\n", "-x", "-n", "1")
    assert done.returncode != 0
    assert "did not run" not in done.stdout


SKIPS = "@pytest.mark.parametrize('n', range(3))\ndef test_one(n): pytest.skip(f'no {n // 2} here')\n"


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({"skipped": {"no 0 here": 2, "no 1*": 1}}, ""),
        ({"may_skip": {"no * here": None}}, ""),
        ({"may_skip": {"no 0 here": 5, "no 1 here": 1}}, ""),
        (
            {"may_skip": {"no 0 here": 2}},
            "test_one[2] skips, which area/counts.json does not know: no 1 here",
        ),
        ({"may_skip": {"no * here": 2}}, "area: 3 skips of at most 2: no * here"),
        (
            {"skipped": {"no 0 here": 3}, "may_skip": {"no 1*": 1}},
            "area: 2 skips where 3 are expected: no 0 here",
        ),
    ],
)
def test_skips_are_those_that_are_expected(tmp_path, counts, told):
    done = run_area(tmp_path, counts, SKIPS)
    assert done.returncode == bool(told), done.stdout
    assert told in done.stdout


def test_skips_of_workers_are_added_up(tmp_path):
    done = run_area(tmp_path, {"may_skip": {"no * here": 2}}, SKIPS, "-n", "2")
    assert done.returncode == 1
    assert "area: 3 skips of at most 2: no * here" in done.stdout


@PROCESSES
def test_a_module_that_skips_is_counted(tmp_path, workers):
    source = "pytest.skip('nothing here', allow_module_level=True)\ndef test_one(): pass\n"
    done = run_area(tmp_path, {"tests": 1}, source, *workers)
    assert "area/test_it.py skips, which area/counts.json does not know: nothing here" in done.stdout


def test_too_few_tests_fail_the_run(tmp_path):
    source = FOUR + "def test_one(n): pass\n"
    done = run_area(tmp_path, {"tests": 5}, source)
    assert done.returncode == 1
    assert "area: 4 tests, at least 5 are expected" in done.stdout
    # A choice of tests is none of the folder's.
    assert run_suite(tmp_path, source, "-k", "1", file="area/test_it.py").returncode == 0


def test_questions_of_all_workers_are_added_up(tmp_path, tfjs):
    assert tfjs.version()
    source = FOUR + "def test_asks(tfjs, n):\n    assert tfjs.eval('1 + 1') == 2\n"
    done = run_area(tmp_path, {"tfjs": 5}, source, "-n", "2", LAMINA_EXPECT_TFJS="5")
    assert "TensorFlow.js was asked 4 times (eval 4)" in done.stdout
    assert "area: 4 questions to TensorFlow.js, at least 5 are expected" in done.stdout
    assert "LAMINA_EXPECT_TFJS=5: too few questions asked" in done.stdout
    assert done.returncode == 1


def test_the_guards_work_on_workers(tmp_path):
    """A leak, a test that hangs, one that cannot be interrupted: each fails by name, and the next runs."""
    done = run_suite(
        tmp_path,
        "def test_leaks():\n    lamina.kept = lamina.Tensor()\n"
        "@pytest.mark.watchdog(0.5)\ndef test_waits():\n    time.sleep(5)\n"
        "def test_next():\n    pass\n"
        "import signal\nfrom support import watchdog\nwatchdog.HARD_EXTRA_S = 0.5\n"
        "@pytest.mark.watchdog(0.5)\n"
        "def test_hangs():\n"
        "    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\n    time.sleep(5)\n",
        "-n",
        "1",
    )
    assert outcome(done) == "2 failed, 2 passed, 1 error", done.stdout
    assert "watchdog: test_it.py::test_waits ran past 0.5 s" in done.stderr
    assert "crashed while running 'test_it.py::test_hangs'" in done.stdout
    assert "Timeout" in done.stderr
