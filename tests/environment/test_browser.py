"""Pictures as tensors and back."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf

RGBA = np.random.default_rng(3).integers(0, 256, (5, 4, 4), dtype=np.uint8)


class Image:
    """As much of a PIL image as is used."""

    def __init__(self, pixels: np.ndarray, mode: str = "RGBA") -> None:
        self.pixels, self.mode = pixels, mode
        self.size = (pixels.shape[1], pixels.shape[0])

    def convert(self, mode: str) -> Image:
        assert mode == "RGBA"
        return self

    def tobytes(self) -> bytes:
        return self.pixels.tobytes()

    def frombytes(self, data: bytes) -> None:
        self.pixels = np.frombuffer(data, np.uint8).reshape(self.pixels.shape)

    def paste(self, *_: object) -> None:
        raise AssertionError


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_from_pixels(tfjs, channels):
    theirs = tfjs.eval(
        "return tf.browser.fromPixels({data: new Uint8Array(data), width: 4, height: 5}, channels);",
        data=RGBA.ravel().tolist(),
        channels=channels,
    )
    pixels = {"data": RGBA.tobytes(), "width": 4, "height": 5}
    thing = type("Pixels", (), pixels)()
    for each in (pixels, thing, {**pixels, "data": RGBA.ravel()}, Image(RGBA), RGBA, RGBA.astype(np.int32)):
        found = tf.browser.fromPixels(each, channels)
        assert found.dtype == "int32"
        np.testing.assert_array_equal(found, theirs)
    np.testing.assert_array_equal(tf.browser.fromPixelsAsync(RGBA, channels).result(), theirs)


def test_gray_pictures_and_those_without_alpha():
    gray = RGBA[:, :, 0]
    np.testing.assert_array_equal(tf.browser.fromPixels(gray), np.stack([gray] * 3, 2))
    np.testing.assert_array_equal(tf.browser.fromPixels(gray, 1), gray[:, :, None])
    opaque = np.concatenate([RGBA[:, :, :3], np.full((5, 4, 1), 255)], 2)
    np.testing.assert_array_equal(tf.browser.fromPixels(RGBA[:, :, :3], 4), opaque)
    np.testing.assert_array_equal(tf.browser.fromPixels(tf.tensor(gray), 4)[:, :, 3], np.full((5, 4), 255))


@pytest.mark.parametrize(
    ("pixels", "channels", "error", "said"),
    [
        (None, 3, TypeError, "can not be null"),
        ("cat.png", 3, TypeError, r"PIL\.Image\.open"),
        (object(), 3, TypeError, "a PIL image"),
        (np.zeros((2, 3, 5)), 3, ValueError, "1, 3 or 4 channels"),
        (np.zeros(4), 3, ValueError, "1, 3 or 4 channels"),
        (RGBA, 5, ValueError, "Cannot construct Tensor with 5 channels"),
        (RGBA, 0, ValueError, "Cannot construct Tensor with 0 channels"),
    ],
)
def test_what_is_no_picture(pixels, channels, error, said):
    with pytest.raises(error, match=said):
        tf.browser.fromPixels(pixels, channels)


PICTURES = {
    "float": np.random.default_rng(1).uniform(0, 1, (3, 2, 3)).astype(np.float32),
    "float_alpha": np.random.default_rng(2).uniform(0, 1, (3, 2, 4)).astype(np.float32),
    "gray": np.random.default_rng(3).uniform(0, 1, (3, 2)).astype(np.float32),
    "gray_deep": np.random.default_rng(4).integers(0, 256, (3, 2, 1)).astype(np.int32),
    "int": np.random.default_rng(5).integers(0, 256, (3, 2, 3)).astype(np.int32),
    "halves": np.float32([[0.5, 1 / 510], [0, 1]]),
}


@pytest.mark.parametrize("name", PICTURES)
def test_to_pixels(tfjs, name):
    picture = PICTURES[name]
    theirs = tfjs.eval("return Array.from(await tf.browser.toPixels(x));", x=picture)
    assert list(tf.browser.toPixels(picture).result()) == theirs
    height, width = picture.shape[:2]
    canvas = np.zeros((height, width, 4), np.uint8)
    assert tf.browser.toPixels(tf.tensor(picture), canvas).result() == canvas.tobytes() == bytes(theirs)
    image = Image(np.zeros((height, width, 4), np.uint8))
    tf.browser.draw(picture, image)
    assert image.tobytes() == bytes(theirs)


def test_draw_with_alpha():
    canvas = np.zeros((1, 1, 4), np.uint8)
    tf.browser.draw([[0.2]], canvas, {"imageOptions": {"alpha": 0.5}})
    assert canvas.ravel().tolist() == [51, 51, 51, 128]


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (np.float32([[1.5]]), r"range \[0 - 1\] but encountered 1.5"),
        (np.float32([[-0.5]]), r"range \[0 - 1\] but encountered -0.5"),
        (np.float32([[np.nan]]), r"range \[0 - 1\]"),
        (np.int32([[256]]), r"range \[0 - 255\] but encountered 256"),
        (np.zeros((1, 1, 2), np.float32), "depth of size 1, 3 or 4 but got 2"),
        (np.zeros(3, np.float32), "rank 2 or 3 tensors, got rank 1"),
        (np.ones((1, 1), bool), "Unsupported type"),
    ],
)
def test_what_cannot_be_shown(tfjs, picture, said):
    with pytest.raises(ValueError, match=said):
        tf.browser.toPixels(picture)


@pytest.mark.parametrize(
    ("canvas", "error", "said"),
    [
        (np.zeros((2, 2, 4), np.uint8), ValueError, r"shape \[1, 1, 4\]"),
        (np.zeros((1, 1, 4), np.float32), ValueError, "writable uint8"),
        (bytes(4), ValueError, "writable uint8"),
        (object(), TypeError, "A canvas is a PIL image"),
        (Image(np.zeros((2, 1, 4), np.uint8)), ValueError, r"the picture \(1, 1\)"),
        (Image(np.zeros((1, 1, 4), np.uint8), "RGB"), ValueError, 'mode "RGBA"'),
    ],
)
def test_what_cannot_be_drawn_on(canvas, error, said):
    with pytest.raises(error, match=said):
        tf.browser.draw([[0.5]], canvas)


def test_there_and_back():
    data = tf.browser.toPixels(tf.browser.fromPixels(RGBA, 4)).result()
    assert data == RGBA.tobytes()
