"""tf.grad and its relatives, on the core's tape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _core
from ._borders import border
from .results import AttrDict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ._core import Tensor, Variable

__all__ = ["customGrad", "grad", "grads", "valueAndGrad", "valueAndGrads", "variableGrads"]

_DISCONNECTED = (
    "Cannot compute gradient of y=f(x) with respect to x. Make sure that the f you passed encloses all "
    "operations that lead from x to y."
)


def _function(f: Any, name: str) -> None:
    if not callable(f):
        raise TypeError(f"The f passed in {name}(f) must be a function, but got {f!r:.60}")


def _tensor(x: Any) -> Tensor:
    return x if isinstance(x, _core.Tensor) else _core.tensor(x)


def _value_and_grads(
    name: str, f: Callable[..., Any], xs: Sequence[Tensor], dy: Any
) -> tuple[Tensor, list[Any]]:
    with _core.Tape() as tape:
        for x in xs:
            tape.watch(x)
        y = f(*xs)
    if not isinstance(y, _core.Tensor):
        raise TypeError(f"The result y returned by f() in {name}(f) must be a tensor, but got {y!r:.60}")
    found = tape.gradient(y, xs, None if dy is None else _tensor(dy))
    if not xs:
        raise ValueError(_DISCONNECTED)
    for i, g in enumerate(found):
        if g is None:
            raise ValueError(f"{_DISCONNECTED} The result does not depend on {_parameter(f, i, len(xs))}.")
    return y, found


def _parameter(f: Callable[..., Any], index: int, count: int) -> str:
    """What an error calls the argument of f at a place."""
    from inspect import Parameter, signature

    if count == 1:
        return "x"
    try:
        parameters = list(signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    named = index < len(parameters) and parameters[index].kind is not Parameter.VAR_POSITIONAL
    return f"input {index} ('{parameters[index].name}')" if named else f"input {index}"


def grad(f: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    """The derivative of f: a function g(x, dy=None) that gives dy * df/dx, of x's shape.

    Without dy, f(x) is weighted by ones. g is differentiable itself: tf.grad(tf.grad(f)).

    Raises ValueError when f(x) does not depend on x or dy has another shape than f(x).
    """
    _function(f, "grad")

    def gradient(x: Any, dy: Any = None) -> Tensor:
        found: Tensor = _value_and_grads("grad", f, [_tensor(x)], dy)[1][0]
        return found

    return border(gradient)


def grads(f: Callable[..., Tensor]) -> Callable[..., list[Tensor]]:
    """Like grad() for a function of several tensors: g([x1, x2, ...], dy=None) gives a list of gradients."""
    _function(f, "grads")

    def gradients(args: Sequence[Any], dy: Any = None) -> list[Tensor]:
        return _value_and_grads("grads", f, _arguments(args, "grads"), dy)[1]

    return border(gradients)


def valueAndGrad(f: Callable[[Tensor], Tensor]) -> Callable[..., AttrDict[Any]]:
    """Like grad(), but the function gives {"value": f(x), "grad": gradient}."""
    _function(f, "valueAndGrad")

    def both(x: Any, dy: Any = None) -> AttrDict[Any]:
        value, found = _value_and_grads("valueAndGrad", f, [_tensor(x)], dy)
        return AttrDict(grad=found[0], value=value)

    return border(both)


def valueAndGrads(f: Callable[..., Tensor]) -> Callable[..., AttrDict[Any]]:
    """Like grads(), but the function gives {"value": f(x1, x2, ...), "grads": gradients}."""
    _function(f, "valueAndGrads")

    def both(args: Sequence[Any], dy: Any = None) -> AttrDict[Any]:
        value, found = _value_and_grads("valueAndGrads", f, _arguments(args, "valueAndGrads"), dy)
        return AttrDict(grads=found, value=value)

    return border(both)


def _arguments(args: Any, name: str) -> list[Tensor]:
    if isinstance(args, _core.Tensor) or not hasattr(args, "__iter__"):
        raise TypeError(f"The args passed in {name}(f)(args) must be a list of tensors, but got {args!r:.60}")
    return [_tensor(x) for x in args]


def variableGrads(f: Callable[[], Tensor], varList: Sequence[Variable] | None = None) -> AttrDict[Any]:
    """{"value": f(), "grads": {name of the variable: gradient}} for a function f() that returns a scalar.

    varList: the variables to differentiate by; by default all trainable ones, those too that f() makes
    (layers build their weights when they are first applied). Variables that f() does not use are left out of
    grads.

    Raises ValueError when f() uses none of them, or returns no scalar.
    """
    _function(f, "variableGrads")
    if varList is not None and (
        isinstance(varList, _core.Tensor) or not all(isinstance(v, _core.Variable) for v in varList)
    ):
        raise TypeError("The varList passed in variableGrads(f, varList) must be a list of variables")
    variables = None if varList is None else _trainable(varList)
    with _core.Tape() as tape:
        if variables is None:
            tape.watch_variables()
        else:
            for v in variables:
                tape.watch(v)
        value = f()
    if not isinstance(value, _core.Tensor):
        raise TypeError(f"The f passed in variableGrads(f) must return a tensor, but returned {value!r:.60}")
    if variables is None:
        variables = tape.variables(value) or _trainable(list(_core.registeredVariables().values()))
    if value.rank != 0:
        raise ValueError(
            "The f passed in variableGrads(f) must return a scalar, but it returned a rank-"
            f"{value.rank} tensor"
        )
    found = tape.gradient(value, variables)
    if all(g is None for g in found):
        raise ValueError(
            "Cannot find a connection between any variable and the result of the loss function y=f(x). "
            "Please make sure the operations that use variables are inside the function f passed to "
            "minimize()."
        )
    named = {v.name: g for v, g in zip(variables, found, strict=True) if g is not None}
    return AttrDict(value=value, grads=AttrDict(named))


def _trainable(variables: Sequence[Variable]) -> list[Variable]:
    """Those of the variables that are trainable. Raises ValueError where none is."""
    found = [v for v in variables if v.trainable]
    if not found:
        raise ValueError(
            "variableGrads() expects at least one of the input variables to be trainable, but none of the "
            f"{len(variables)} variables is trainable."
        )
    return found


def customGrad(f: Callable[..., Any]) -> Callable[..., Tensor]:
    """A function with a gradient of its own.

    f(*inputs, save) returns {"value": tensor, "gradFunc": function}; gradFunc(dy, saved) returns the gradient
    of each input (one tensor, or a list for several inputs). save([tensors]) hands tensors to gradFunc as
    `saved`.
    """
    _function(f, "customGrad")

    def wrapped(*inputs: Any) -> Tensor:
        tensors = [_tensor(x) for x in inputs]
        kept: list[Tensor] = []

        def save(saved: Sequence[Tensor]) -> None:
            for each in saved:
                if not isinstance(each, _core.Tensor):
                    raise TypeError(f"save() in customGrad(f) takes a list of tensors, but got {each!r:.60}.")
                kept.append(each)

        value, rule = _custom_result(f(*tensors, save))

        def backward(dys: list[Tensor]) -> list[Tensor]:
            found = rule(dys[0], kept)
            listed = list(found) if isinstance(found, (list, tuple)) else [found]
            for gradient in listed:
                if not isinstance(gradient, _core.Tensor):
                    raise TypeError(
                        "The gradFunc of a function passed in customGrad(f) must return a tensor for each "
                        f"input of f, but returned {gradient!r:.60} ({type(gradient).__name__})."
                    )
            if len(listed) != len(tensors):
                raise ValueError(
                    "The function f passed in customGrad(f) must return an object where `obj.gradFunc` is a "
                    f"function that returns as many tensors as f has inputs: {len(tensors)}, but it returned "
                    f"{len(listed)}."
                )
            return listed

        # The value under an identity of its own: its way back is the rule alone.
        own = _core.identity(value)
        _core.record_custom(tensors, [own], backward)
        return own

    return wrapped


def _custom_result(result: Any) -> tuple[Tensor, Callable[..., Any]]:
    try:
        value, rule = result["value"], result["gradFunc"]
    except (TypeError, KeyError):
        value, rule = getattr(result, "value", None), getattr(result, "gradFunc", None)
    if not isinstance(value, _core.Tensor):
        raise TypeError(
            "The function f passed in customGrad(f) must return an object where `obj.value` is a tensor"
        )
    if not callable(rule):
        raise TypeError(
            "The function f passed in customGrad(f) must return an object where `obj.gradFunc` is a function."
        )
    return value, rule
