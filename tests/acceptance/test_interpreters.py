"""Interpreters beside the main one are refused in words, and the main one goes on."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

if "first" in sys.argv:
    import lamina as tf
other = interpreters.create()
said = '''
try:
    import lamina
except ImportError as error:
    print(error)
'''
interpreters.run_string(other, said)
interpreters.destroy(other)
import lamina as tf
assert float(tf.add(1, 2)) == 3
print("works")
"""


def run(*arguments: str) -> list[str]:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_sub_interpreter_is_refused():
    for said in (run(), run("first")):
        assert len(said) == 2
        assert "interpreter" in said[0]
        assert said[1] == "works"
