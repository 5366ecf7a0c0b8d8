"""`python -m lamina doctor`: what a report about this installation has to say, and whether it computes."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from . import _core

__all__ = ["report", "self_test"]

# What Lamina uses when it is there, or is compared with.
COMPANIONS = ("numpy", "h5py", "fsspec", "httpx", "matplotlib", "mpi4py")
# Of max|reference|, for what single precision gives at these sizes.
TOLERANCE = 1e-5


def report(write: Callable[[str], Any] = print) -> bool:
    """Writes the report line by line through `write`; whether the self-test passed."""
    for name, text in _facts():
        write(f"{name:<10} {text}")
    start = perf_counter()
    failed = self_test()
    took = f"{1000 * (perf_counter() - start):.0f} ms"
    for line in failed:
        write(f"{'FAILED':<10} {line}")
    write(f"{'self-test':<10} {f'{len(failed)} of {len(CHECKS)} failed' if failed else 'passed'} in {took}")
    return not failed


def _facts() -> Iterator[tuple[str, str]]:
    from . import __version__

    yield "Lamina", f"{__version__} in {_short(os.path.dirname(os.path.abspath(__file__)))}"
    yield "Python", f"{platform.python_implementation()} {platform.python_version()}{_gil()}"
    libc = " ".join(platform.libc_ver())
    yield "system", f"{platform.platform()}{f', {libc}' if libc else ''}"
    levels = [level for level in _core.available_levels() if level != "ref64"]
    yield "CPU", f"{_cpu_name()}; level {_core.active_level()} of {', '.join(levels)}"
    yield "threads", f"{_core.num_threads()} (CPUs of the machine: {os.cpu_count()})"
    yield "memory", _memory()
    settings = [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith("LAMINA_")]
    yield "settings", " ".join(settings) or "none in the environment"
    yield "beside it", ", ".join(_companions()) or "nothing"


def _short(path: str) -> str:
    """A path without the name of its user."""
    home = os.path.expanduser("~")
    return "~" + path[len(home) :] if path.startswith(home + os.sep) else path


def _gil() -> str:
    enabled = getattr(sys, "_is_gil_enabled", None)
    return "" if enabled is None else f", GIL {'on' if enabled() else 'off'}"


def _lines_of(path: str) -> dict[str, str]:
    """A file of `name: value` lines; empty where there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            pairs = [line.partition(":") for line in file]
    except OSError:
        return {}
    return {name.strip(): value.strip() for name, _, value in pairs}


def _cpu_name() -> str:
    return _lines_of("/proc/cpuinfo").get("model name") or platform.processor() or platform.machine()


def _memory() -> str:
    machine, process = _lines_of("/proc/meminfo"), _lines_of("/proc/self/status")
    counted = _core.memory()
    parts = [f"{counted['numTensors']} tensors, {counted['numBytes']} bytes"]
    if "VmRSS" in process:
        parts.append(f"this process {_mebibytes(process['VmRSS'])}")
    if "MemTotal" in machine:
        total, free = _mebibytes(machine["MemTotal"]), _mebibytes(machine.get("MemAvailable", "0 kB"))
        parts.append(f"the machine {total}, {free} of it available")
    return "; ".join(parts)


def _mebibytes(text: str) -> str:
    return f"{int(text.split(maxsplit=1)[0]) // 1024} MiB"


def _companions() -> Iterator[str]:
    from importlib.metadata import PackageNotFoundError, version

    for name in COMPANIONS:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"no {name}"


# ---- the self-test ----------------------------------------------------------------------------------------


def self_test() -> list[str]:
    """What is wrong with this installation, one line for each check that failed."""
    failed = []
    for check in CHECKS:
        name = (check.__doc__ or "").rstrip(".")
        try:
            found = check()
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
        if found:
            failed.append(f"{name}: {found}")
    return failed


def _numbers(*shape: int) -> Any:
    """Numbers of both signs, the same ones each time."""
    size = 1
    for dim in shape:
        size *= dim
    return _core.ops.sin(_core.ops.range(1, size + 1, 1, "float32")).reshape(shape)


def _kernels() -> str | None:
    """Kernels agree with the reference in double."""
    ops = _core.ops
    a, b, image, filters = _numbers(37, 29), _numbers(29, 31), _numbers(2, 9, 9, 3), _numbers(3, 3, 3, 5)
    cases: dict[str, tuple[Callable[..., Any], list[Any]]] = {
        "matMul": (ops.matMul, [a, b]),
        "softmax": (ops.softmax, [a]),
        "sum": (ops.sum, [a]),
        "exp": (ops.exp, [a]),
        "conv2d": (lambda x, w: ops.conv2d(x, w, 1, "same"), [image, filters]),
    }
    for name, (function, given) in cases.items():
        wanted = function(*map(_core.to_reference, given))._to_flat_list()
        found = function(*given)._to_flat_list()
        worst = max(abs(x - y) for x, y in zip(found, wanted, strict=True))
        # Written so that NaN does not pass.
        if not worst <= TOLERANCE * max(map(abs, wanted)):
            return f"{name} is off by {worst:.3g}"
    return None


def _threads() -> str | None:
    """Any number of threads gives the same bits."""
    x = _numbers(512, 256)
    before = _core.num_threads()
    results = []
    try:
        for count in (1, 2):
            _core.set_num_threads(count)
            results.append(bytes(memoryview(_core.ops.matMul(x, x, True))))
    finally:
        _core.set_num_threads(before)
    return None if results[0] == results[1] else "matMul differs"


def _line() -> Any:
    from .layers import dense
    from .models import sequential

    model = sequential(layers=[dense(units=1, inputShape=[1])])
    model.compile(optimizer="sgd", loss="meanSquaredError")
    return model


def _training() -> str | None:
    """A line is learned and survives its file."""
    import tempfile

    from .models import loadLayersModel

    xs, ys = _core.tensor([[1.0], [2.0], [3.0], [4.0]]), _core.tensor([[1.0], [3.0], [5.0], [7.0]])
    model, point = _line(), _core.tensor([[5.0]])
    loaded = None
    try:
        model.fit(xs, ys, epochs=1000, verbose=0).result()
        found = float(model.predict(point))
        with tempfile.TemporaryDirectory() as folder:
            model.save(folder).result()
            loaded = loadLayersModel(folder).result()
        again = float(loaded.predict(point))
    finally:
        model.dispose()
        if loaded is not None:
            loaded.dispose()
    if not abs(found - 9) < 0.2:
        return f"f(5) = {found:.4g}, expected about 9"
    return None if again == found else f"f(5) = {found!r} before, {again!r} after"


CHECKS: tuple[Callable[[], str | None], ...] = (_kernels, _threads, _training)
