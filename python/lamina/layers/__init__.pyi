# Written by tools/make_stubs.py; change the sources and run it again.

from collections.abc import Callable, Sequence
from lamina._typed.identifiers import (
    ActivationIdentifier,
    CellIdentifier,
    ConstraintIdentifier,
    InitializerIdentifier,
    RegularizerIdentifier,
)
from lamina.layers.base import Layer as Layer
from lamina.layers.basic import (
    Activation as Activation,
    Dropout as Dropout,
    Flatten as Flatten,
    RepeatVector as RepeatVector,
    Reshape as Reshape,
)
from lamina.layers.batch_normalization import BatchNormalization as BatchNormalization
from lamina.layers.convolution import Conv2D as Conv2D, DepthwiseConv2D as DepthwiseConv2D
from lamina.layers.embeddings import Embedding as Embedding
from lamina.layers.entrance import InputLayer as InputLayer
from lamina.layers.linear import Dense as Dense
from lamina.layers.lstm_family import LSTM as LSTM, LSTMCell as LSTMCell
from lamina.layers.merging import (
    Add as Add,
    Average as Average,
    Concatenate as Concatenate,
    Maximum as Maximum,
    Minimum as Minimum,
    Multiply as Multiply,
)
from lamina.layers.pooling import (
    AveragePooling2D as AveragePooling2D,
    GlobalAveragePooling2D as GlobalAveragePooling2D,
    GlobalMaxPooling2D as GlobalMaxPooling2D,
    MaxPooling2D as MaxPooling2D,
)
from lamina.layers.rectifiers import (
    ELU as ELU,
    LeakyReLU as LeakyReLU,
    PReLU as PReLU,
    ReLU as ReLU,
    Softmax as Softmax,
    ThresholdedReLU as ThresholdedReLU,
)
from lamina.layers.recurrent import RNN as RNN, RNNCell as RNNCell
from lamina.layers.symbolic import SymbolicTensor
from typing import Any, Literal, TypedDict, overload
from typing_extensions import Required

class ActivationConfig(TypedDict, total=False):
    activation: Required[ActivationIdentifier]
    """What is applied."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def activation(config: ActivationConfig, /) -> Activation: ...
@overload
def activation(*, activation: ActivationIdentifier, name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> Activation:
    """Applies an activation to every input; the shape stays."""
    ...

class AddConfig(TypedDict, total=False):
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def add(config: AddConfig | None = ..., /) -> Add: ...
@overload
def add(*, name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> Add: ...
@overload
def add(inputs: Sequence[Any], /) -> Any:
    """The sum of the inputs."""
    ...

class AverageConfig(TypedDict, total=False):
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def average(config: AverageConfig | None = ..., /) -> Average: ...
@overload
def average(*, name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> Average: ...
@overload
def average(inputs: Sequence[Any], /) -> Any:
    """The mean of the inputs."""
    ...

class AveragePooling2dConfig(TypedDict, total=False):
    poolSize: int | Sequence[int] | None
    """Height and width of the window."""
    strides: int | Sequence[int] | None
    """Steps of the window; by default its size."""
    padding: Literal["valid", "same", "causal"] | None
    """"valid" adds no border; "same" pads with zeros so that stride 1 keeps the size."""
    dataFormat: Literal["channelsLast", "channelsFirst"] | None
    """Where the channels are: [batch, height, width, channels] or [batch, channels, height, width]."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def averagePooling2d(config: AveragePooling2dConfig | None = ..., /) -> AveragePooling2D: ...
@overload
def averagePooling2d(*, poolSize: int | Sequence[int] | None = ..., strides: int | Sequence[int] | None = ..., padding: Literal["valid", "same", "causal"] | None = ..., dataFormat: Literal["channelsLast", "channelsFirst"] | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> AveragePooling2D:
    """The mean of each window, padding not counted: [b, h, w, c] becomes [b, h', w', c]."""
    ...

@overload
def avgPool2d(config: AveragePooling2dConfig | None = ..., /) -> AveragePooling2D: ...
@overload
def avgPool2d(*, poolSize: int | Sequence[int] | None = ..., strides: int | Sequence[int] | None = ..., padding: Literal["valid", "same", "causal"] | None = ..., dataFormat: Literal["channelsLast", "channelsFirst"] | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> AveragePooling2D:
    """The mean of each window, padding not counted: [b, h, w, c] becomes [b, h', w', c]."""
    ...

@overload
def avgPooling2d(config: AveragePooling2dConfig | None = ..., /) -> AveragePooling2D: ...
@overload
def avgPooling2d(*, poolSize: int | Sequence[int] | None = ..., strides: int | Sequence[int] | None = ..., padding: Literal["valid", "same", "causal"] | None = ..., dataFormat: Literal["channelsLast", "channelsFirst"] | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> AveragePooling2D:
    """The mean of each window, padding not counted: [b, h, w, c] becomes [b, h', w', c]."""
    ...

class BatchNormalizationConfig(TypedDict, total=False):
    axis: int | Sequence[int] | None
    """The axis of the channels; 1 with channelsFirst."""
    momentum: float | None
    """How much of the moving averages stays at each step."""
    epsilon: float | None
    """Added to the variance."""
    center: bool | None
    """Whether beta is added."""
    scale: bool | None
    """Whether gamma multiplies."""
    betaInitializer: InitializerIdentifier | None
    """First value of the offset."""
    betaRegularizer: RegularizerIdentifier | None
    """Penalty on the offset."""
    betaConstraint: ConstraintIdentifier | None
    """What holds of the offset after each update."""
    gammaInitializer: InitializerIdentifier | None
    """First value of the factor."""
    gammaRegularizer: RegularizerIdentifier | None
    """Penalty on the factor."""
    gammaConstraint: ConstraintIdentifier | None
    """What holds of the factor after each update."""
    movingMeanInitializer: InitializerIdentifier | None
    """First value of the moving mean."""
    movingVarianceInitializer: InitializerIdentifier | None
    """First value of the moving variance."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def batchNormalization(config: BatchNormalizationConfig | None = ..., /) -> BatchNormalization: ...
@overload
def batchNormalization(*, axis: int | Sequence[int] | None = ..., momentum: float | None = ..., epsilon: float | None = ..., center: bool | None = ..., scale: bool | None = ..., betaInitializer: InitializerIdentifier | None = ..., betaRegularizer: RegularizerIdentifier | None = ..., betaConstraint: ConstraintIdentifier | None = ..., gammaInitializer: InitializerIdentifier | None = ..., gammaRegularizer: RegularizerIdentifier | None = ..., gammaConstraint: ConstraintIdentifier | None = ..., movingMeanInitializer: InitializerIdentifier | None = ..., movingVarianceInitializer: InitializerIdentifier | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> BatchNormalization:
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta, for each index along `axis`."""
    ...

class ConcatenateConfig(TypedDict, total=False):
    axis: int | None
    """The axis, the batch being axis 0."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def concatenate(config: ConcatenateConfig | None = ..., /) -> Concatenate: ...
@overload
def concatenate(*, axis: int | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> Concatenate: ...
@overload
def concatenate(inputs: Sequence[Any], /) -> Any:
    """The inputs joined along `axis`; their other sizes are equal."""
    ...

class Conv2dConfig(TypedDict, total=False):
    filters: Required[int]
    """Number of output channels."""
    kernelInitializer: InitializerIdentifier | None
    """First value of the kernel."""
    kernelRegularizer: RegularizerIdentifier | None
    """Penalty on the kernel."""
    kernelConstraint: ConstraintIdentifier | None
    """What holds of the kernel after each update."""
    kernelSize: Required[int | Sequence[int]]
    """Height and width of the window."""
    strides: int | Sequence[int] | None
    """Steps of the window."""
    padding: Literal["valid", "same", "causal"] | None
    """"valid" adds no border; "same" pads with zeros so that stride 1 keeps the size."""
    dataFormat: Literal["channelsLast", "channelsFirst"] | None
    """Where the channels are: [batch, height, width, channels] or [batch, channels, height, width]."""
    dilationRate: int | Sequence[int] | None
    """Distance between the inputs that the window takes."""
    activation: ActivationIdentifier | None
    """What is applied to the result."""
    useBias: bool | None
    """Whether a bias is added."""
    biasInitializer: InitializerIdentifier | None
    """First value of the bias."""
    biasRegularizer: RegularizerIdentifier | None
    """Penalty on the bias."""
    biasConstraint: ConstraintIdentifier | None
    """What holds of the bias after each update."""
    activityRegularizer: RegularizerIdentifier | None
    """Penalty on the output, per example."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def conv2d(config: Conv2dConfig, /) -> Conv2D: ...
@overload
def conv2d(*, filters: int, kernelSize: int | Sequence[int], kernelInitializer: InitializerIdentifier | None = ..., kernelRegularizer: RegularizerIdentifier | None = ..., kernelConstraint: ConstraintIdentifier | None = ..., strides: int | Sequence[int] | None = ..., padding: Literal["valid", "same", "causal"] | None = ..., dataFormat: Literal["channelsLast", "channelsFirst"] | None = ..., dilationRate: int | Sequence[int] | None = ..., activation: ActivationIdentifier | None = ..., useBias: bool | None = ..., biasInitializer: InitializerIdentifier | None = ..., biasRegularizer: RegularizerIdentifier | None = ..., biasConstraint: ConstraintIdentifier | None = ..., activityRegularizer: RegularizerIdentifier | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> Conv2D:
    """Convolves images with `filters` windows: [b, h, w, c] becomes [b, h', w', filters]."""
    ...

class DenseConfig(TypedDict, total=False):
    units: Required[int]
    """Size of the last axis of the output."""
    activation: ActivationIdentifier | None
    """What is applied to the result."""
    kernelInitializer: InitializerIdentifier | None
    """First value of the kernel."""
    kernelRegularizer: RegularizerIdentifier | None
    """Penalty on the kernel."""
    kernelConstraint: ConstraintIdentifier | None
    """What holds of the kernel after each update."""
    useBias: bool | None
    """Whether a bias is added."""
    biasInitializer: InitializerIdentifier | None
    """First value of the bias."""
    biasRegularizer: RegularizerIdentifier | None
    """Penalty on the bias."""
    biasConstraint: ConstraintIdentifier | None
    """What holds of the bias after each update."""
    activityRegularizer: RegularizerIdentifier | None
    """Penalty on the output, per example."""
    inputDim: int | None
    """Short for inputShape [inputDim]."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def dense(config: DenseConfig, /) -> Dense: ...
@overload
def dense(*, units: int, activation: ActivationIdentifier | None = ..., kernelInitializer: InitializerIdentifier | None = ..., kernelRegularizer: RegularizerIdentifier | None = ..., kernelConstraint: ConstraintIdentifier | None = ..., useBias: bool | None = ..., biasInitializer: InitializerIdentifier | None = ..., biasRegularizer: RegularizerIdentifier | None = ..., biasConstraint: ConstraintIdentifier | None = ..., activityRegularizer: RegularizerIdentifier | None = ..., inputDim: int | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> Dense:
    """activation(x . kernel + bias) over the last axis: [..., n] becomes [..., units]."""
    ...

class DepthwiseConv2dConfig(TypedDict, total=False):
    depthMultiplier: int | None
    """Number of output channels for each input channel."""
    depthwiseInitializer: InitializerIdentifier | None
    """First value of the kernel."""
    depthwiseRegularizer: RegularizerIdentifier | None
    """Penalty on the kernel."""
    depthwiseConstraint: ConstraintIdentifier | None
    """What holds of the kernel after each update."""
    kernelSize: Required[int | Sequence[int]]
    """Height and width of the window."""
    strides: int | Sequence[int] | None
    """Steps of the window."""
    padding: Literal["valid", "same", "causal"] | None
    """"valid" adds no border; "same" pads with zeros so that stride 1 keeps the size."""
    dataFormat: Literal["channelsLast", "channelsFirst"] | None
    """Where the channels are: [batch, height, width, channels] or [batch, channels, height, width]."""
    dilationRate: int | Sequence[int] | None
    """Distance between the inputs that the window takes."""
    activation: ActivationIdentifier | None
    """What is applied to the result."""
    useBias: bool | None
    """Whether a bias is added."""
    biasInitializer: InitializerIdentifier | None
    """First value of the bias."""
    biasRegularizer: RegularizerIdentifier | None
    """Penalty on the bias."""
    biasConstraint: ConstraintIdentifier | None
    """What holds of the bias after each update."""
    activityRegularizer: RegularizerIdentifier | None
    """Penalty on the output, per example."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def depthwiseConv2d(config: DepthwiseConv2dConfig, /) -> DepthwiseConv2D: ...
@overload
def depthwiseConv2d(*, kernelSize: int | Sequence[int], depthMultiplier: int | None = ..., depthwiseInitializer: InitializerIdentifier | None = ..., depthwiseRegularizer: RegularizerIdentifier | None = ..., depthwiseConstraint: ConstraintIdentifier | None = ..., strides: int | Sequence[int] | None = ..., padding: Literal["valid", "same", "causal"] | None = ..., dataFormat: Literal["channelsLast", "channelsFirst"] | None = ..., dilationRate: int | Sequence[int] | None = ..., activation: ActivationIdentifier | None = ..., useBias: bool | None = ..., biasInitializer: InitializerIdentifier | None = ..., biasRegularizer: RegularizerIdentifier | None = ..., biasConstraint: ConstraintIdentifier | None = ..., activityRegularizer: RegularizerIdentifier | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> DepthwiseConv2D:
    """Convolves each channel on its own: [b, h, w, c] becomes [b, h', w', c * depthMultiplier]."""
    ...

class DropoutConfig(TypedDict, total=False):
    rate: Required[float]
    """Share of inputs to drop, from 0 to 1."""
    noiseShape: Sequence[int | None] | None
    """Shape of the mask, None where it has the input's size; a 1 gives the axis one common mask."""
    seed: int | str | None
    """Seed of the masks."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def dropout(config: DropoutConfig, /) -> Dropout: ...
@overload
def dropout(*, rate: float, noiseShape: Sequence[int | None] | None = ..., seed: int | str | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> Dropout:
    """In training, sets a random share `rate` of the inputs to 0 and scales the others by 1 / (1 - rate)."""
    ...

class EluConfig(TypedDict, total=False):
    alpha: float | None
    """Bound of the negative part."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def elu(config: EluConfig | None = ..., /) -> ELU: ...
@overload
def elu(*, alpha: float | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> ELU:
    """x where it is positive, alpha * (exp(x) - 1) elsewhere."""
    ...

class EmbeddingConfig(TypedDict, total=False):
    inputDim: Required[int]
    """How many different integers there are."""
    outputDim: Required[int]
    """Length of a vector."""
    embeddingsInitializer: InitializerIdentifier | None
    """First value of the table."""
    embeddingsRegularizer: RegularizerIdentifier | None
    """Penalty on the table."""
    embeddingsConstraint: ConstraintIdentifier | None
    """What holds of the table after each update."""
    activityRegularizer: RegularizerIdentifier | None
    """Penalty on the output, per example."""
    maskZero: bool | None
    """Whether 0 stands for padding, which later layers are to skip."""
    inputLength: int | Sequence[int | None] | None
    """Length of the sequences, where it is constant."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def embedding(config: EmbeddingConfig, /) -> Embedding: ...
@overload
def embedding(*, inputDim: int, outputDim: int, embeddingsInitializer: InitializerIdentifier | None = ..., embeddingsRegularizer: RegularizerIdentifier | None = ..., embeddingsConstraint: ConstraintIdentifier | None = ..., activityRegularizer: RegularizerIdentifier | None = ..., maskZero: bool | None = ..., inputLength: int | Sequence[int | None] | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> Embedding:
    """Vectors for integers: [batch, ...] of numbers from 0 to inputDim - 1 becomes [batch, ..., outputDim]."""
    ...

class FlattenConfig(TypedDict, total=False):
    dataFormat: Literal["channelsLast", "channelsFirst"] | None
    """channelsFirst puts the values in the order that channelsLast would."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def flatten(config: FlattenConfig | None = ..., /) -> Flatten: ...
@overload
def flatten(*, dataFormat: Literal["channelsLast", "channelsFirst"] | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> Flatten:
    """[batch, a, b, ...] becomes [batch, a * b * ...]; with channelsFirst the channels are moved to the end"""
    ...

class GlobalAveragePooling2dConfig(TypedDict, total=False):
    dataFormat: Literal["channelsLast", "channelsFirst"] | None
    """Where the channels are: [batch, height, width, channels] or [batch, channels, height, width]."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def globalAveragePooling2d(config: GlobalAveragePooling2dConfig | None = ..., /) -> GlobalAveragePooling2D: ...
@overload
def globalAveragePooling2d(*, dataFormat: Literal["channelsLast", "channelsFirst"] | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> GlobalAveragePooling2D:
    """The mean of each channel: [b, h, w, c] becomes [b, c]."""
    ...

@overload
def globalMaxPool2d(config: GlobalMaxPooling2dConfig | None = ..., /) -> GlobalMaxPooling2D: ...
@overload
def globalMaxPool2d(*, dataFormat: Literal["channelsLast", "channelsFirst"] | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> GlobalMaxPooling2D:
    """The largest value of each channel: [b, h, w, c] becomes [b, c]."""
    ...

class GlobalMaxPooling2dConfig(TypedDict, total=False):
    dataFormat: Literal["channelsLast", "channelsFirst"] | None
    """Where the channels are: [batch, height, width, channels] or [batch, channels, height, width]."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def globalMaxPooling2d(config: GlobalMaxPooling2dConfig | None = ..., /) -> GlobalMaxPooling2D: ...
@overload
def globalMaxPooling2d(*, dataFormat: Literal["channelsLast", "channelsFirst"] | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> GlobalMaxPooling2D:
    """The largest value of each channel: [b, h, w, c] becomes [b, c]."""
    ...

class InputConfig(TypedDict, total=False):
    shape: Sequence[int | None] | None
    """Shape of one example, without the batch."""
    batchShape: Sequence[int | None] | None
    """Shape with the batch size in front, None where it is open."""
    name: str | None
    """Name of the input, unique in a model."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype."""
    sparse: bool | None
    """Kept for files of Keras."""

@overload
def input(config: InputConfig | None = ..., /) -> SymbolicTensor: ...
@overload
def input(*, shape: Sequence[int | None] | None = ..., batchShape: Sequence[int | None] | None = ..., name: str | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., sparse: bool | None = ...) -> SymbolicTensor:
    """A symbolic tensor that stands for a model's input: `tf.input({"shape": [2, 4]})`."""
    ...

class InputLayerConfig(TypedDict, total=False):
    batchInputShape: Sequence[int | None] | None
    """Shape with the batch size in front."""
    batchShape: Sequence[int | None] | None
    sparse: bool | None
    """Kept for files of Keras."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def inputLayer(config: InputLayerConfig | None = ..., /) -> InputLayer: ...
@overload
def inputLayer(*, batchInputShape: Sequence[int | None] | None = ..., sparse: bool | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> InputLayer: ...
@overload
def inputLayer(*, batchInputShape: Sequence[int | None] | None = ..., sparse: bool | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ..., batchShape: Sequence[int | None] | None = ...) -> InputLayer:
    """The entrance of a model. Give inputShape (with batchSize), or batchInputShape."""
    ...

class LeakyReLUConfig(TypedDict, total=False):
    alpha: float | None
    """Slope of the negative part."""
    negativeSlope: float | None
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def leakyReLU(config: LeakyReLUConfig | None = ..., /) -> LeakyReLU: ...
@overload
def leakyReLU(*, alpha: float | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> LeakyReLU: ...
@overload
def leakyReLU(*, alpha: float | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ..., negativeSlope: float | None = ...) -> LeakyReLU:
    """x where it is positive, alpha * x elsewhere."""
    ...

class LstmConfig(TypedDict, total=False):
    units: Required[int]
    """Size of the output and of both states."""
    activation: ActivationIdentifier | None
    """What is applied to the result."""
    recurrentActivation: ActivationIdentifier | None
    """Activation of the gates."""
    kernelInitializer: InitializerIdentifier | None
    """First value of the input kernel."""
    kernelRegularizer: RegularizerIdentifier | None
    """Penalty on the input kernel."""
    kernelConstraint: ConstraintIdentifier | None
    """What holds of the input kernel after each update."""
    recurrentInitializer: InitializerIdentifier | None
    """First value of the recurrent kernel."""
    recurrentRegularizer: RegularizerIdentifier | None
    """Penalty on the recurrent kernel."""
    recurrentConstraint: ConstraintIdentifier | None
    """What holds of the recurrent kernel after each update."""
    useBias: bool | None
    """Whether a bias is added."""
    biasInitializer: InitializerIdentifier | None
    """First value of the bias."""
    biasRegularizer: RegularizerIdentifier | None
    """Penalty on the bias."""
    biasConstraint: ConstraintIdentifier | None
    """What holds of the bias after each update."""
    unitForgetBias: bool | None
    """Whether the bias of the forget gate starts at 1."""
    dropout: float | None
    """Share of the inputs to drop in training, the same ones at every step."""
    recurrentDropout: float | None
    """Share of the states to drop in training, the same at every step."""
    dropoutFunc: Callable[..., Any] | None
    """What drops instead: dropoutFunc(ones, rate)."""
    implementation: int | None
    """Without effect."""
    activityRegularizer: RegularizerIdentifier | None
    """Penalty on the output, per example."""
    returnSequences: bool | None
    """Whether the outputs of all steps are returned, not of the last."""
    returnState: bool | None
    """Whether the last states are returned after the output."""
    goBackwards: bool | None
    """Whether the sequence is taken from its end; outputs stay in that order."""
    stateful: bool | None
    """Whether each batch goes on from the states of the one before."""
    unroll: bool | None
    """Without effect."""
    inputDim: int | None
    """With inputLength, short for inputShape."""
    inputLength: int | None
    """Length of the sequences."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def lstm(config: LstmConfig, /) -> LSTM: ...
@overload
def lstm(*, units: int, activation: ActivationIdentifier | None = ..., recurrentActivation: ActivationIdentifier | None = ..., kernelInitializer: InitializerIdentifier | None = ..., kernelRegularizer: RegularizerIdentifier | None = ..., kernelConstraint: ConstraintIdentifier | None = ..., recurrentInitializer: InitializerIdentifier | None = ..., recurrentRegularizer: RegularizerIdentifier | None = ..., recurrentConstraint: ConstraintIdentifier | None = ..., useBias: bool | None = ..., biasInitializer: InitializerIdentifier | None = ..., biasRegularizer: RegularizerIdentifier | None = ..., biasConstraint: ConstraintIdentifier | None = ..., unitForgetBias: bool | None = ..., dropout: float | None = ..., recurrentDropout: float | None = ..., dropoutFunc: Callable[..., Any] | None = ..., implementation: int | None = ..., activityRegularizer: RegularizerIdentifier | None = ..., returnSequences: bool | None = ..., returnState: bool | None = ..., goBackwards: bool | None = ..., stateful: bool | None = ..., unroll: bool | None = ..., inputDim: int | None = ..., inputLength: int | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> LSTM:
    """Long short-term memory: [batch, steps, n] becomes [batch, units], or [batch, steps, units]."""
    ...

class LstmCellConfig(TypedDict, total=False):
    units: Required[int]
    """Size of the output and of both states."""
    activation: ActivationIdentifier | None
    """What is applied to the result."""
    recurrentActivation: ActivationIdentifier | None
    """Activation of the gates."""
    kernelInitializer: InitializerIdentifier | None
    """First value of the input kernel."""
    kernelRegularizer: RegularizerIdentifier | None
    """Penalty on the input kernel."""
    kernelConstraint: ConstraintIdentifier | None
    """What holds of the input kernel after each update."""
    recurrentInitializer: InitializerIdentifier | None
    """First value of the recurrent kernel."""
    recurrentRegularizer: RegularizerIdentifier | None
    """Penalty on the recurrent kernel."""
    recurrentConstraint: ConstraintIdentifier | None
    """What holds of the recurrent kernel after each update."""
    useBias: bool | None
    """Whether a bias is added."""
    biasInitializer: InitializerIdentifier | None
    """First value of the bias."""
    biasRegularizer: RegularizerIdentifier | None
    """Penalty on the bias."""
    biasConstraint: ConstraintIdentifier | None
    """What holds of the bias after each update."""
    unitForgetBias: bool | None
    """Whether the bias of the forget gate starts at 1."""
    dropout: float | None
    """Share of the inputs to drop in training, the same ones at every step."""
    recurrentDropout: float | None
    """Share of the states to drop in training, the same at every step."""
    dropoutFunc: Callable[..., Any] | None
    """What drops instead: dropoutFunc(ones, rate)."""
    implementation: int | None
    """Without effect."""
    activityRegularizer: RegularizerIdentifier | None
    """Penalty on the output, per example."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def lstmCell(config: LstmCellConfig, /) -> LSTMCell: ...
@overload
def lstmCell(*, units: int, activation: ActivationIdentifier | None = ..., recurrentActivation: ActivationIdentifier | None = ..., kernelInitializer: InitializerIdentifier | None = ..., kernelRegularizer: RegularizerIdentifier | None = ..., kernelConstraint: ConstraintIdentifier | None = ..., recurrentInitializer: InitializerIdentifier | None = ..., recurrentRegularizer: RegularizerIdentifier | None = ..., recurrentConstraint: ConstraintIdentifier | None = ..., useBias: bool | None = ..., biasInitializer: InitializerIdentifier | None = ..., biasRegularizer: RegularizerIdentifier | None = ..., biasConstraint: ConstraintIdentifier | None = ..., unitForgetBias: bool | None = ..., dropout: float | None = ..., recurrentDropout: float | None = ..., dropoutFunc: Callable[..., Any] | None = ..., implementation: int | None = ..., activityRegularizer: RegularizerIdentifier | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> LSTMCell:
    """One step of an LSTM: call([x, h, c]) gives [h', h', c']."""
    ...

@overload
def maxPool2d(config: MaxPooling2dConfig | None = ..., /) -> MaxPooling2D: ...
@overload
def maxPool2d(*, poolSize: int | Sequence[int] | None = ..., strides: int | Sequence[int] | None = ..., padding: Literal["valid", "same", "causal"] | None = ..., dataFormat: Literal["channelsLast", "channelsFirst"] | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> MaxPooling2D:
    """The largest value of each window: [b, h, w, c] becomes [b, h', w', c]."""
    ...

class MaxPooling2dConfig(TypedDict, total=False):
    poolSize: int | Sequence[int] | None
    """Height and width of the window."""
    strides: int | Sequence[int] | None
    """Steps of the window; by default its size."""
    padding: Literal["valid", "same", "causal"] | None
    """"valid" adds no border; "same" pads with zeros so that stride 1 keeps the size."""
    dataFormat: Literal["channelsLast", "channelsFirst"] | None
    """Where the channels are: [batch, height, width, channels] or [batch, channels, height, width]."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def maxPooling2d(config: MaxPooling2dConfig | None = ..., /) -> MaxPooling2D: ...
@overload
def maxPooling2d(*, poolSize: int | Sequence[int] | None = ..., strides: int | Sequence[int] | None = ..., padding: Literal["valid", "same", "causal"] | None = ..., dataFormat: Literal["channelsLast", "channelsFirst"] | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> MaxPooling2D:
    """The largest value of each window: [b, h, w, c] becomes [b, h', w', c]."""
    ...

class MaximumConfig(TypedDict, total=False):
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def maximum(config: MaximumConfig | None = ..., /) -> Maximum: ...
@overload
def maximum(*, name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> Maximum: ...
@overload
def maximum(inputs: Sequence[Any], /) -> Any:
    """The largest of the inputs, value by value."""
    ...

class MinimumConfig(TypedDict, total=False):
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def minimum(config: MinimumConfig | None = ..., /) -> Minimum: ...
@overload
def minimum(*, name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> Minimum: ...
@overload
def minimum(inputs: Sequence[Any], /) -> Any:
    """The smallest of the inputs, value by value."""
    ...

class MultiplyConfig(TypedDict, total=False):
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def multiply(config: MultiplyConfig | None = ..., /) -> Multiply: ...
@overload
def multiply(*, name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> Multiply: ...
@overload
def multiply(inputs: Sequence[Any], /) -> Any:
    """The product of the inputs."""
    ...

class PreluConfig(TypedDict, total=False):
    alphaInitializer: InitializerIdentifier | None
    """First value of the slopes."""
    alphaRegularizer: RegularizerIdentifier | None
    """Penalty on the slopes."""
    alphaConstraint: ConstraintIdentifier | None
    """What holds of the slopes after each update."""
    sharedAxes: Sequence[int] | int | None
    """Axes (from 1) along which one slope serves all."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def prelu(config: PreluConfig | None = ..., /) -> PReLU: ...
@overload
def prelu(*, alphaInitializer: InitializerIdentifier | None = ..., alphaRegularizer: RegularizerIdentifier | None = ..., alphaConstraint: ConstraintIdentifier | None = ..., sharedAxes: Sequence[int] | int | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> PReLU:
    """x where it is positive, alpha * x elsewhere, alpha being learned."""
    ...

class ReLUConfig(TypedDict, total=False):
    maxValue: float | None
    """Largest output."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def reLU(config: ReLUConfig | None = ..., /) -> ReLU: ...
@overload
def reLU(*, maxValue: float | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> ReLU:
    """max(x, 0), cut off at maxValue where that is given."""
    ...

class RepeatVectorConfig(TypedDict, total=False):
    n: Required[int]
    """How often."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def repeatVector(config: RepeatVectorConfig, /) -> RepeatVector: ...
@overload
def repeatVector(*, n: int, name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> RepeatVector:
    """Repeats the input: [batch, size] becomes [batch, n, size]."""
    ...

class ReshapeConfig(TypedDict, total=False):
    targetShape: Required[Sequence[int | None]]
    """The shape without the batch."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def reshape(config: ReshapeConfig, /) -> Reshape: ...
@overload
def reshape(*, targetShape: Sequence[int | None], name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> Reshape:
    """[batch, ...] becomes [batch, *targetShape]; one size may be None (or -1) and follows from the"""
    ...

class RnnConfig(TypedDict, total=False):
    cell: Required[CellIdentifier]
    """The cell."""
    returnSequences: bool | None
    """Whether the outputs of all steps are returned, not of the last."""
    returnState: bool | None
    """Whether the last states are returned after the output."""
    goBackwards: bool | None
    """Whether the sequence is taken from its end; outputs stay in that order."""
    stateful: bool | None
    """Whether each batch goes on from the states of the one before."""
    unroll: bool | None
    """Without effect."""
    inputDim: int | None
    """With inputLength, short for inputShape."""
    inputLength: int | None
    """Length of the sequences."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def rnn(config: RnnConfig, /) -> RNN: ...
@overload
def rnn(*, cell: CellIdentifier, returnSequences: bool | None = ..., returnState: bool | None = ..., goBackwards: bool | None = ..., stateful: bool | None = ..., unroll: bool | None = ..., inputDim: int | None = ..., inputLength: int | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> RNN:
    """Runs a cell over sequences: [batch, steps, n] becomes [batch, size], or [batch, steps, size]."""
    ...

class SoftmaxConfig(TypedDict, total=False):
    axis: int | Sequence[int] | None
    """Axis or axes that add up to 1."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def softmax(config: SoftmaxConfig | None = ..., /) -> Softmax: ...
@overload
def softmax(*, axis: int | Sequence[int] | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> Softmax:
    """exp(x) / sum(exp(x)) along `axis`, which is 1 by default (Keras: the last). A mask takes positions"""
    ...

class ThresholdedReLUConfig(TypedDict, total=False):
    theta: float | None
    """The threshold."""
    name: str | None
    """Name of the layer, unique in a model."""
    trainable: bool | None
    """Whether training changes the weights."""
    inputShape: Sequence[int | None] | None
    """Shape of one input, where the layer comes first."""
    batchInputShape: Sequence[int | None] | None
    """The same with the batch size in front."""
    batchSize: int | None
    """Batch size that goes with inputShape."""
    dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Dtype of the input where the layer comes first."""
    inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None
    """Another name of dtype."""
    weights: Sequence[Any] | None
    """First weights."""

@overload
def thresholdedReLU(config: ThresholdedReLUConfig | None = ..., /) -> ThresholdedReLU: ...
@overload
def thresholdedReLU(*, theta: float | None = ..., name: str | None = ..., trainable: bool | None = ..., inputShape: Sequence[int | None] | None = ..., batchInputShape: Sequence[int | None] | None = ..., batchSize: int | None = ..., dtype: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., inputDType: Literal["float32", "int32", "bool", "complex64", "string"] | None = ..., weights: Sequence[Any] | None = ...) -> ThresholdedReLU:
    """x where it is greater than theta, 0 elsewhere."""
    ...
