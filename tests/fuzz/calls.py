"""Calls of all public functions with hostile arguments: `python tests/fuzz/calls.py CALLS [SEED] [SECONDS]`.

A process of its own makes each thousand calls, with bounded memory and in a folder of its own. It must not
die and not hang, and every error must be an Exception other than SystemError. Exit status 0: so it was; else
the output says which call of which seed it was, and `calls.py 1000 SEED` makes the same ones again.
"""

from __future__ import annotations

import faulthandler
import os
import random
import subprocess
import sys
import tempfile
import time
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CALLS_OF_A_PROCESS = 1000
SECONDS_OF_A_CALL = 60
MEMORY = 6 << 30
# What is no matter of arguments: these change the process for all later calls, or reach outside of it.
NOT_CALLED = {
    f"tf.{name}"
    for name in (
        "setMemoryLimit setBackend ready enableDebugMode enableProdMode setNumThreads disposeVariables "
        "profile time engine env io.browserHTTPRequest io.http data.webcam data.microphone distributed.init "
        "nextFrame"
    ).split()
}


def functions() -> dict[str, Callable[..., Any]]:
    """Whatever can be called under tf, its namespaces, and as a method of a tensor."""
    import lamina as tf

    found: dict[str, Callable[..., Any]] = {}
    seen: set[int] = set()

    def collect(owner: Any, path: str) -> None:
        for name in sorted(set(dir(owner)) | set(getattr(owner, "__all__", ()))):
            where = f"{path}.{name}"
            if name.startswith("_") or where in NOT_CALLED:
                continue
            each = getattr(owner, name, None)
            if isinstance(each, types.ModuleType):
                if each.__name__.startswith("lamina.") and id(each) not in seen and path.count(".") < 1:
                    seen.add(id(each))
                    collect(each, where)
            elif callable(each) and getattr(each, "__module__", "lamina").startswith("lamina"):
                found[where] = each

    collect(tf, "tf")
    for name in sorted(dir(tf.Tensor)):
        each = getattr(tf.Tensor, name)
        if callable(each) and (not name.startswith("_") or name in OPERATORS):
            found[f"Tensor.{name}"] = each
    return found


_OPERATORS = "add sub mul truediv floordiv mod pow matmul radd rsub rmul and or xor lt le eq ne gt ge getitem"
OPERATORS = {f"__{name}__" for name in _OPERATORS.split()}


def calls(seed: int) -> Iterator[tuple[str, Callable[[], Any]]]:
    from fuzz.hostile import Around, tensor, value

    named = functions()
    names = sorted(named)
    draw = random.Random(seed)
    while True:
        name = draw.choice(names)
        around = Around(random.Random(draw.randrange(2**60)))
        args = [value(around) for _ in range(draw.choice([0, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6]))]
        if name.startswith("Tensor."):
            args.insert(0, tensor(around))
        function = named[name]

        def call(function: Callable[..., Any] = function, args: list[Any] = args) -> Any:
            return function(*args)

        yield name, call


def make(count: int, seed: int, note: Path) -> None:
    """In the process of their own."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.enable()
    warnings.simplefilter("ignore")
    sys.path.insert(0, str(HERE.parent))
    import lamina as tf

    with note.open("w") as file:
        for number, (name, call) in enumerate(calls(seed)):
            if number == count:
                break
            file.seek(0)
            file.write(f"{number} {name}".ljust(80))
            file.flush()
            faulthandler.dump_traceback_later(SECONDS_OF_A_CALL, exit=True)
            try:
                result = call()
                if isinstance(result, tf.Promise):
                    result.catch(lambda error: None)
                    result.cancel()
            except SystemError:
                raise
            except Exception:  # what kind is the functions' own tests' matter
                pass
            finally:
                faulthandler.cancel_dump_traceback_later()
    # Nothing is waited for.
    os._exit(0)


def run(count: int, seed: int) -> str | None:
    """What went wrong in a process of so many calls."""
    with tempfile.TemporaryDirectory() as folder:
        note = Path(folder) / "note"
        note.touch()
        # Tracebacks are shortened, as for people.
        environment = {name: value for name, value in os.environ.items() if name != "LAMINA_TRACEBACK"}
        command = [sys.executable, __file__, "--make", str(count), str(seed), str(note)]
        limit = count * 0.5 + 2 * SECONDS_OF_A_CALL
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"seed {seed}, call {note.read_text().strip()}: does not end"
        if done.returncode == 0:
            return None
        last = "\n".join(done.stderr.strip().splitlines()[-25:])
        return f"seed {seed}, call {note.read_text().strip()}: exit status {done.returncode}\n{last}"


def main(count: int, seed: int, seconds: float) -> int:
    start, made, failed = time.monotonic(), 0, 0
    while made < count and time.monotonic() - start < seconds:
        some = min(CALLS_OF_A_PROCESS, count - made)
        problem = run(some, seed + made // CALLS_OF_A_PROCESS)
        if problem:
            failed += 1
            print(problem, flush=True)
        made += some
    print(f"{made} calls of {len(functions())} functions, {failed} processes of them failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1] == "--make":
        make(int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
    numbers = [*sys.argv[1:], *["1000", "1", "inf"][len(sys.argv) - 1 :]]
    sys.exit(main(int(numbers[0]), int(numbers[1]), float(numbers[2])))
