# Written by tools/make_stubs.py; change the sources and run it again.

from collections.abc import Sequence
from lamina import (
    browser as browser,
    data as data,
    image as image,
    io as io,
    layers as layers,
    linalg as linalg,
    losses as losses,
    math as math,
    metrics as metrics,
    serialization as serialization,
    signal as signal,
    sparse as sparse,
    spectral as spectral,
    string as string,
    util as util,
)
from lamina._core import Tensor as Tensor, Variable as Variable
from lamina._promises.reports import (
    PromiseCancelledError as PromiseCancelledError,
    UnawaitedPromiseWarning as UnawaitedPromiseWarning,
)
from lamina._typed import (
    callbacks as callbacks,
    constraints as constraints,
    fused as fused,
    initializers as initializers,
    models as models,
    regularizers as regularizers,
    train as train,
)
from lamina._typed.identifiers import DTypeName, TensorLike
from lamina._typed.models import (
    LayersModel as LayersModel,
    LayersModel as Model,
    Sequential as Sequential,
    loadLayersModel as loadLayersModel,
    loadLayersModel as loadModel,
    model as model,
    modelFromJSON as modelFromJSON,
    sequential as sequential,
)
from lamina.callbacks.base import Callback as Callback, CustomCallback as CustomCallback
from lamina.callbacks.stopping import EarlyStopping as EarlyStopping
from lamina.debugging import enableDebugMode as enableDebugMode
from lamina.environment import (
    Environment as Environment,
    KernelBackend as KernelBackend,
    backend as backend,
    deprecationWarn as deprecationWarn,
    disableDeprecationWarnings as disableDeprecationWarnings,
    disposeVariables as disposeVariables,
    enableProdMode as enableProdMode,
    engine as engine,
    env as env,
    findBackend as findBackend,
    findBackendFactory as findBackendFactory,
    forceHalfFloat as forceHalfFloat,
    getBackend as getBackend,
    nextFrame as nextFrame,
    ready as ready,
    registerBackend as registerBackend,
    removeBackend as removeBackend,
    setBackend as setBackend,
    setPlatform as setPlatform,
    setWebGLContext as setWebGLContext,
)
from lamina.errors import LaminaWarning as LaminaWarning
from lamina.gradients import (
    customGrad as customGrad,
    grad as grad,
    grads as grads,
    valueAndGrad as valueAndGrad,
    valueAndGrads as valueAndGrads,
    variableGrads as variableGrads,
)
from lamina.layers import input as input
from lamina.layers.recurrent import RNN as RNN
from lamina.layers.symbolic import InputSpec as InputSpec, SymbolicTensor as SymbolicTensor
from lamina.layers.variables import LayerVariable as LayerVariable
from lamina.losses import Reduction as Reduction
from lamina.memory import dispose as dispose, keep as keep, memory as memory, tidy as tidy
from lamina.ops import moments as moments
from lamina.ops_evaluation import (
    booleanMaskAsync as booleanMaskAsync,
    inTopKAsync as inTopKAsync,
    maxPoolWithArgmax as maxPoolWithArgmax,
    rand as rand,
    setdiff1dAsync as setdiff1dAsync,
    topk as topk,
    unique as unique,
    whereAsync as whereAsync,
)
from lamina.ops_matrices import einsum as einsum, euclideanNorm as euclideanNorm, norm as norm
from lamina.ops_pieces import (
    batchNorm2d as batchNorm2d,
    batchNorm3d as batchNorm3d,
    batchNorm4d as batchNorm4d,
    concat1d as concat1d,
    concat2d as concat2d,
    concat3d as concat3d,
    concat4d as concat4d,
    ensureShape as ensureShape,
    meshgrid as meshgrid,
    pad1d as pad1d,
    pad2d as pad2d,
    pad3d as pad3d,
    pad4d as pad4d,
    reverse1d as reverse1d,
    reverse2d as reverse2d,
    reverse3d as reverse3d,
    reverse4d as reverse4d,
    slice1d as slice1d,
    slice2d as slice2d,
    slice3d as slice3d,
    slice4d as slice4d,
    sparseToDense as sparseToDense,
)
from lamina.ops_ragged import (
    raggedGather as raggedGather,
    raggedRange as raggedRange,
    raggedTensorToTensor as raggedTensorToTensor,
)
from lamina.ops_recurrent import basicLSTMCell as basicLSTMCell, multiRNNCell as multiRNNCell
from lamina.profiling import profile as profile, time as time
from lamina.promises import Promise as Promise
from lamina.random import setRandomSeed as setRandomSeed
from lamina.results import History as History
from lamina.signal import cosineWindow as cosineWindow, enclosingPowerOfTwo as enclosingPowerOfTwo
from lamina.system import (
    getMemoryLimit as getMemoryLimit,
    getNumThreads as getNumThreads,
    setMemoryLimit as setMemoryLimit,
    setNumThreads as setNumThreads,
    trimMemory as trimMemory,
)
from lamina.tensor import (
    eye as eye,
    fill as fill,
    fromDLPack as fromDLPack,
    ones as ones,
    print as print,
    scalar as scalar,
    tensor as tensor,
    tensor1d as tensor1d,
    tensor2d as tensor2d,
    tensor3d as tensor3d,
    tensor4d as tensor4d,
    tensor5d as tensor5d,
    tensor6d as tensor6d,
    variable as variable,
    zeros as zeros,
)
from lamina.tensor_buffer import TensorBuffer as TensorBuffer, buffer as buffer
from lamina.train.adam_family import AdamOptimizer as AdamOptimizer, AdamaxOptimizer as AdamaxOptimizer
from lamina.train.optimizer import Optimizer as Optimizer
from lamina.train.optimizers import (
    AdadeltaOptimizer as AdadeltaOptimizer,
    AdagradOptimizer as AdagradOptimizer,
    MomentumOptimizer as MomentumOptimizer,
    RMSPropOptimizer as RMSPropOptimizer,
    SGDOptimizer as SGDOptimizer,
)
from lamina.util import sumOutType as sumOutType, upcastType as upcastType
from typing import Any, Literal

def abs(x: TensorLike) -> Tensor:
    """|x|; of complex numbers as float32. The derivative at 0 is -1, as in TensorFlow.js, and 0 of complex ones."""
    ...
def acos(x: TensorLike) -> Tensor:
    """The angle in [0, pi] whose cosine is x; NaN outside of [-1, 1]."""
    ...
def acosh(x: TensorLike) -> Tensor:
    """The inverse of the hyperbolic cosine; NaN below 1."""
    ...
def add(a: TensorLike, b: TensorLike) -> Tensor:
    """a + b, with broadcasting. bool + bool stays bool."""
    ...
def addN(tensors: Sequence[TensorLike]) -> Tensor:
    """The sum of tensors of one shape and dtype."""
    ...
def all(x: TensorLike, axis: int | Sequence[int] | None = ..., keepDims: bool | None = ...) -> Tensor:
    """Whether all values over the given axes, or over all, are true."""
    ...
def any(x: TensorLike, axis: int | Sequence[int] | None = ..., keepDims: bool | None = ...) -> Tensor:
    """Whether any value over the given axes, or over all, is true."""
    ...
def argMax(x: TensorLike, axis: int | None = ...) -> Tensor:
    """The index of the first largest value along the axis, as int32; NaN is passed over."""
    ...
def argMin(x: TensorLike, axis: int | None = ...) -> Tensor:
    """The index of the first smallest value along the axis, as int32; NaN is passed over."""
    ...
def asin(x: TensorLike) -> Tensor:
    """The angle in [-pi/2, pi/2] whose sine is x; NaN outside of [-1, 1]."""
    ...
def asinh(x: TensorLike) -> Tensor:
    """The inverse of the hyperbolic sine."""
    ...
def atan(x: TensorLike) -> Tensor:
    """The angle in (-pi/2, pi/2) whose tangent is x."""
    ...
def atan2(a: TensorLike, b: TensorLike) -> Tensor:
    """The angle of the point (b, a) in (-pi, pi]: atan(a / b) in the right quadrant. With broadcasting."""
    ...
def atanh(x: TensorLike) -> Tensor:
    """The inverse of the hyperbolic tangent; NaN outside of [-1, 1]."""
    ...
def avgPool(x: TensorLike, filterSize: int | Sequence[int], strides: int | Sequence[int], pad: Literal["valid", "same"] | int | Sequence[Sequence[int]], dimRoundingMode: Literal["ceil", "round", "floor"] | None = ..., dilations: int | Sequence[int] | None = ..., dataFormat: Literal["NHWC", "NCHW"] | None = ...) -> Tensor:
    """The mean of each window of images [batch, height, width, channels]; padding does not count."""
    ...
def avgPool3d(x: TensorLike, filterSize: int | Sequence[int] | None, strides: int | Sequence[int], pad: Literal["valid", "same"] | int | Sequence[Sequence[int]], dimRoundingMode: Literal["ceil", "round", "floor"] | None = ..., dataFormat: Literal["NDHWC", "NCDHW"] | None = ...) -> Tensor:
    """The mean of each window of volumes [batch, depth, height, width, channels]; padding does not count."""
    ...
def batchNorm(x: TensorLike, mean: TensorLike, variance: TensorLike, offset: TensorLike | None = ..., scale: TensorLike | None = ..., varianceEpsilon: float | None = ...) -> Tensor:
    """(x - mean) / sqrt(variance + varianceEpsilon) * scale + offset, with parameters of the last dimension's size or of any shape that broadcasts to x."""
    ...
def batchToSpaceND(x: TensorLike, blockShape: int | Sequence[int], crops: int | Sequence[int] | Sequence[Sequence[int]]) -> Tensor:
    """The reverse of spaceToBatchND: elements of the batch become blocks of blockShape; then `crops` go from the edges."""
    ...
def bincount(x: TensorLike, weights: TensorLike, size: int) -> Tensor:
    """How often each whole number below `size` stands in x; or the sum of its weights where they are not empty."""
    ...
def bitwiseAnd(x: TensorLike, y: TensorLike) -> Tensor:
    """The bits that both x and y have, for int32 tensors of one shape."""
    ...
def broadcastArgs(s0: TensorLike, s1: TensorLike) -> Tensor:
    """The shape that tensors of the shapes s0 and s1 broadcast to, as an int32 vector; -1 stays."""
    ...
def broadcastTo(x: TensorLike, shape: int | Sequence[int]) -> Tensor:
    """x repeated along dimensions of size 1 to fill the shape."""
    ...
def cast(x: TensorLike, dtype: DTypeName) -> Tensor:
    """x as another dtype: numbers are cut toward zero for int32, and true where not 0 for bool. Casting to x's own dtype shares its memory."""
    ...
def ceil(x: TensorLike) -> Tensor:
    """The smallest whole number not below x. The derivative is 0."""
    ...
def clipByValue(x: TensorLike, clipValueMin: float, clipValueMax: float) -> Tensor:
    """x limited to [clipValueMin, clipValueMax]; NaN stays. The derivative is 1 inside, edges included, and 0 outside."""
    ...
def clone(x: TensorLike) -> Tensor:
    """The same value under a handle of its own; shares x's memory."""
    ...
def complex(real: TensorLike, imag: TensorLike) -> Tensor:
    """The complex numbers real + i imag, as complex64."""
    ...
def concat(tensors: Sequence[TensorLike], axis: int | None = ...) -> Tensor:
    """The tensors one behind another along the axis; all other sizes must agree."""
    ...
def conv1d(x: TensorLike, filter: TensorLike, stride: int, pad: Literal["valid", "same"] | int | Sequence[Sequence[int]], dataFormat: Literal["NWC", "NCW"] | None = ..., dilation: int | None = ..., dimRoundingMode: Literal["ceil", "round", "floor"] | None = ...) -> Tensor:
    """The convolution of sequences [batch, width, in] with a filter [width, in, out]; rank 2 is a batch of one."""
    ...
def conv2d(x: TensorLike, filter: TensorLike, strides: int | Sequence[int], pad: Literal["valid", "same"] | int | Sequence[Sequence[int]], dataFormat: Literal["NHWC", "NCHW"] | None = ..., dilations: int | Sequence[int] | None = ..., dimRoundingMode: Literal["ceil", "round", "floor"] | None = ...) -> Tensor:
    """The convolution of images [batch, height, width, in] with a filter [height, width, in, out]; rank 3 is a batch of one. pad: 'same', 'valid', a number, or explicit pairs for each dimension."""
    ...
def conv2dTranspose(x: TensorLike, filter: TensorLike, outputShape: int | Sequence[int], strides: int | Sequence[int], pad: Literal["valid", "same"] | int | Sequence[Sequence[int]], dimRoundingMode: Literal["ceil", "round", "floor"] | None = ...) -> Tensor:
    """The transposed convolution of images [batch, height, width, in] with a filter [height, width, out, in]: the image of outputShape to whose convolution's gradient x would be."""
    ...
def conv3d(x: TensorLike, filter: TensorLike, strides: int | Sequence[int], pad: Literal["valid", "same"], dataFormat: Literal["NDHWC", "NCDHW"] | None = ..., dilations: int | Sequence[int] | None = ...) -> Tensor:
    """The convolution of volumes [batch, depth, height, width, in] with a filter [depth, height, width, in, out]; rank 4 is a batch of one."""
    ...
def conv3dTranspose(x: TensorLike, filter: TensorLike, outputShape: int | Sequence[int], strides: int | Sequence[int], pad: Literal["valid", "same"]) -> Tensor:
    """The transposed convolution of volumes [batch, depth, height, width, in] with a filter [depth, height, width, out, in], of the given output shape."""
    ...
def cos(x: TensorLike) -> Tensor:
    """The cosine of x in radians."""
    ...
def cosh(x: TensorLike) -> Tensor:
    """The hyperbolic cosine."""
    ...
def cumprod(x: TensorLike, axis: int | None = ..., exclusive: bool | None = ..., reverse: bool | None = ...) -> Tensor:
    """Running products along the axis; exclusive leaves each element itself out, reverse runs from the end."""
    ...
def cumsum(x: TensorLike, axis: int | None = ..., exclusive: bool | None = ..., reverse: bool | None = ...) -> Tensor:
    """Running sums along the axis; exclusive leaves each element itself out, reverse runs from the end."""
    ...
def denseBincount(x: TensorLike, weights: TensorLike, size: int, binaryOutput: bool | None = ...) -> Tensor:
    """How often each whole number below `size` stands in x [n], or in each row of x [rows, n]; or the sum of its weights where they are not empty; with binaryOutput 1 where it is there at all."""
    ...
def depthToSpace(x: TensorLike, blockSize: int, dataFormat: Literal["NHWC", "NCHW"] | None = ...) -> Tensor:
    """Each pixel's channels spread over a square of blockSize by blockSize pixels."""
    ...
def depthwiseConv2d(x: TensorLike, filter: TensorLike, strides: int | Sequence[int], pad: Literal["valid", "same"] | int | Sequence[Sequence[int]], dataFormat: Literal["NHWC", "NCHW"] | None = ..., dilations: int | Sequence[int] | None = ..., dimRoundingMode: Literal["ceil", "round", "floor"] | None = ...) -> Tensor:
    """Each channel of the images [batch, height, width, in] convolved with its own filters, [height, width, in, multiplier]; output channel i * multiplier + j comes from input channel i."""
    ...
def diag(x: TensorLike) -> Tensor:
    """A tensor of twice x's dimensions, with x on the diagonal and zeros elsewhere."""
    ...
def dilation2d(x: TensorLike, filter: TensorLike, strides: int | Sequence[int], pad: Literal["valid", "same"], dilations: int | Sequence[int] | None = ..., dataFormat: Literal["NHWC"] | None = ...) -> Tensor:
    """Grayscale dilation: the largest sum of an element of x and one of the filter [height, width, channels] over each window. In a tie the first gets the gradient."""
    ...
def div(a: TensorLike, b: TensorLike) -> Tensor:
    """a / b, with broadcasting. Two int32 tensors give an int32 tensor, rounded down; there x / 0 is 0."""
    ...
def divNoNan(a: TensorLike, b: TensorLike) -> Tensor:
    """a / b, and 0 where b is 0, with broadcasting."""
    ...
def dot(t1: TensorLike, t2: TensorLike) -> Tensor:
    """The product of two vectors, two matrices, or one of each."""
    ...
def dropout(x: TensorLike, rate: float, noiseShape: int | Sequence[int] | None = ..., seed: int | str | None = ...) -> Tensor:
    """Sets a part `rate` of the values to 0 and divides the others by 1 - rate. noiseShape: the shape of the random choice, which broadcasts to x."""
    ...
def elu(x: TensorLike) -> Tensor:
    """x where x > 0, exp(x) - 1 elsewhere (Clevert et al. 2016)."""
    ...
def equal(a: TensorLike, b: TensorLike) -> Tensor:
    """a == b as bool, with broadcasting."""
    ...
def erf(x: TensorLike) -> Tensor:
    """The error function 2/sqrt(pi) * integral of exp(-t^2) from 0 to x."""
    ...
def exp(x: TensorLike) -> Tensor:
    """e to the power of x."""
    ...
def expandDims(x: TensorLike, axis: int | None = ...) -> Tensor:
    """Inserts a dimension of size 1 at the axis. Shares x's memory."""
    ...
def expm1(x: TensorLike) -> Tensor:
    """exp(x) - 1, accurate near 0."""
    ...
def fft(input: TensorLike) -> Tensor:
    """The discrete Fourier transform of complex numbers along the last dimension, of any size: sum over j of x[j] exp(-2 pi i j k / n)."""
    ...
def floor(x: TensorLike) -> Tensor:
    """The largest whole number not above x. The derivative is 0."""
    ...
def floorDiv(a: TensorLike, b: TensorLike) -> Tensor:
    """a / b rounded down, with broadcasting. The result is int32, also of float32 tensors."""
    ...
def gather(x: TensorLike, indices: TensorLike, axis: int | None = ..., batchDims: int | None = ...) -> Tensor:
    """The slices of x along the axis that the int32 indices name. An index outside is an error; repeated indices add their gradients up."""
    ...
def gatherND(x: TensorLike, indices: TensorLike) -> Tensor:
    """The slices of x at the int32 coordinates in the last dimension of indices. Repeated ones add their gradients up."""
    ...
def greater(a: TensorLike, b: TensorLike) -> Tensor:
    """a > b as bool, with broadcasting."""
    ...
def greaterEqual(a: TensorLike, b: TensorLike) -> Tensor:
    """a >= b as bool, with broadcasting."""
    ...
def ifft(input: TensorLike) -> Tensor:
    """The inverse of fft: sum over k of x[k] exp(2 pi i j k / n) / n along the last dimension."""
    ...
def imag(input: TensorLike) -> Tensor:
    """The imaginary part of complex numbers, as float32."""
    ...
def irfft(input: TensorLike) -> Tensor:
    """The inverse of rfft: the 2 (n - 1) real numbers along the last dimension whose transform begins with the n complex numbers of the input. One number alone is its own."""
    ...
def isFinite(x: TensorLike) -> Tensor:
    """Whether x is neither infinite nor NaN, as bool."""
    ...
def isInf(x: TensorLike) -> Tensor:
    """Whether x is infinite, as bool."""
    ...
def isNaN(x: TensorLike) -> Tensor:
    """Whether x is NaN, as bool."""
    ...
def leakyRelu(x: TensorLike, alpha: float | None = ...) -> Tensor:
    """x where x > 0, alpha * x elsewhere (Maas et al. 2013)."""
    ...
def less(a: TensorLike, b: TensorLike) -> Tensor:
    """a < b as bool, with broadcasting."""
    ...
def lessEqual(a: TensorLike, b: TensorLike) -> Tensor:
    """a <= b as bool, with broadcasting."""
    ...
def linspace(start: float, stop: float, num: int) -> Tensor:
    """num evenly spaced values from start to stop, both included."""
    ...
def localResponseNormalization(x: TensorLike, depthRadius: int | None = ..., bias: float | None = ..., alpha: float | None = ..., beta: float | None = ...) -> Tensor:
    """x * (bias + alpha * s)^-beta, where s is the sum of squares over the channels up to depthRadius away."""
    ...
def log(x: TensorLike) -> Tensor:
    """The natural logarithm; -Infinity at 0, NaN below."""
    ...
def log1p(x: TensorLike) -> Tensor:
    """log(1 + x), accurate near 0."""
    ...
def logSigmoid(x: TensorLike) -> Tensor:
    """log(sigmoid(x)) without overflow."""
    ...
def logSoftmax(logits: TensorLike, axis: int | None = ...) -> Tensor:
    """The logarithm of softmax along the last dimension."""
    ...
def logSumExp(x: TensorLike, axis: int | Sequence[int] | None = ..., keepDims: bool | None = ...) -> Tensor:
    """log(sum(exp(x))) over the given axes, or over all, without overflow."""
    ...
def logicalAnd(a: TensorLike, b: TensorLike) -> Tensor:
    """a and b for bool tensors, with broadcasting."""
    ...
def logicalNot(x: TensorLike) -> Tensor:
    """Not x for a bool tensor."""
    ...
def logicalOr(a: TensorLike, b: TensorLike) -> Tensor:
    """a or b for bool tensors, with broadcasting."""
    ...
def logicalXor(a: TensorLike, b: TensorLike) -> Tensor:
    """Either a or b for bool tensors, with broadcasting."""
    ...
def lowerBound(sortedSequence: TensorLike, values: TensorLike) -> Tensor:
    """searchSorted with side 'left'."""
    ...
def matMul(a: TensorLike, b: TensorLike, transposeA: bool | None = ..., transposeB: bool | None = ...) -> Tensor:
    """The matrix product of a [..., m, k] and b [..., k, n], either one transposed on demand; leading dimensions broadcast."""
    ...
def max(x: TensorLike, axis: int | Sequence[int] | None = ..., keepDims: bool | None = ...) -> Tensor:
    """The largest value over the given axes, or over all; NaN where one is. All maxima get the gradient."""
    ...
def maxPool(x: TensorLike, filterSize: int | Sequence[int], strides: int | Sequence[int], pad: Literal["valid", "same"] | int | Sequence[Sequence[int]], dimRoundingMode: Literal["ceil", "round", "floor"] | None = ..., dilations: int | Sequence[int] | None = ..., dataFormat: Literal["NHWC", "NCHW"] | None = ...) -> Tensor:
    """The largest value of each window of images [batch, height, width, channels]; padding does not count."""
    ...
def maxPool3d(x: TensorLike, filterSize: int | Sequence[int] | None, strides: int | Sequence[int], pad: Literal["valid", "same"] | int | Sequence[Sequence[int]], dimRoundingMode: Literal["ceil", "round", "floor"] | None = ..., dataFormat: Literal["NDHWC", "NCDHW"] | None = ...) -> Tensor:
    """The largest value of each window of volumes [batch, depth, height, width, channels]; padding does not count."""
    ...
def maximum(a: TensorLike, b: TensorLike) -> Tensor:
    """The larger of a and b, with broadcasting; NaN where either is. In a tie the gradient goes to a."""
    ...
def mean(x: TensorLike, axis: int | Sequence[int] | None = ..., keepDims: bool | None = ...) -> Tensor:
    """The mean over the given axes, or over all; of an integer tensor float32."""
    ...
def min(x: TensorLike, axis: int | Sequence[int] | None = ..., keepDims: bool | None = ...) -> Tensor:
    """The smallest value over the given axes, or over all; NaN where one is. All minima get the gradient."""
    ...
def minimum(a: TensorLike, b: TensorLike) -> Tensor:
    """The smaller of a and b, with broadcasting; NaN where either is. In a tie the gradient goes to a."""
    ...
def mirrorPad(x: TensorLike, paddings: int | Sequence[int] | Sequence[Sequence[int]], mode: Literal["reflect", "symmetric"]) -> Tensor:
    """x with its own elements reflected around it, [before, after] per dimension: 'reflect' leaves the edge itself out, 'symmetric' repeats it."""
    ...
def mod(a: TensorLike, b: TensorLike) -> Tensor:
    """The remainder of a / b with the sign of b, with broadcasting."""
    ...
def movingAverage(v: TensorLike, x: TensorLike, decay: TensorLike, step: TensorLike | None = ..., zeroDebias: bool | None = ...) -> Tensor:
    """v * decay + x * (1 - decay); with zeroDebias the step from v is divided by 1 - decay^step, which undoes the bias of a start at zero."""
    ...
def mul(a: TensorLike, b: TensorLike) -> Tensor:
    """a * b, elementwise with broadcasting."""
    ...
def multinomial(logits: TensorLike, numSamples: int, seed: int | str | None = ..., normalized: bool | None = ...) -> Tensor:
    """numSamples int32 classes for each row of logits, or of probabilities where `normalized`."""
    ...
def neg(x: TensorLike) -> Tensor:
    """-x."""
    ...
def notEqual(a: TensorLike, b: TensorLike) -> Tensor:
    """a != b as bool, with broadcasting."""
    ...
def oneHot(indices: TensorLike, depth: int, onValue: float | None = ..., offValue: float | None = ..., dtype: DTypeName | None = ...) -> Tensor:
    """A new last dimension of `depth`, with onValue at each index and offValue elsewhere; an index outside gives a row of offValue."""
    ...
def onesLike(x: TensorLike) -> Tensor:
    """Ones of x's shape and dtype."""
    ...
def outerProduct(v1: TensorLike, v2: TensorLike) -> Tensor:
    """All products of an element of v1 with one of v2, as a matrix."""
    ...
def pad(x: TensorLike, paddings: int | Sequence[int] | Sequence[Sequence[int]], constantValue: float | None = ...) -> Tensor:
    """x with `paddings` ([before, after] per dimension) of a constant around it."""
    ...
def pool(input: TensorLike, windowShape: int | Sequence[int], poolingType: Literal["avg", "max"], pad: Literal["valid", "same"] | int | Sequence[Sequence[int]], dilations: int | Sequence[int] | None = ..., strides: int | Sequence[int] | None = ..., dimRoundingMode: Literal["ceil", "round", "floor"] | None = ...) -> Tensor:
    """Max or average pooling of images [batch, height, width, channels], with dilated windows on demand."""
    ...
def pow(base: TensorLike, exp: TensorLike) -> Tensor:
    """base to the power of exp, with broadcasting."""
    ...
def prelu(x: TensorLike, alpha: TensorLike) -> Tensor:
    """x where x > 0, alpha * x elsewhere, with a tensor alpha that broadcasts (He et al. 2015)."""
    ...
def prod(x: TensorLike, axis: int | Sequence[int] | None = ..., keepDims: bool | None = ...) -> Tensor:
    """The product over the given axes, or over all. A bool tensor's product is int32."""
    ...
def randomGamma(shape: int | Sequence[int], alpha: float, beta: float | None = ..., dtype: DTypeName | None = ..., seed: int | str | None = ...) -> Tensor:
    """Values from the gamma distribution with shape alpha and rate beta."""
    ...
def randomNormal(shape: int | Sequence[int], mean: float | None = ..., stdDev: float | None = ..., dtype: DTypeName | None = ..., seed: int | str | None = ...) -> Tensor:
    """Values from the normal distribution."""
    ...
def randomStandardNormal(shape: int | Sequence[int], dtype: DTypeName | None = ..., seed: int | str | None = ...) -> Tensor:
    """Values from the normal distribution with mean 0 and standard deviation 1."""
    ...
def randomUniform(shape: int | Sequence[int], minval: float | None = ..., maxval: float | None = ..., dtype: DTypeName | None = ..., seed: int | str | None = ...) -> Tensor:
    """Values from the uniform distribution over [minval, maxval)."""
    ...
def randomUniformInt(shape: int | Sequence[int], minval: float, maxval: float, seed: int | str | None = ...) -> Tensor:
    """Whole numbers from the uniform distribution over [minval, maxval)."""
    ...
def range(start: float, stop: float, step: float | None = ..., dtype: Literal["float32", "int32"] | None = ...) -> Tensor:
    """start, start + step, ... below stop (above, where step is negative; 1 counts down, too)."""
    ...
def real(input: TensorLike) -> Tensor:
    """The real part of complex numbers, as float32."""
    ...
def reciprocal(x: TensorLike) -> Tensor:
    """1 / x."""
    ...
def relu(x: TensorLike) -> Tensor:
    """max(x, 0). The derivative at 0 is 0."""
    ...
def relu6(x: TensorLike) -> Tensor:
    """min(max(x, 0), 6). The derivative is 0 at 0 and 1 at 6."""
    ...
def reshape(x: TensorLike, shape: int | Sequence[int]) -> Tensor:
    """The same elements under another shape; one size may be -1 and follows from the others. Shares x's memory."""
    ...
def reverse(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Tensor:
    """The elements in reversed order along the given axes, or all."""
    ...
def rfft(input: TensorLike, fftLength: int | None = ...) -> Tensor:
    """The first n / 2 + 1 numbers of the discrete Fourier transform of real numbers along the last dimension, which is cut or filled with zeros to n = fftLength first. The others are their conjugates."""
    ...
def round(x: TensorLike) -> Tensor:
    """The nearest whole number, halves to the even one. The derivative is 0."""
    ...
def rsqrt(x: TensorLike) -> Tensor:
    """1 / sqrt(x)."""
    ...
def scatterND(indices: TensorLike, updates: TensorLike, shape: int | Sequence[int]) -> Tensor:
    """Zeros of the given shape to which the slices `updates` are added at the coordinates in the last dimension of indices, repeated ones one after another."""
    ...
def searchSorted(sortedSequence: TensorLike, values: TensorLike, side: Literal["left", "right"] | None = ...) -> Tensor:
    """Where each value would be put into the sorted last dimension of sortedSequence: before ('left') or behind ('right') those that equal it."""
    ...
def selu(x: TensorLike) -> Tensor:
    """scale * (x where x > 0, alpha * (exp(x) - 1) elsewhere) with the constants of Klambauer et al. 2017."""
    ...
def separableConv2d(x: TensorLike, depthwiseFilter: TensorLike, pointwiseFilter: TensorLike, strides: int | Sequence[int], pad: Literal["valid", "same"] | int | Sequence[Sequence[int]], dilation: int | Sequence[int] | None = ..., dataFormat: Literal["NHWC", "NCHW"] | None = ...) -> Tensor:
    """A depthwise convolution with depthwiseFilter [height, width, in, multiplier], then one with pointwiseFilter [1, 1, in * multiplier, out]."""
    ...
def sigmoid(x: TensorLike) -> Tensor:
    """1 / (1 + exp(-x))."""
    ...
def sign(x: TensorLike) -> Tensor:
    """-1, 0 or 1 by the sign of x; NaN stays. The derivative is 0."""
    ...
def sin(x: TensorLike) -> Tensor:
    """The sine of x in radians."""
    ...
def sinh(x: TensorLike) -> Tensor:
    """The hyperbolic sine."""
    ...
def slice(x: TensorLike, begin: int | Sequence[int], size: int | Sequence[int] | None = ...) -> Tensor:
    """The part of x that begins at `begin` and has the given size; -1 or nothing reaches to the end."""
    ...
def softmax(logits: TensorLike, dim: int | None = ...) -> Tensor:
    """exp(logits) divided by its sum over the last dimension."""
    ...
def softplus(x: TensorLike) -> Tensor:
    """log(1 + exp(x))."""
    ...
def spaceToBatchND(x: TensorLike, blockShape: int | Sequence[int], paddings: int | Sequence[int] | Sequence[Sequence[int]]) -> Tensor:
    """Dimensions 1, 2, ... padded with zeros and cut into blocks of blockShape, whose elements move into the batch."""
    ...
def spaceToDepth(x: TensorLike, blockSize: int, dataFormat: Literal["NHWC", "NCHW"] | None = ...) -> Tensor:
    """The reverse of depthToSpace: squares of blockSize by blockSize pixels become channels of one."""
    ...
def split(x: TensorLike, numOrSizeSplits: int | Sequence[int], axis: int | None = ...) -> list[Tensor]:
    """x cut along the axis: into that many equal parts, or into parts of the listed sizes (one may be -1)."""
    ...
def sqrt(x: TensorLike) -> Tensor:
    """The square root; NaN below 0."""
    ...
def square(x: TensorLike) -> Tensor:
    """x * x."""
    ...
def squaredDifference(a: TensorLike, b: TensorLike) -> Tensor:
    """(a - b)^2, with broadcasting."""
    ...
def squeeze(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Tensor:
    """Removes dimensions of size 1: those at the given axes, or all where there are none. Shares x's memory."""
    ...
def stack(tensors: Sequence[TensorLike], axis: int | None = ...) -> Tensor:
    """Tensors of one shape put together along a new axis."""
    ...
def step(x: TensorLike, alpha: float | None = ...) -> Tensor:
    """1 where x > 0, alpha elsewhere; NaN stays. The derivative is 0."""
    ...
def stridedSlice(x: TensorLike, begin: int | Sequence[int], end: int | Sequence[int], strides: int | Sequence[int] | None = ..., beginMask: int | None = ..., endMask: int | None = ..., ellipsisMask: int | None = ..., newAxisMask: int | None = ..., shrinkAxisMask: int | None = ...) -> Tensor:
    """x[begin:end:strides] by dimension. Bit i of a mask speaks of place i of the lists: begin or end is left out, an ellipsis stands there, a new dimension, or one index, whose dimension goes."""
    ...
def sub(a: TensorLike, b: TensorLike) -> Tensor:
    """a - b, with broadcasting."""
    ...
def sum(x: TensorLike, axis: int | Sequence[int] | None = ..., keepDims: bool | None = ...) -> Tensor:
    """The sum over the given axes, or over all. A bool tensor's sum is int32."""
    ...
def tan(x: TensorLike) -> Tensor:
    """The tangent of x in radians."""
    ...
def tanh(x: TensorLike) -> Tensor:
    """The hyperbolic tangent."""
    ...
def tensorScatterUpdate(tensor: TensorLike, indices: TensorLike, updates: TensorLike) -> Tensor:
    """The tensor with the slices `updates` put in at the coordinates in the last dimension of indices; where one repeats, the last stays."""
    ...
def tile(x: TensorLike, reps: int | Sequence[int]) -> Tensor:
    """x repeated reps[i] times along dimension i."""
    ...
def transpose(x: TensorLike, perm: int | Sequence[int] | None = ..., conjugate: bool | None = ...) -> Tensor:
    """The dimensions in the order perm, or reversed; complex numbers conjugated on demand."""
    ...
def truncatedNormal(shape: int | Sequence[int], mean: float | None = ..., stdDev: float | None = ..., dtype: DTypeName | None = ..., seed: int | str | None = ...) -> Tensor:
    """Values from the normal distribution; those beyond two standard deviations are drawn again."""
    ...
def unsortedSegmentSum(x: TensorLike, segmentIds: TensorLike, numSegments: int) -> Tensor:
    """The sums of the slices of x that have the same segment id, for the ids from 0 to numSegments - 1; other ids are left out."""
    ...
def unstack(x: TensorLike, axis: int | None = ...) -> list[Tensor]:
    """x taken apart along the axis, as a list of tensors without it."""
    ...
def upperBound(sortedSequence: TensorLike, values: TensorLike) -> Tensor:
    """searchSorted with side 'right'."""
    ...
version: Any
def where(condition: TensorLike, a: TensorLike, b: TensorLike) -> Tensor:
    """a where condition holds, b elsewhere; all three broadcast."""
    ...
def zerosLike(x: TensorLike) -> Tensor:
    """Zeros of x's shape and dtype."""
    ...
__version__: str
