"""Which code may be compiled: the verdict alone."""

from __future__ import annotations

import dis
import gc
import weakref
from typing import Any

import pytest

import lamina as tf
from lamina._inspect import classify
from lamina._inspect.opcodes import ALLOWED, OPEN

from .snippets import CLOSED, SNIPPETS, Snippet


def roots_of(case: Any) -> list[Any]:
    """What a step of the case's model is made of."""
    model = case.model()
    optimizer = case.optimizer()
    model.compile(optimizer=optimizer, loss=case.loss, metrics=case.metrics)
    if case.prepare is not None:
        case.prepare(model)
    model.predict(tf.zeros([1, 3]))
    compiled = model._compilation
    return [model, *compiled.losses, *(function for _, function in compiled.metrics), optimizer]


# Code of which only the trace tells that it is open.
UNSEEN = {"a_list_that_the_code_fills"}


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda s: s.name)
def test_verdict(snippet: Snippet) -> None:
    verdict = classify(*roots_of(snippet.make()))
    if snippet.kind == CLOSED or snippet.name in UNSEEN:
        assert verdict.closed, verdict.reason
        assert verdict.guards.hold(), verdict.guards.broken()
    else:
        assert not verdict.closed
        assert snippet.word in verdict.reason
        assert "; " in verdict.reason
    assert verdict.custom == (snippet.name != "an_initializer")


def test_there_are_enough_of_both_kinds() -> None:
    kinds = [snippet.kind for snippet in SNIPPETS]
    assert len(kinds) >= 40
    assert min(kinds.count("closed"), kinds.count("open")) >= 18


def test_each_instruction_is_in_one_list() -> None:
    shown = {name for name in dis.opmap if not name.startswith("INSTRUMENTED_")}
    assert shown - ALLOWED - OPEN == set()
    assert set() == ALLOWED & OPEN


NUMBER, OTHER = 1000.5, 2000.5


def test_guards_follow_what_the_code_reads() -> None:
    """Each kind of guard, broken and mended."""
    free = 10.5
    outer = lambda x: x  # noqa: E731

    def loss(a: Any, b: Any, factor: float = 1.5, *, power: float = 2.5) -> Any:
        return outer(a.sub(b).mul(NUMBER).mul(free).mul(factor).pow(power).mul(len(a.shape)))

    verdict = classify(loss)
    assert verdict.closed
    guards = verdict.guards
    assert guards.hold()

    def set_free(value: float) -> None:
        nonlocal free
        free = value

    space = globals()
    changes: list[tuple[Any, Any]] = [
        (lambda: space.update(NUMBER=OTHER), lambda: space.update(NUMBER=number)),
        (lambda: space.update(len=number), lambda: space.pop("len")),
        (lambda: set_free(1.0), lambda: set_free(kept_free)),
        (lambda: setattr(loss, "__defaults__", (3.5,)), lambda: setattr(loss, "__defaults__", defaults)),
        (lambda: loss.__kwdefaults__.update(power=3.5), lambda: loss.__kwdefaults__.update(power=power)),
        (
            lambda: setattr(loss, "__code__", loss.__code__.replace(co_name="other")),
            lambda: setattr(loss, "__code__", code),
        ),
        (
            lambda: setattr(outer, "__code__", outer.__code__.replace(co_name="other")),
            lambda: setattr(outer, "__code__", inner_code),
        ),
    ]
    number, kept_free, defaults, code, inner_code = (
        NUMBER, free, loss.__defaults__, loss.__code__, outer.__code__,
    )  # fmt: skip
    assert loss.__kwdefaults__ is not None
    power = loss.__kwdefaults__["power"]
    for change, mend in changes:
        change()
        assert not guards.hold()
        assert guards.broken()
        mend()
        assert guards.hold(), guards.broken()


def test_guards_of_classes_and_containers() -> None:
    class Mixin:
        factor = 1.5

    class Plain(Mixin, tf.layers.Layer):
        className = "Plain"

        def __init__(self) -> None:
            super().__init__({})
            self.parts = [1.0, 2.0]
            self.named = {"a": 1.0, "b": 2.0}

        def call(self, inputs: Any) -> Any:
            return inputs.mul(self.factor).mul(self.parts[0]).mul(self.named["a"])

    layer = Plain()
    for change in (
        lambda: setattr(Mixin, "factor", 2.5),
        lambda: setattr(Plain, "factor", 2.5),
        lambda: delattr(Mixin, "factor"),
        lambda: setattr(Plain, "computeMask", lambda self, inputs, mask: None),
        lambda: setattr(Plain, "__bases__", (tf.layers.Layer,)),
        lambda: layer.parts.append(3.0),
        layer.parts.reverse,
        layer.parts.clear,
        lambda: layer.named.update(c=1.0),
        lambda: layer.named.update(a=3.0),
        lambda: layer.named.update(a=layer.named.pop("a")),
    ):
        Mixin.factor = 1.5
        verdict = classify(layer)
        assert verdict.closed, verdict.reason
        assert verdict.guards.hold(), verdict.guards.broken()
        change()
        assert not verdict.guards.hold()


def test_guards_do_not_keep_what_they_watch_alive() -> None:
    class Held(tf.layers.Layer):
        className = "Held"

    def make() -> Any:
        layer = Held({})
        verdict = classify(lambda a, b: layer.apply(a))
        assert verdict.closed
        # The layer holds its own guards, as a model does.
        layer.kept_verdict = verdict  # type: ignore[attr-defined]
        return weakref.ref(layer)

    found = make()
    gc.collect()
    assert found() is None


@pytest.mark.parametrize(
    "given",
    [
        1,
        ["item"],
        [("other", {}, "a", 1)],
        [("item", [], "a", 1)],
        [("cell", {}, None, 1)],
        [("list", [], None, [])],
    ],
    ids=str,
)
def test_wrong_guards_are_refused(given: Any) -> None:
    from lamina import _core

    with pytest.raises((TypeError, ValueError)):
        _core.Guards(given)


def public_functions() -> list[tuple[str, Any]]:
    """Every function and factory that `tf` and its namespaces offer."""
    found = []
    for name in dir(tf):
        value = getattr(tf, name)
        if name.startswith("_"):
            continue
        if type(value).__name__ == "module":
            found += [
                (f"{name}.{inner}", getattr(value, inner))
                for inner in dir(value)
                if not inner.startswith("_")
            ]
        else:
            found.append((name, value))
    return [
        (name, value)
        for name, value in found
        if callable(value) and not isinstance(value, type) and name != "util.assert"
    ]


def test_what_looks_at_the_outside_is_open() -> None:
    """Of Lamina's own functions: those that a step may call are closed, the others named here are open."""
    opened = set()
    for name, _ in public_functions():
        code = compile(f"lambda a, b: tf.{name}(a, b)", "made", "eval")
        if not classify(eval(code, {"tf": tf})).closed:
            opened.add(name)
    for name in (
        "util.now",
        "time",
        "memory",
        "env",
        "profile",
        "print",
        "variable",
        "nextFrame",
        "sequential",
    ):
        assert name in opened
    for name in ("layers.dense", "train.sgd", "setRandomSeed", "util.shuffle", "loadLayersModel", "backend"):
        assert name in opened
    for name in (
        "add",
        "square",
        "randomNormal",
        "losses.huberLoss",
        "metrics.mse",
        "tidy",
        "grad",
        "tensor",
    ):
        assert name not in opened
    for name in ("image.threshold", "linalg.qr", "fused.matMul", "util.clamp", "regularizers.l2", "moments"):
        assert name not in opened


def test_an_unknown_python_runs_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lamina._inspect.opcodes.VERSIONS", ())
    assert not classify(lambda a, b: a.sub(b)).closed
    # Lamina's own code needs no look at it.
    assert classify(tf.layers.dense({"units": 1})).closed


def test_any_shape_of_objects_is_walked() -> None:
    """Cycles, long chains, and objects that raise when they are looked at."""

    class Linked(tf.layers.Layer):
        className = "Linked"

        def call(self, inputs: Any) -> Any:
            return inputs

    first = last = Linked({})
    for _ in range(3000):
        last.next = Linked({})  # type: ignore[attr-defined]
        last = last.next  # type: ignore[attr-defined]
    last.next = first  # type: ignore[attr-defined]
    around: dict[str, Any] = {"a": [1.0]}
    around["self"] = around
    around["a"].append(around)
    first.around = around  # type: ignore[attr-defined]
    verdict = classify(first)
    assert verdict.closed, verdict.reason
    assert len(verdict.objects) == 3001
    last.setCallHook(lambda inputs, kwargs: None)
    assert "call hook" in str(classify(first).reason)


def test_what_cannot_be_inspected_is_open() -> None:
    class Raises:
        @property
        def __module__(self) -> str:  # type: ignore[override]
            raise KeyError("of its own")

        def __call__(self, a: Any, b: Any) -> Any:
            return a.sub(b)

    raises = Raises()
    assert not classify(raises).closed
    assert not classify(lambda a, b: raises(a, b).mul(2.0)).closed


def test_enumerations_of_laminas_are_closed() -> None:
    verdict = classify(lambda a, b: tf.losses.meanSquaredError(a, b, None, tf.losses.Reduction.SUM))
    assert verdict.closed, verdict.reason
    assert verdict.guards.hold()


def test_what_guards_cannot_watch_is_open() -> None:
    """A function in another function's clothes has no code that could be compared."""
    from lamina import _core

    clothed = _core.border(lambda a, b: a.sub(b))
    verdict = classify(clothed)
    assert not verdict.closed
    assert "cannot be watched" in str(verdict.reason)
