# Written by tools/make_stubs.py; change the sources and run it again.

from collections.abc import Callable, Mapping, Sequence
from lamina._typed.identifiers import Callbacks, ClassWeights, Loss, Metrics, SymbolicTensors
from lamina.models.compiling import Compilable as _Compilable
from lamina.models.exporting import Exportable as _Exportable
from lamina.models.model import Functional as _Functional, LayersModel as _LayersModel
from lamina.models.saving import Savable as _Savable
from lamina.models.sequential import Sequential as _Sequential
from lamina.models.training import Results, Trainable as _Trainable
from lamina.promises import Promise
from lamina.results import History, SaveResult
from lamina.train.optimizer import Optimizer
from os import PathLike
from typing import Any, Literal, TypedDict, overload
from typing_extensions import Required

class CompilableCompileConfig(TypedDict, total=False):
    optimizer: Required[Optimizer | str]
    """What moves the weights."""
    loss: Loss | None
    """What to make small."""
    metrics: Metrics | None
    """What else to report."""
    runEagerly: bool | None
    """Run every step through Python, for looking into it."""

class Compilable(_Compilable):
    """The part of a model that settles how it is trained."""
    @overload
    def compile(self, config: CompilableCompileConfig, /) -> None: ...
    @overload
    def compile(self, *, optimizer: Optimizer | str, loss: Loss | None = ..., metrics: Metrics | None = ..., runEagerly: bool | None = ...) -> None:
        """Settles how the model is trained."""
        ...

class TrainableFitConfig(TypedDict, total=False):
    batchSize: int | None
    """Samples in each step; the last batch of an epoch may be smaller."""
    epochs: int | None
    """The epoch at which to stop; how many to run where initialEpoch is 0."""
    verbose: int | bool | None
    """0: silent, 1: progress bar, 2: a line for each epoch. Left out: 1, but silent for half a second."""
    callbacks: Callbacks | None
    """Called along the way."""
    validationSplit: float | None
    """The share of samples, from the end, to validate with."""
    validationData: Sequence[Any] | None
    """[x, y] or [x, y, sampleWeight] to validate with; goes before validationSplit."""
    shuffle: bool | Literal["batch"] | None
    """Whether to shuffle the samples before each epoch, or, with 'batch', whole batches."""
    classWeight: ClassWeights | None
    """Factors of the loss by class."""
    sampleWeight: Any
    """Factors of the loss by sample."""
    initialEpoch: int | None
    """The first epoch, for going on with a training."""
    stepsPerEpoch: int | None
    """At most so many batches in an epoch; all by default."""
    validationSteps: int | None
    """At most so many batches of a validation; all by default."""
    yieldEvery: str | float | None
    """How often the onYield callback runs."""

class TrainableEvaluateConfig(TypedDict, total=False):
    batchSize: int | None
    """Samples computed at once."""
    verbose: int | bool | None
    """0: silent, 1: progress bar and a line, 2: a line at the end."""
    sampleWeight: Any
    """Factors of the loss by sample."""
    steps: int | None
    """At most so many batches; all by default."""

class TrainablePredictConfig(TypedDict, total=False):
    batchSize: int | None
    """Samples computed at once."""
    verbose: int | bool | None
    """0: silent, 1: progress bar and a line, 2: a line at the end."""

class Trainable(Compilable, _Trainable):
    """The part of a model that deals with data."""
    @overload
    def fit(self, x: Any, y: Any = ..., config: TrainableFitConfig | None = ..., /) -> Promise[History]: ...
    @overload
    def fit(self, x: Any, y: Any = ..., *, batchSize: int | None = ..., epochs: int | None = ..., verbose: int | bool | None = ..., callbacks: Callbacks | None = ..., validationSplit: float | None = ..., validationData: Sequence[Any] | None = ..., shuffle: bool | Literal["batch"] | None = ..., classWeight: ClassWeights | None = ..., sampleWeight: Any = ..., initialEpoch: int | None = ..., stepsPerEpoch: int | None = ..., validationSteps: int | None = ..., yieldEvery: str | float | None = ...) -> Promise[History]:
        """Trains the model; a Promise of the History. Data are read as they are at the call."""
        ...
    @overload
    def evaluate(self, x: Any, y: Any = ..., config: TrainableEvaluateConfig | None = ..., /) -> Results: ...
    @overload
    def evaluate(self, x: Any, y: Any = ..., *, batchSize: int | None = ..., verbose: int | bool | None = ..., sampleWeight: Any = ..., steps: int | None = ...) -> Results:
        """The loss as a scalar tensor, or a list of all values named in `metricsNames`. Without"""
        ...
    @overload
    def predict(self, x: Any, config: TrainablePredictConfig | None = ..., /) -> Results: ...
    @overload
    def predict(self, x: Any, *, batchSize: int | None = ..., verbose: int | bool | None = ...) -> Results:
        """The output for x, a tensor [samples, ...], or a list of one for each output."""
        ...

class SavableSaveConfig(TypedDict, total=False):
    trainableOnly: bool | None
    """Leave out weights that training does not change."""
    includeOptimizer: bool | None
    """Save the optimizer too, so that training can go on."""

class Savable(Trainable, Compilable, _Savable):
    """The part of a model that deals with files."""
    @overload
    def save(self, handlerOrURL: Any, config: SavableSaveConfig | None = ..., /) -> Promise[SaveResult]: ...
    @overload
    def save(self, handlerOrURL: Any, *, trainableOnly: bool | None = ..., includeOptimizer: bool | None = ...) -> Promise[SaveResult]:
        """Saves the model as it is at the call; a Promise of the SaveResult."""
        ...

class ExportableExportProgramConfig(TypedDict, total=False):
    static: bool | None
    """Write a C header that needs nothing but a C compiler, for small networks; by default where the name ends in .h."""
    batchSize: int | None
    """The one number of samples that it computes; any by default, 1 in a C header."""
    inputShapes: Sequence[Sequence[int | None]] | None
    """The shape of a sample for each input; needed where the model leaves sizes open."""

class Exportable(Trainable, Compilable, _Exportable):
    """The part of a model that leaves Python."""
    @overload
    def exportProgram(self, path: str | PathLike[str], config: ExportableExportProgramConfig | None = ..., /) -> Promise[SaveResult]: ...
    @overload
    def exportProgram(self, path: str | PathLike[str], *, static: bool | None = ..., batchSize: int | None = ..., inputShapes: Sequence[Sequence[int | None]] | None = ...) -> Promise[SaveResult]:
        """Writes what predict computes, with the weights, to a file for `lamina::Program::load` in C++, or,"""
        ...

class LayersModel(Exportable, Savable, Trainable, Compilable, _LayersModel):
    """A model made of layers; made by tf.model()."""
    pass

class Functional(LayersModel, Exportable, Savable, Trainable, Compilable, _Functional):
    """The name under which newer files of Keras know such a model."""
    pass

class Sequential(LayersModel, Exportable, Savable, Trainable, Compilable, _Sequential):
    """A model whose layers stand one behind the other; made by tf.sequential()."""
    pass

class LoadLayersModelConfig(TypedDict, total=False):
    strict: bool | None
    """Whether every weight needs a value and every value a weight."""
    onProgress: Callable[..., Any] | None
    """Called with the share that is loaded, from 0 to 1."""
    weightPathPrefix: str | None
    """The directory of the weights, where it is not that of the model."""
    customObjects: dict[str, type] | None
    """Classes of your own, by name."""

@overload
def loadLayersModel(pathOrIOHandler: Any, config: LoadLayersModelConfig | None = ..., /) -> Promise[Any]: ...
@overload
def loadLayersModel(pathOrIOHandler: Any, *, strict: bool | None = ..., onProgress: Callable[..., Any] | None = ..., weightPathPrefix: str | None = ..., customObjects: dict[str, type] | None = ...) -> Promise[Any]:
    """A Promise of the model in a directory, at a path or file:// URL, or behind a handler with `load()`."""
    ...

class ModelConfig(TypedDict, total=False):
    inputs: Required[SymbolicTensors]
    """From tf.input()."""
    outputs: Required[SymbolicTensors]
    """What it computes."""
    name: str | None
    """Name of the model."""

@overload
def model(config: ModelConfig, /) -> LayersModel: ...
@overload
def model(*, inputs: SymbolicTensors, outputs: SymbolicTensors, name: str | None = ...) -> LayersModel:
    """A model of all that lies between inputs and outputs: `tf.model({"inputs": x, "outputs": y})`."""
    ...

def modelFromJSON(modelAndWeightsConfig: str | Mapping[str, Any], customObjects: Mapping[str, type] | None = ...) -> Promise[Any]: ...

class SequentialConfig(TypedDict, total=False):
    layers: Sequence[Any] | None
    """The layers, from the input on."""
    name: str | None
    """Name of the model."""

@overload
def sequential(config: SequentialConfig | None = ..., /) -> Sequential: ...
@overload
def sequential(*, layers: Sequence[Any] | None = ..., name: str | None = ...) -> Sequential:
    """A model of layers one behind the other: `tf.sequential()`, `tf.sequential({"layers": [...]})`."""
    ...
