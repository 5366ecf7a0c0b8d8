"""Saves in forks of this process, each with one system call tampered with, for test_killed_saves.py.

killing.py LIBRARY: reads requests as lines of JSON {mode, n, target}, and answers {returncode, stderr}.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
import tempfile
from typing import Any, NoReturn

import lamina as tf
import lamina.io.files
from support.nets import NETS, array

BEGIN, END = 999001, 999002

# Two shards.
lamina.io.files.SHARD_BYTES = 200


def mark(number: int) -> None:
    with contextlib.suppress(OSError):
        os.close(number)


def save(model: Any, target: str | None) -> int:
    """Between the two marks; without a target nothing at all."""
    mark(BEGIN)
    try:
        if target is None:
            pass
        elif target.endswith(".lamina"):
            model.exportProgram(target).result()
        else:
            model.save(target, includeOptimizer=True).result()
    except OSError as error:
        os.write(2, f"errno {error.errno}".encode())
        return 1
    finally:
        mark(END)
    return 0


def followed(library: ctypes.CDLL, model: Any, target: str | None, stderr: int) -> NoReturn:
    """In the fork."""
    code = 70
    try:
        os.dup2(stderr, 2)
        library.be_followed()
        code = save(model, target)
    except BaseException as error:
        os.write(2, repr(error).encode())
    finally:
        os._exit(code)


def main() -> None:
    library = ctypes.CDLL(sys.argv[1])
    # The weights + 1.
    model = NETS[0].model("adam")
    model.setWeights([array(w) + 1 for w in model.getWeights()])
    # What is imported on the way opens files, too.
    with tempfile.TemporaryDirectory() as elsewhere:
        model.save(elsewhere, includeOptimizer=True).result()
        model.exportProgram(f"{elsewhere}/net.lamina").result()
    for line in sys.stdin:
        request = json.loads(line)
        with tempfile.TemporaryFile() as stderr:
            process = os.fork()
            if process == 0:
                followed(library, model, request["target"], stderr.fileno())
            code = library.follow(process, request["mode"].encode(), ctypes.c_long(request["n"]))
            stderr.seek(0)
            print(json.dumps({"returncode": code, "stderr": stderr.read().decode()}), flush=True)


if __name__ == "__main__":
    assert tf.getNumThreads() == 1
    main()
