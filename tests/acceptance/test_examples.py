"""The small examples do what they say."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from support.nets import close
from support.tools import ROOT

from .programs import Ended, run

EXAMPLES = ROOT / "examples"
# Those with tests of their own: test_digits.py, test_first_program.py.
ELSEWHERE = {"digits", "hello", "hello_async", "hello_keras"}
HERE = {"skip_connection", "training_loop", "sequence", "browser"}


# A model that is not compiled says so.
RUNNER = """
import logging, runpy, sys
logging.basicConfig(level=logging.INFO)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def example(name: str, *arguments: str, cwd: Path | None = None) -> Ended:
    ended = run([sys.executable, "-c", RUNNER, str(EXAMPLES / f"{name}.py"), *arguments], cwd=cwd)
    assert ended.code == 0, ended.err
    assert ended.err == ""
    return ended


def number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    assert found is not None, text
    return float(found[1])


def test_every_example_is_tested():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == ELSEWHERE | HERE


def test_spirals_are_told_apart_with_skip_connections():
    shown = example("skip_connection").out
    assert number(r"on the right spiral: ([\d.]+) %", shown) >= 95
    # A straight network has one source a layer; here paths meet.
    assert "Receives inputs" in shown


def test_a_loop_of_ones_own_finds_the_parabola():
    shown = example("training_loop").out
    found = re.search(r"y = ([-\d.]+) x\^2 \+ ([-\d.]+) x \+ ([-\d.]+)", shown)
    assert found is not None
    assert [float(each) for each in found.groups()] == [2, -3, 1]
    assert number(r"the largest gradient there is (\S+)", shown) < 1e-3


def test_a_recurrent_network_remembers():
    assert number(r"remembered in ([\d.]+) %", example("sequence").out) >= 99


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("site")
    return folder / "model", example("browser", "--out", str(folder / "model")).out


def test_the_browser_gets_what_was_trained(site, tfjs):
    folder, shown = site
    ours = number(r"f\(0.5\) = ([\d.]+)", shown)
    assert abs(ours - np.sin(1.5)) < 0.05
    body = """
      const model = await helpers.loadModel(folder);
      return model.predict(tf.tensor2d([[0.5]]));
    """
    assert close(np.asarray(tfjs.eval(body, folder=str(folder))), np.full((1, 1), ours), 1e-4)


def test_the_page_asks_for_what_is_there(site):
    folder, _ = site
    page = (folder / "index.html").read_text(encoding="utf-8")
    asked = set(re.findall(r"getElementById\('(\w+)'\)", page))
    assert asked == set(re.findall(r'id="(\w+)"', page))
    assert set(re.findall(r"loadLayersModel\('([^']+)'\)", page)) == {"model.json"}
    assert (folder / "model.json").exists()


@pytest.mark.watchdog(60)
def test_the_folder_is_served_until_ctrl_c(tmp_path):
    command = [sys.executable, str(EXAMPLES / "browser.py"), "--out", str(tmp_path / "m"), "--serve", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        address = None
        while address is None:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            address = re.match(r"(http://\S+),", line)
        for file in ("index.html", "model.json"):
            with urllib.request.urlopen(f"{address[1]}/{file}", timeout=10) as answer:
                assert answer.status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()
