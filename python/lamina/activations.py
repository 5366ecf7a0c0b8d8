"""Activations: the functions that layers apply to their outputs, by TensorFlow.js' names.

`hardSigmoid` is clip(0.2 x + 0.5, 0, 1), `gelu` the exact form with erf, `gelu_new` the one with tanh.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from . import _core
from .config import Configurable
from .kinds import Kind, Wrong, to_camel_case, to_snake_case
from .serialization import SerializationMap, deserialize, find_class, from_json, serialize, to_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._core import Tensor

__all__ = ["ACTIVATION", "Activation", "activation_names"]

# Activations whose name is not that of their op.
_OPS = {"linear": None, "gelu_new": "geluNew"}
# Those that the fused operations apply to their result while it is in cache.
_FUSED = ("elu", "selu", "relu", "relu6", "linear", "sigmoid", "hardSigmoid", "softplus", "softsign", "tanh")
# Names that only files have.
_KERAS = {"silu": "swish"}
_OTHER = ("softmax", "logSoftmax", "gelu", "gelu_new", "mish", "swish")


class Activation(Configurable):
    """A function of one tensor. Subclasses set `className` and define apply()."""

    # The op's name where fused operations know it.
    fused: ClassVar[str | None] = None

    def apply(self, x: Tensor) -> Tensor:
        """The activated tensor, of the same shape."""
        raise NotImplementedError

    def __call__(self, x: Tensor) -> Tensor:
        return self.apply(x)


class _FunctionActivation(Activation):
    """A function given in place of an activation's name."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        self.function = function

    def apply(self, x: Tensor) -> Tensor:
        return self.function(x)

    def getClassName(self) -> str:
        raise ValueError(
            f"The activation {getattr(self.function, '__name__', self.function)!r} is a plain function and "
            "cannot "
            "be saved: use a subclass of Activation registered with tf.serialization.registerClass()."
        )

    def getConfig(self) -> dict[str, Any]:
        return {}


class _ObjectActivation(_FunctionActivation):
    """A layer in an activation's place, as Keras 3 writes `activation=ReLU(max_value=6)`."""

    def __init__(self, instance: Any) -> None:
        super().__init__(instance.apply)
        self.instance = instance


def _op_activation(name: str) -> type[Activation]:
    op = _OPS.get(name, name)

    def apply(self: Activation, x: Tensor) -> Tensor:
        return x if op is None else getattr(_core.ops, op)(x)

    namespace = {
        "__doc__": f"The activation `{name}`.",
        "className": name,
        "fused": name if name in _FUSED else None,
        "options": (),
        "apply": apply,
    }
    cls = type(to_camel_case(name).capitalize(), (Activation,), namespace)
    SerializationMap.register(cls)
    return cls


_BUILT_IN = {name: _op_activation(name) for name in (*_FUSED, *_OTHER)}
_LINEAR = _BUILT_IN["linear"]()


def activation_names() -> list[str]:
    """The names that an `activation` option takes."""
    return list(_BUILT_IN)


class ActivationKind(Kind):
    """An activation: a name, an Activation or a function of one tensor. Saved by name."""

    expected = 'an activation (a name, such as "relu", or a function)'
    annotation = "ActivationIdentifier"

    def read(self, value: Any) -> Activation:
        if isinstance(value, Activation):
            return value
        if isinstance(value, dict):
            return self._object(value)
        if isinstance(value, str):
            return self._named(value)
        if callable(value):
            built_in = _BUILT_IN.get(getattr(value, "__name__", ""))
            if built_in is not None and value is getattr(
                _core.ops, str(built_in.fused or built_in.className), None
            ):
                return built_in()
            return _FunctionActivation(value)
        raise Wrong

    def _object(self, spec: dict[str, Any]) -> Activation:
        name, config = spec.get("className"), spec.get("config")
        if name == "function" and isinstance(config, str):
            return self._named(config)
        if isinstance(name, str) and (name in _BUILT_IN or not config):
            return self._named(name)
        try:
            made = deserialize(spec, what="activation")
        except ValueError as error:
            raise Wrong(str(error)) from error
        if isinstance(made, Activation):
            return made
        # Of all classes, layers alone are called with a tensor.
        if not callable(made):
            raise Wrong(f"Unknown activation: {name}, which is neither an activation nor a layer.")
        return _ObjectActivation(made)

    def _named(self, name: str) -> Activation:
        built_in = _BUILT_IN.get(name)
        if built_in is not None:
            return built_in()
        try:
            found: Activation = find_class(name, Activation, "activation")()
        except ValueError:
            from ._names import nearest

            near = nearest(name, _BUILT_IN)
            hint = f'; did you mean "{near}"?' if near else f". Known: {', '.join(_BUILT_IN)}."
            raise Wrong(f"Unknown activation: {name}{hint}") from None
        return found

    def serialize(self, value: Activation | None) -> Any:
        if isinstance(value, _ObjectActivation):
            return serialize(value.instance)
        return (value or _LINEAR).getClassName()

    def to_json(self, value: Any) -> Any:
        if isinstance(value, dict):
            return to_json(value)
        return to_snake_case(value) if value in _BUILT_IN else value

    def from_json(self, value: Any) -> Any:
        if isinstance(value, dict):
            if isinstance(value.get("config"), str):
                return self.from_json(value["config"])
            return from_json(value)
        if not isinstance(value, str) or value in _BUILT_IN:
            return value
        # Files spell "hard_sigmoid", and also "ReLU", which TensorFlow.js takes for the layer of that name.
        plain = value.replace("_", "").lower()
        return next(
            (name for name in _BUILT_IN if name.replace("_", "").lower() == plain), _KERAS.get(value, value)
        )


ACTIVATION: ActivationKind = ActivationKind()
