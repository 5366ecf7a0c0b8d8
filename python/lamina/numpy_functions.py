"""What NumPy's own functions do with tensors: `np.sqrt(t)` is a tensor, `np.sum(t)` NumPy's result."""

from __future__ import annotations

import operator
from typing import Any

from . import _core
from ._convert import as_tensor

__all__: list[str] = []

ops = _core.ops

# Universal functions by NumPy's name, where the operation of a tensor is another spelling of the same.
_OPERATORS = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "true_divide": operator.truediv, "floor_divide": operator.floordiv, "remainder": operator.mod,
    "power": operator.pow, "matmul": operator.matmul, "negative": operator.neg, "absolute": operator.abs,
    "equal": operator.eq, "not_equal": operator.ne, "less": operator.lt, "less_equal": operator.le,
    "greater": operator.gt, "greater_equal": operator.ge, "bitwise_and": operator.and_,
    "bitwise_or": operator.or_, "bitwise_xor": operator.xor, "invert": operator.invert,
}  # fmt: skip
_NAMES = {
    "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh", "arctan": "atan",
    "arctan2": "atan2", "arctanh": "atanh", "ceil": "ceil", "cos": "cos", "cosh": "cosh", "exp": "exp",
    "expm1": "expm1", "floor": "floor", "isfinite": "isFinite", "isinf": "isInf", "isnan": "isNaN",
    "log": "log", "log1p": "log1p", "logical_and": "logicalAnd", "logical_not": "logicalNot",
    "logical_or": "logicalOr", "logical_xor": "logicalXor", "maximum": "maximum", "minimum": "minimum",
    "reciprocal": "reciprocal", "rint": "round", "sign": "sign", "sin": "sin", "sinh": "sinh",
    "sqrt": "sqrt", "square": "square", "tan": "tan", "tanh": "tanh",
}  # fmt: skip


def _array_ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
    """A tensor, from the operation of the same meaning; for reductions and with `out`, NumPy's result."""
    name = ufunc.__name__
    into_array = "out" in keywords and not any(isinstance(each, _core.Tensor) for each in keywords["out"])
    if into_array or method != "__call__":
        return getattr(ufunc, method)(*map(_arrays_in, inputs), **keywords)
    function: Any = _OPERATORS.get(name)
    if function is None and name in _NAMES:
        function = getattr(ops, _NAMES[name])
    if function is None or keywords:
        raise TypeError(
            f"numpy.{name} does not work on tensors: take np.asarray(tensor), or a function of tf for a "
            "result with a gradient."
        )
    return function(*map(as_tensor, inputs))


def _array_function(self: Any, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """NumPy's other functions see the tensors as arrays, and give arrays."""
    return func(*_arrays_in(args), **_arrays_in(kwargs))


def _arrays_in(value: Any) -> Any:
    if isinstance(value, _core.Tensor):
        return value.__array__()
    if isinstance(value, (list, tuple)):
        return type(value)([_arrays_in(each) for each in value])
    if isinstance(value, dict):
        return {key: _arrays_in(each) for key, each in value.items()}
    return value


def _round(self: Any, ndigits: int | None = None) -> Any:
    """The tensor with all elements rounded to whole numbers, halves to even ones."""
    if ndigits:
        raise TypeError("round() of a tensor takes no digits: it rounds to whole numbers.")
    return ops.round(self)


def _divmod(self: Any, other: Any) -> tuple[Any, Any]:
    return self // other, self % other


def _reflected_divmod(self: Any, other: Any) -> tuple[Any, Any]:
    return other // self, other % self


def _format(self: Any, spec: str) -> str:
    """The tensor's text; with a format, the single value that it holds."""
    if not spec:
        return str(self)
    if self.size != 1:
        raise TypeError(
            f"The format {spec!r} is for one value, but the tensor has shape {list(self.shape)}; use "
            "arraySync()."
        )
    return format(self._to_flat_list()[0], spec)


def _attach() -> None:
    methods: dict[str, Any] = {
        "__array_function__": _array_function, "__array_ufunc__": _array_ufunc, "__divmod__": _divmod,
        "__format__": _format, "__rdivmod__": _reflected_divmod, "__round__": _round,
    }  # fmt: skip
    for name, method in methods.items():
        setattr(_core.Tensor, name, method)


_attach()
