"""TensorFlow.js, asked from Python: NumPy arrays go in, NumPy arrays come out.

tfjs.op("matMul", a, b)                       tfjs.op(".reshape", a, [2, 3])
tfjs.grad("matMul", [a, b], wrt=(0, 1), dy=dy).grads
tfjs.layer("dense", {"units": 3}, x, weights=[k, b], dy=dy).grad_weights
tfjs.train({"topology": t, "weights": w, "compile": {...}}, batches=[(x, y)]).losses
tfjs.eval("tf.mul(a, 2)", a=a)
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from .wire import UNDEFINED, Js, decode, encode

__all__ = ["UNDEFINED", "Js", "Tfjs", "TfjsError", "TfjsMissing", "TfjsTimeout"]

INTEROP = Path(__file__).resolve().parent.parent / "interop"
PACKAGE = INTEROP / "node_modules" / "@tensorflow" / "tfjs" / "package.json"


class TfjsError(Exception):
    """TensorFlow.js threw; `name` is the class of the JavaScript error."""

    def __init__(self, message: str, name: str) -> None:
        super().__init__(message)
        self.name = name


class TfjsTimeout(Exception):
    """No answer in time; the process was ended and the next question starts a new one."""


class TfjsMissing(Exception):
    """Node or the npm package is not there."""


def node_required() -> bool:
    return os.environ.get("LAMINA_REQUIRE_NODE") == "1"


def ensure_installed() -> str:
    """The path of Node; runs `npm ci` once where the packages are missing."""
    node = shutil.which("node")
    if node is None:
        raise TfjsMissing("Node.js is not installed (no `node` on PATH)")
    if not PACKAGE.exists():
        with _alone():
            _install_packages()
    return node


def _install_packages() -> None:
    if PACKAGE.exists():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise TfjsMissing(f"run `npm ci` in {INTEROP}: there is no `npm` on PATH")
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts"], cwd=INTEROP, capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode or not PACKAGE.exists():
        raise TfjsMissing(f"`npm ci` failed in {INTEROP}: {done.stderr.strip()[-500:]}")


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One worker of the test run at a time."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with open(INTEROP / "package.json", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


class Result(SimpleNamespace):
    """An answer's fields as attributes (camelCase turned to snake_case)."""


def _result(answer: dict[str, Any]) -> Result:
    return Result(**{"".join("_" + c.lower() if c.isupper() else c for c in k): v for k, v in answer.items()})


class Tfjs:
    """A running TensorFlow.js. `asked` counts the questions by kind, `logs` is what the last one printed."""

    def __init__(self, timeout: float = 60.0) -> None:
        self.timeout = timeout
        self.asked: Counter[str] = Counter()
        self.logs: list[str] = []
        self._ids = itertools.count()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._stderr: list[str] = []
        self._readers: list[threading.Thread] = []

    # --- questions ---

    def op(self, name: str | Js, *args: Any) -> Any:
        """`tf[name](...args)`; dots reach into namespaces, a leading dot means a method of the first."""
        return self.ask("op", name=name, args=list(args))

    def grad(self, name: str | Js, args: Any, *, wrt: Any = None, dy: Any = None, v: Any = None) -> Result:
        """value, grads: d<f(args), dy>/d args[i], i in wrt; with `v` second: the same of sum <grads_i, v_i>.

        An unconnected gradient is None. `dy` is a list where the op has several outputs.
        """
        args = list(args)
        if wrt is None:
            wrt = [i for i, a in enumerate(args) if hasattr(a, "dtype")]
        if isinstance(wrt, int):
            wrt = [wrt]
        v = None if v is None else _as_list(v)
        return _result(self.ask("grad", name=name, args=args, wrt=list(wrt), dy=dy, v=v))

    def layer(
        self,
        class_name: str,
        config: dict[str, Any] | None,
        inputs: Any,
        *,
        weights: Any = None,
        dy: Any = None,
        calls: int = 1,
        **kwargs: Any,
    ) -> Result:
        """outputs, weights (after the call), weight_names, output_shapes, config.

        With `dy` also grad_inputs and grad_weights (in the order of trainable_weight_names).
        `class_name` is a class ("LSTM") or a factory ("lstm"); kwargs (training=True, ...) go to apply().
        `calls` repeats the call, for layers that keep state.
        """
        dy = None if dy is None else _as_list(dy)
        return _result(
            self.ask(
                "layer",
                className=class_name,
                config=config or {},
                inputs=_as_list(inputs),
                weights=None if weights is None else list(weights),
                dy=dy,
                kwargs=kwargs,
                calls=calls,
            )
        )

    def train(self, model: dict[str, Any], batches: Any = (), fit: dict[str, Any] | None = None) -> Result:
        """losses of trainOnBatch over `batches` of (x, y), then weights, weight_names, optimizer_weights.

        `model`: topology | dir | code, and weights, compile: {optimizer, loss, metrics}; optimizer is
        a string, {"name": "sgd", "args": [0.1]} or {"className": "Adam", "config": {"learningRate": 0.1}}.
        `fit`: {x, y, config} is passed to model.fit (shuffle off): history, epoch, params.
        """
        return _result(self.ask("train", **model, batches=[list(b) for b in batches], fit=fit))

    def predict(
        self, model: dict[str, Any], inputs: Any = None, *, evaluate: Any = None, **config: Any
    ) -> Result:
        """outputs (a list), config, weights, names and shapes; `evaluate`: (x, y, options) gives scores."""
        inputs = None if inputs is None else _as_list(inputs)
        return _result(self.ask("predict", **model, inputs=inputs, config=config, evaluate=evaluate))

    def load(self, path: Any, inputs: Any = None, **config: Any) -> Result:
        """`predict` of the model.json in a directory (or at a path)."""
        return self.predict({"dir": str(path)}, inputs, **config)

    def save(self, path: Any, model: dict[str, Any], **config: Any) -> Any:
        """Has TensorFlow.js write the model into a directory; config: includeOptimizer, trainableOnly."""
        return self.ask("save", **model, target=str(path), config=config)

    def eval(self, code: str, **values: Any) -> Any:
        """An expression, or a body with `return`; may await.

        In scope: tf, the named values, helpers.loadModel(dir), helpers.saveModel(model, dir).
        """
        return self.ask("eval", code=code, names=list(values), values=list(values.values()))

    def version(self) -> str:
        return str(self.ask("version"))

    # --- the conversation ---

    def batch(self, questions: Sequence[tuple[str, dict[str, Any]]], values: bool = True) -> list[Any]:
        """Many questions at once, each a kind and its fields; where one fails its answer is a TfjsError.

        values: False gives None for answers, where only the errors matter.

        batch([("op", {"name": "abs", "args": [x]}), ("grad", {"name": "abs", "args": [x], "wrt": [0]})])
        """
        lines = [{"kind": kind, **{k: encode(v) for k, v in fields.items()}} for kind, fields in questions]
        line = json.dumps({"id": next(self._ids), "kind": "batch", "questions": lines})
        with self._lock:
            self.asked.update(kind for kind, _ in questions)
            answers = json.loads(self._exchange(line))["result"]
        return [
            TfjsError(answer["error"], answer["name"])
            if "error" in answer
            else decode(answer["result"])
            if values
            else None
            for answer in answers
        ]

    def ask(self, kind: str, **request: Any) -> Any:
        line = json.dumps({"id": next(self._ids), "kind": kind, **{k: encode(v) for k, v in request.items()}})
        with self._lock:
            self.asked[kind] += 1
            answer = json.loads(self._exchange(line))
        self.logs = answer["logs"]
        if "error" in answer:
            raise TfjsError(answer["error"], answer["name"])
        return decode(answer["result"])

    def _exchange(self, line: str) -> str:
        process = self._running()
        assert process.stdin is not None
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
            answer = self._answers.get(timeout=self.timeout)
        except queue.Empty:
            self.close()
            raise TfjsTimeout(f"TensorFlow.js gave no answer in {self.timeout} s to {line[:300]}") from None
        except BrokenPipeError:
            answer = None
        if answer is None:
            said = "".join(self._stderr[-20:])
            self.close()
            raise TfjsMissing(f"the TensorFlow.js process ended: {said}")
        return answer

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            node = ensure_installed()
            self._answers = queue.Queue()
            self._stderr = []
            self._process = subprocess.Popen(
                [node, str(INTEROP / "oracle.mjs")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                # Ctrl-C sent to the terminal by a test is not meant for the oracle.
                start_new_session=True,
                env={k: v for k, v in os.environ.items() if k not in ("NODE_OPTIONS", "LD_PRELOAD")},
            )
            self._readers = [
                threading.Thread(target=target, args=(self._process, self._answers), daemon=True)
                for target in (self._read_answers, self._read_errors)
            ]
            for reader in self._readers:
                reader.start()
        return self._process

    @staticmethod
    def _read_answers(process: subprocess.Popen[str], answers: queue.Queue[str | None]) -> None:
        assert process.stdout is not None
        with contextlib.suppress(ValueError):
            for line in process.stdout:
                answers.put(line)
        answers.put(None)

    def _read_errors(self, process: subprocess.Popen[str], _answers: object) -> None:
        assert process.stderr is not None
        with contextlib.suppress(ValueError):
            for line in process.stderr:
                self._stderr.append(line)

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for reader in self._readers:
            reader.join(1.0)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
