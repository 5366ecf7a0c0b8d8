"""What a layer holds: its weights, the losses they cause, and their end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..changes import Observed, notify, toggle
from ..errors import DisposedError
from ..initializers import INITIALIZER
from ..results import DisposeResult
from .budget import spend
from .variables import LayerVariable, count_params

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .._core import Tensor
    from ..constraints import Constraint
    from ..initializers import Initializer
    from ..regularizers import Regularizer

__all__ = ["WeightHolder"]


class WeightHolder(Observed):
    """The part of Layer that deals with weights."""

    name: str
    built: bool
    _trainable: bool
    # Whether a model that the layer is part of was frozen after the layer.
    _frozenByModel: bool = False
    _trainableWeights: list[LayerVariable]
    _nonTrainableWeights: list[LayerVariable]
    _addedWeightNames: set[str]
    _losses: list[Callable[[], Tensor]]
    _refCount: int | None
    _fastWeightInit: bool

    @property
    def trainable(self) -> bool:
        """Whether training changes the layer's weights, from the next step on."""
        return self._trainable

    @trainable.setter
    def trainable(self, trainable: bool) -> None:
        for weight in self._trainableWeights:
            weight.trainable = trainable
        self._trainable = trainable
        self._frozenByModel = False
        toggle(self)

    @property
    def _is_frozen(self) -> bool:
        return self._frozenByModel or not self.trainable

    @property
    def trainableWeights(self) -> list[LayerVariable]:
        """The weights that training changes; none where the layer is not trainable."""
        return [w for w in self._trainableWeights if w.trainable] if self.trainable else []

    @trainableWeights.setter
    def trainableWeights(self, weights: list[LayerVariable]) -> None:
        self._trainableWeights = weights
        notify(self)

    @property
    def nonTrainableWeights(self) -> list[LayerVariable]:
        """The weights that training leaves alone."""
        if self.trainable:
            return [w for w in self._trainableWeights if not w.trainable] + self._nonTrainableWeights
        return self._trainableWeights + self._nonTrainableWeights

    @nonTrainableWeights.setter
    def nonTrainableWeights(self, weights: list[LayerVariable]) -> None:
        self._nonTrainableWeights = weights
        notify(self)

    @property
    def weights(self) -> list[LayerVariable]:
        """All weights: first those that training can change, in an order that does not follow `trainable`."""
        trained, fixed = self._weights_by_nature()
        return trained + fixed

    def _weights_by_nature(self) -> tuple[list[LayerVariable], list[LayerVariable]]:
        """What `trainableWeights` and `nonTrainableWeights` are where nothing is frozen."""
        cls = type(self)
        if WeightHolder.trainableWeights is cls.trainableWeights:
            return self._trainableWeights, self._nonTrainableWeights
        # A class of the user's own says what it holds.
        return self.trainableWeights, self.nonTrainableWeights

    def addWeight(  # noqa: PLR0917 - the positions are TensorFlow.js'
        self,
        name: str,
        shape: Sequence[int | None],
        dtype: str | None = None,
        initializer: Initializer | str | None = None,
        regularizer: Regularizer | None = None,
        trainable: bool | None = None,
        constraint: Constraint | None = None,
    ) -> LayerVariable:
        """Adds a weight, as build() does: `w = self.addWeight("kernel", [3, 4], "float32", "glorotNormal")`.

        Use `w.read()` in call(). `initializer` is an object or a name (default zeros); `trainable` is True by
        default. Raises ValueError where the layer has a weight of that name or a size is not known.
        """
        if name in self._addedWeightNames:
            raise ValueError(f"Duplicate weight name {name} for layer {self.name}")
        sizes = [size for size in shape if size is not None]
        if len(sizes) != len(shape):
            raise ValueError(f"Layer {self.name}: the weight {name} needs a known shape, got {tuple(shape)}.")
        spend(self.name, name, sizes)
        self._addedWeightNames.add(name)
        dtype = dtype or "float32"
        # A weight that is about to be loaded is not worth an expensive initializer.
        made: Initializer = INITIALIZER.read(
            "zeros" if self._fastWeightInit or initializer is None else initializer
        )
        trainable = trainable is not False
        weight = LayerVariable(
            made.apply(sizes, dtype), dtype, name, trainable=trainable, constraint=constraint
        )
        if regularizer is not None:
            self.addLoss(lambda: regularizer.apply(weight.read()))
        if trainable:
            # The layer may have been frozen before it was built.
            weight.trainable = self._trainable
            self._trainableWeights.append(weight)
        else:
            self._nonTrainableWeights.append(weight)
        notify(self)
        return weight

    def setFastWeightInitDuringBuild(self, value: bool) -> None:
        """True makes build() start from zeros, for a layer whose weights are loaded right after."""
        self._fastWeightInit = value

    def getWeights(self, trainableOnly: bool = False) -> list[Tensor]:
        """The current values of `weights`, as tensors that later training does not change."""
        weights = self.trainableWeights if trainableOnly else self.weights
        return [weight.read().clone() for weight in weights]

    def setWeights(self, weights: Iterable[Any]) -> None:
        """Assigns tensors or arrays, in the order and shapes of getWeights(). Raises ValueError where they
        differ.
        """
        values = list(weights)
        params = self.weights
        if len(params) != len(values):
            raise ValueError(
                f'You called setWeights(weights) on layer "{self.name}" with a weight list of length '
                f"{len(values)}, "
                f"but the layer was expecting {len(params)} weights: "
                f"{', '.join(f'{w.originalName} {list(w.shape)}' for w in params) or 'none'}."
            )
        from .. import _core

        values = [v if hasattr(v, "shape") else _core.tensor(v) for v in values]
        for weight, value in zip(params, values, strict=True):
            if tuple(value.shape) != weight.shape:
                raise ValueError(
                    f"Layer weight shape {weight.shape} not compatible with provided weight shape "
                    f"{tuple(value.shape)} ({weight.originalName})."
                )
        for weight, value in zip(params, values, strict=True):
            weight.write(value)

    def countParams(self) -> int:
        """How many numbers the weights hold. Raises RuntimeError before the layer is built."""
        if not self.built:
            raise RuntimeError(
                f"You tried to call countParams() on {self.name}, but the layer is not built yet. "
                "Build it first by calling build(batchInputShape)."
            )
        return count_params(self.weights)

    @property
    def losses(self) -> list[Callable[[], Tensor]]:
        """Functions without arguments, each giving a scalar that training adds to the loss."""
        return self._losses

    def addLoss(self, losses: Callable[[], Tensor] | Sequence[Callable[[], Tensor]] | None) -> None:
        """Adds a function, or several, to `losses`."""
        if losses is None:
            return
        self._losses.extend([losses] if callable(losses) else losses)
        notify(self)

    def calculateLosses(self) -> list[Tensor]:
        """The current values of `losses`."""
        return [loss() for loss in self.losses]

    def disposeWeights(self) -> int:
        """Frees the weights and says how many they were."""
        weights = self.weights
        for weight in weights:
            weight.dispose()
        return len(weights)

    def assertNotDisposed(self) -> None:
        if self._refCount == 0:
            raise DisposedError(f"Layer '{self.name}' is already disposed.")

    def dispose(self) -> DisposeResult:
        """Gives up one use of the layer; with the last one its weights are freed.

        A use is a symbolic apply(), or the first apply() where that was given tensors. Returns
        `{refCountAfterDispose, numDisposedVariables}`. Raises DisposedError where the layer is disposed
        already, RuntimeError where it was never built or used.
        """
        if not self.built:
            raise RuntimeError(f"Cannot dispose Layer {self.name} because it has not been built yet.")
        if self._refCount is None:
            raise RuntimeError(f"Cannot dispose Layer {self.name} because it has not been used yet.")
        self.assertNotDisposed()
        self._refCount -= 1
        disposed = self.disposeWeights() if self._refCount == 0 else 0
        return DisposeResult(refCountAfterDispose=self._refCount, numDisposedVariables=disposed)
