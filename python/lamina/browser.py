"""tf.browser: pictures as tensors and tensors as pictures, on PIL images and arrays where a browser has
canvases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _core
from ._convert import as_tensor, none_is_default

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._core import Tensor
    from .promises import Promise

__all__ = ["draw", "fromPixels", "fromPixelsAsync", "toPixels"]

ops = _core.ops

_PICTURES = (
    "a PIL image, an array of shape [height, width] or [height, width, channels], or {data, width, height} "
    "with RGBA bytes"
)


@none_is_default
def fromPixels(pixels: Any, numChannels: int = 3) -> Tensor:
    """An int32 tensor [height, width, numChannels] of values from 0 to 255.

    pixels: a PIL image, an array or tensor of whole numbers of shape [height, width] (gray) or [height,
    width, channels] with 1, 3 or 4 channels, or a dict or object with `data` (RGBA bytes), `width` and
    `height`. numChannels: how many of red, green, blue and alpha are taken; where alpha is not given, it is
    255.

    Raises ValueError for other shapes, and TypeError for what is no picture, a file name or a web page's
    element among them.
    """
    if not 1 <= numChannels <= 4:
        raise ValueError(
            f"Cannot construct Tensor with {numChannels} channels from pixels: there are 1 to 4."
        )
    image = _as_channels(pixels)
    height, width, channels = image.shape
    if channels == 1 and numChannels > 1:
        image = ops.concat([image] * 3, 2)
        channels = 3
    if channels < numChannels:
        image = ops.concat([image, ops.fill([height, width, 1], 255, "int32")], 2)
    if image.shape[2] < numChannels:
        raise ValueError(f"fromPixels: {channels} channels of {list(image.shape)} do not give {numChannels}.")
    return ops.slice(image, [0, 0, 0], [height, width, numChannels])


@none_is_default
def fromPixelsAsync(pixels: Any, numChannels: int = 3) -> Promise[Tensor]:
    """A Promise of fromPixels()."""
    from .promises import Promise

    return Promise.resolve(fromPixels(pixels, numChannels))


def toPixels(img: Any, canvas: Any = None) -> Promise[bytes]:
    """A Promise of the picture's RGBA bytes, row by row, four for each pixel.

    img: a tensor [height, width] or [height, width, 1, 3 or 4], float32 from 0 to 1 or int32 from 0 to 255.
    canvas: a PIL image of that size, or a writable uint8 array [height, width, 4], which gets the picture,
    too. PIL makes an image of the bytes by Image.frombytes("RGBA", (width, height), data).

    Raises ValueError for other shapes and for values beyond the range.
    """
    from .promises import Promise

    data, height, width = _as_rgba(img, "toPixels")
    if canvas is not None:
        _paint(canvas, data, height, width)
    return Promise.resolve(data)


def draw(image: Any, canvas: Any, options: Mapping[str, Any] | None = None) -> None:
    """Puts a picture on a PIL image of its size, or into a writable uint8 array [height, width, 4].

    image: as for toPixels(). options: {"imageOptions": {"alpha": 0.5}} is the alpha where the image has none.
    """
    alpha = ((options or {}).get("imageOptions") or {}).get("alpha", 1)
    _paint(canvas, *_as_rgba(image, "draw", alpha))


def _as_channels(pixels: Any) -> Tensor:
    """Any picture as int32 [height, width, channels]."""
    if pixels is None:
        raise TypeError("pixels passed to tf.browser.fromPixels() can not be null")
    if isinstance(pixels, (bytes, bytearray)):
        raise TypeError(
            f"fromPixels takes a picture, not {len(pixels)} bytes. For those of a file write "
            "PIL.Image.open(io.BytesIO(data)), for RGBA values "
            '{"data": data, "width": width, "height": height}.'
        )
    if isinstance(pixels, str):
        raise TypeError("fromPixels takes a picture, not a file's name: PIL.Image.open(name) reads one.")
    if callable(getattr(pixels, "convert", None)) and callable(getattr(pixels, "tobytes", None)):
        width, height = pixels.size
        data: Any = pixels.convert("RGBA").tobytes()
        return _core.tensor(memoryview(data), [height, width, 4], "int32")
    data, width, height = (_part(pixels, name) for name in ("data", "width", "height"))
    if width is not None and height is not None:
        if isinstance(data, bytes):
            data = memoryview(data)
        return ops.cast(_core.tensor(data, [int(height), int(width), 4]), "int32")
    try:
        image = as_tensor(pixels)
    except (TypeError, ValueError):
        raise TypeError(f"fromPixels takes {_PICTURES}, but got {type(pixels).__name__}.") from None
    if image.rank == 2:
        image = ops.expandDims(image, 2)
    if image.rank != 3 or image.shape[2] not in (1, 3, 4):
        raise ValueError(
            f"fromPixels takes {_PICTURES}; an array has 1, 3 or 4 channels, but got {list(image.shape)}."
        )
    return ops.cast(image, "int32")


def _part(pixels: Any, name: str) -> Any:
    return pixels.get(name) if isinstance(pixels, dict) else getattr(pixels, name, None)


def _as_rgba(image: Any, where: str, alpha: float = 1) -> tuple[bytes, int, int]:
    given = as_tensor(image)
    if given.rank not in (2, 3):
        raise ValueError(f"{where} only supports rank 2 or 3 tensors, got rank {given.rank}.")
    depth = 1 if given.rank == 2 else given.shape[2]
    if depth not in (1, 3, 4):
        raise ValueError(f"{where} only supports depth of size 1, 3 or 4 but got {depth}")
    if given.dtype not in ("float32", "int32"):
        raise ValueError(f"Unsupported type for {where}: {given.dtype}. Please use float32 or int32 tensors.")
    limit = 1 if given.dtype == "float32" else 255
    height, width = given.shape[:2]
    if given.size:
        low, high = float(ops.min(given)), float(ops.max(given))
        for value in (low, high):
            if not 0 <= value <= limit:
                raise ValueError(
                    f"Tensor values for a {given.dtype} Tensor must be in the range [0 - {limit}] but "
                    f"encountered {value:g}."
                )
    values = ops.reshape(given, [height, width, depth])
    if limit == 1:
        values = ops.cast(_times_255(values), "int32")
    if depth == 1:
        values = ops.concat([values] * 3, 2)
    if depth != 4:
        values = ops.concat([values, ops.fill([height, width, 1], round(alpha * 255), "int32")], 2)
    # The low byte of each number: memory is little endian everywhere that Lamina runs.
    return bytes(memoryview(values).cast("B")[::4]), height, width


def _times_255(values: Tensor) -> Tensor:
    """The values times 255, rounded as the exact product is, halves to even numbers."""
    # 256 x is exact, and so is what 256 x - x loses; it decides where the rounded product is a half.
    whole = ops.mul(values, 256.0)
    product = ops.sub(whole, values)
    lost = ops.sub(ops.sub(whole, product), values)
    below = ops.floor(product)
    is_half = ops.logicalAnd(ops.equal(ops.sub(product, below), 0.5), ops.notEqual(lost, 0.0))
    nearest = ops.add(below, ops.cast(ops.greater(lost, 0.0), "float32"))
    return ops.where(is_half, nearest, ops.round(product))


def _paint(canvas: Any, data: bytes, height: int, width: int) -> None:
    if callable(getattr(canvas, "frombytes", None)) and callable(getattr(canvas, "paste", None)):
        if tuple(canvas.size) != (width, height):
            raise ValueError(f"The image is {tuple(canvas.size)}, the picture ({width}, {height}).")
        if canvas.mode != "RGBA":
            raise ValueError(f'The image must be of mode "RGBA", but is "{canvas.mode}".')
        canvas.frombytes(data)
        return
    try:
        memory = memoryview(canvas)
    except TypeError:
        raise TypeError(
            "A canvas is a PIL image or a writable uint8 array [height, width, 4], but got "
            f"{type(canvas).__name__}."
        ) from None
    if memory.readonly or memory.format != "B" or memory.nbytes != len(data) or not memory.c_contiguous:
        raise ValueError(
            f"The array must be writable uint8 of shape [{height}, {width}, 4], but is {memory.format!r} of "
            f"shape {list(memory.shape or ())}."
        )
    memory.cast("B")[:] = data


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    from ._names import suggest

    raise AttributeError(suggest(name, __all__, "tf.browser"))
