"""The weights of layers: a variable with the name it is saved under and the constraint it obeys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from .. import _core
from ..changes import Observed, toggle
from ..errors import DisposedError
from .naming import next_id, scoped_name, unique_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .._core import Tensor, Variable
    from ..constraints import Constraint

__all__ = ["LayerVariable", "apply_constraints", "count_params"]

# By the name of the variable, which is unique, as optimizers know variables only.
_constrained: WeakValueDictionary[str, LayerVariable] = WeakValueDictionary()


_OPERATORS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")


def _of_value(name: str) -> Any:
    """An operator of a weight: that of its value."""

    def apply(self: LayerVariable, other: Any) -> Any:
        return getattr(self.val, name)(other.val if isinstance(other, LayerVariable) else other)

    return apply


class LayerVariable(Observed):
    """A weight. `originalName` ("dense_Dense1/kernel") names it in files, `name` is unique in the process.

    `val` is the tf.Variable; read() returns it for use in operations, write() assigns to it.
    """

    def __init__(
        self,
        val: Tensor,
        dtype: str | None = None,
        name: str = "Variable",
        *,
        trainable: bool = True,
        constraint: Constraint | None = None,
    ) -> None:
        self.id = next_id()
        self.originalName = scoped_name(name)
        self.name = unique_name(self.originalName)
        self.constraint = constraint
        self._trainable = trainable
        self.val: Variable = _core.Variable(val, trainable, self.name, dtype or "float32")
        if constraint is not None:
            _constrained[self.name] = self

    def __lamina_tensor__(self) -> Variable:
        """What operations take where a weight is given in place of its value."""
        return self.val

    def __array__(self, *arguments: Any, **keywords: Any) -> Any:
        return self.val.__array__(*arguments, **keywords)

    def __getitem__(self, index: Any) -> Any:
        return self.val[index]

    def __neg__(self) -> Any:
        return -self.val

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.val.shape)

    @property
    def dtype(self) -> str:
        return str(self.val.dtype)

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, trainable: bool) -> None:
        self._trainable = trainable
        self.val.trainable = trainable
        toggle(self)

    def read(self) -> Variable:
        """The variable, for use in operations."""
        self._assert_not_disposed()
        return self.val

    def write(self, value: Any) -> LayerVariable:
        """Assigns a tensor (or array) of the same shape, then applies the constraint."""
        self._assert_not_disposed()
        if value is self.val:
            return self
        if not isinstance(value, _core.Tensor):
            value = _core.tensor(value, None, self.dtype)
        if tuple(value.shape) != self.shape:
            raise ValueError(f"{self.originalName}: Shape mismatch: {self.shape} vs. {tuple(value.shape)}.")
        self.val.assign(value)
        self.constrain()
        return self

    def constrain(self) -> None:
        """Applies the constraint to the current value."""
        if self.constraint is not None:
            self.val.assign(self.constraint.apply(self.val))

    def dispose(self) -> None:
        """Frees the variable. A second time is an error."""
        self._assert_not_disposed()
        self.val.dispose()

    def _assert_not_disposed(self) -> None:
        if self.val.isDisposed:
            raise DisposedError(f"LayersVariable {self.name} is already disposed.")

    def __repr__(self) -> str:
        return f"<weight {self.name} {self.dtype}{list(self.shape)}>"


for _name in _OPERATORS:
    for _form in (f"__{_name}__", f"__r{_name}__"):
        setattr(LayerVariable, _form, _of_value(_form))


def apply_constraints(variables: Iterable[Variable]) -> None:
    """Applies the constraints of those variables that belong to layers; for optimizers, after an update."""
    if _constrained:
        for variable in variables:
            weight = _constrained.get(variable.name)
            if weight is not None and weight.val is variable:
                weight.constrain()


def count_params(weights: Iterable[LayerVariable]) -> int:
    """How many numbers the weights hold."""
    return sum(weight.val.size for weight in weights)
