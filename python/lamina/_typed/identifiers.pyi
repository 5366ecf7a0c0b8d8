# Written by tools/make_stubs.py; change the sources and run it again.

from collections.abc import Callable, Mapping, Sequence
from lamina._core import Tensor
from lamina.activations import Activation
from lamina.constraints import Constraint
from lamina.initializers import Initializer
from lamina.layers.recurrent import RNNCell
from lamina.layers.symbolic import SymbolicTensor
from lamina.regularizers import Regularizer
from typing import Any, Literal, Protocol, TypeAlias

class _Array(Protocol):
    def __array__(self) -> Any: ...

class _Buffer(Protocol):
    def __buffer__(self, flags: int, /) -> memoryview: ...

TensorLike: TypeAlias = Tensor | float | complex | bool | str | Sequence[Any] | _Array | _Buffer
DTypeName: TypeAlias = Literal["float32", "int32", "bool", "complex64", "string"]
ActivationIdentifier: TypeAlias = Literal["elu", "selu", "relu", "relu6", "linear", "sigmoid", "hardSigmoid", "softplus", "softsign", "tanh", "softmax", "logSoftmax", "gelu", "gelu_new", "mish", "swish"] | Activation | Callable[[Tensor], Tensor]
InitializerIdentifier: TypeAlias = Literal["Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "Identity", "IdentityInitializer", "LeCunNormal", "LeCunUniform", "LecunNormal", "LecunUniform", "Ones", "Orthogonal", "OrthogonalInitializer", "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "Zeros", "constant", "glorotNormal", "glorotUniform", "heNormal", "heUniform", "identity", "leCunNormal", "leCunUniform", "ones", "orthogonal", "randomNormal", "randomUniform", "truncatedNormal", "varianceScaling", "zeros"] | Initializer | Mapping[str, Any]
RegularizerIdentifier: TypeAlias = Literal["L1", "L1L2", "L2", "l1", "l1l2", "l2"] | Regularizer | Mapping[str, Any]
ConstraintIdentifier: TypeAlias = Literal["MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm", "maxNorm", "minMaxNorm", "nonNeg", "unitNorm"] | Constraint | Mapping[str, Any]
CellIdentifier: TypeAlias = RNNCell | Mapping[str, Any]
SymbolicTensors: TypeAlias = SymbolicTensor | Sequence[SymbolicTensor]
_Function: TypeAlias = Callable[[Any, Any], Any]
_OneLoss: TypeAlias = Literal["binaryCrossentropy", "categoricalCrossentropy", "categoricalHinge", "cosineProximity", "hinge", "kullbackLeiblerDivergence", "logcosh", "meanAbsoluteError", "meanAbsolutePercentageError", "meanSquaredError", "meanSquaredLogarithmicError", "poisson", "sparseCategoricalCrossentropy", "squaredHinge"] | _Function
Loss: TypeAlias = _OneLoss | Sequence[_OneLoss] | Mapping[str, _OneLoss]
_OneMetric: TypeAlias = Literal["MAE", "MAPE", "MSE", "acc", "accuracy", "binaryAccuracy", "categoricalAccuracy", "categoricalCrossentropy", "ce", "cosine", "crossentropy", "mae", "mape", "mse", "precision", "sparseCategoricalCrossentropy"] | _Function
_Metrics: TypeAlias = _OneMetric | Sequence[_OneMetric]
Metrics: TypeAlias = _Metrics | Sequence[_Metrics] | Mapping[str, _Metrics]
ClassWeights: TypeAlias = Mapping[Any, Any] | Sequence[Mapping[Any, Any]]
Callbacks: TypeAlias = Any
