"""The suite's own guards catch what they are there for."""

from __future__ import annotations

import pytest

from support.suites import outcome, run_suite


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("    t = lamina.Tensor()", "1 passed"),
        ("    t = [lamina.Tensor()]; t.append(t)", "1 passed"),
        ("    lamina.kept = lamina.Tensor()", "1 passed, 1 error"),
        ("    lamina.alive.append(1)", "1 passed, 1 error"),
        ("    t = lamina.Tensor(); assert not t", "1 failed"),
    ],
    ids=["freed", "cycle", "kept", "raw", "failing tests are not blamed twice"],
)
def test_leaks_are_found(tmp_path, body, expected):
    done = run_suite(tmp_path, f"def test_one():\n{body}\n")
    assert outcome(done) == expected, done.stdout


def test_a_failure_does_not_shift_the_blame(tmp_path):
    done = run_suite(
        tmp_path,
        "def test_fails():\n    t = lamina.Tensor()\n    assert not t\n"
        "def test_clean():\n    t = lamina.Tensor()\n"
        "@pytest.fixture\ndef held():\n    return lamina.Tensor()\n"
        "def test_fixture(held):\n    pass\n",
    )
    assert outcome(done) == "1 failed, 2 passed", done.stdout


def test_too_few_tensors_are_found_as_well(tmp_path):
    done = run_suite(
        tmp_path,
        "held = lamina.Tensor()\ndef test_one():\n    global held\n    held = None\n",
    )
    assert outcome(done) == "1 passed, 1 error", done.stdout
    assert "live tensors 1 -> 0" in done.stdout


def test_opting_out_needs_a_reason(tmp_path):
    leak = "def test_{}():\n    lamina.alive.append(1)\n"
    done = run_suite(
        tmp_path,
        "@pytest.mark.no_leak_check(reason='on purpose')\n"
        + leak.format("allowed")
        + "@pytest.mark.no_leak_check\n"
        + leak.format("refused"),
    )
    assert outcome(done) == "1 passed, 1 error", done.stdout
    assert "needs reason=" in done.stdout


def test_a_hanging_test_fails_by_name(tmp_path):
    done = run_suite(
        tmp_path,
        "@pytest.mark.watchdog(0.5)\ndef test_hangs():\n    time.sleep(5)\ndef test_next():\n    pass\n",
    )
    assert outcome(done) == "1 failed, 1 passed", done.stdout
    assert "watchdog: test_it.py::test_hangs ran past 0.5 s" in done.stderr
    assert "Current thread" in done.stderr


def test_a_test_that_cannot_be_interrupted_ends_the_run(tmp_path):
    done = run_suite(
        tmp_path,
        "import signal\nfrom support import watchdog\nwatchdog.HARD_EXTRA_S = 0.5\n"
        "@pytest.mark.watchdog(0.5)\n"
        "def test_hangs():\n"
        "    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\n    time.sleep(5)\n",
    )
    assert done.returncode != 0
    assert "Timeout" in done.stderr


ASKS = "def test_asks(tfjs):\n    assert tfjs.eval('1 + 1') == 2\n"


def test_without_node_the_oracle_skips(tmp_path):
    done = run_suite(tmp_path, ASKS, PATH="")
    assert outcome(done) == "1 skipped", done.stdout


def test_a_required_node_that_is_missing_fails(tmp_path):
    done = run_suite(tmp_path, ASKS, PATH="", LAMINA_REQUIRE_NODE="1")
    assert outcome(done) == "1 error", done.stdout
    assert "LAMINA_REQUIRE_NODE=1: Node.js is not installed" in done.stdout


def test_too_few_questions_fail_the_run(tmp_path, tfjs):
    assert tfjs.version()
    enough = run_suite(tmp_path, ASKS, LAMINA_EXPECT_TFJS="1")
    assert enough.returncode == 0, enough.stdout
    assert "TensorFlow.js was asked 1 times (eval 1)" in enough.stdout
    short = run_suite(tmp_path, ASKS, LAMINA_EXPECT_TFJS="2")
    assert short.returncode == 1
    assert "too few questions asked" in short.stdout
