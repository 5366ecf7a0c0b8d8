"""Weights as bytes: TensorFlow.js' layout, quantized forms, and bytes that do not fit."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lamina as tf


def decode(data, *specs):
    return tf.io.decodeWeights(data, list(specs))


def spec(name="w", shape=(2,), dtype="float32", **more):
    return {"name": name, "shape": list(shape), "dtype": dtype, **more}


def test_all_dtypes_go_round():
    tensors = {
        "f": tf.tensor2d([[1, 2.5], [-3, 4]]),
        "i": tf.tensor1d([1, -2, 3], "int32"),
        "b": tf.tensor1d([True, False], "bool"),
        "s": tf.tensor1d(["", "häß", "x\n"], "string"),
        "scalar": tf.scalar(7),
        "none": tf.zeros([0, 3]),
    }
    encoded = tf.io.encodeWeights(tensors)
    assert [s["name"] for s in encoded.specs] == list(tensors)
    back = tf.io.decodeWeights(encoded.data, encoded.specs)
    for name, tensor in tensors.items():
        assert (back[name].shape, back[name].dtype) == (tensor.shape, tensor.dtype)
        assert back[name].arraySync() == tensor.arraySync()


def test_the_bytes_are_those_of_tfjs(tfjs):
    named = {
        "a": tf.tensor1d([1, 2]),
        "s": tf.tensor1d(["a", "ü"], "string"),
        "b": tf.tensor1d([True], "bool"),
    }
    ours = tf.io.encodeWeights(named, "optimizer")
    body = """
      const {data, specs} = await tf.io.encodeWeights(
        {a: tf.tensor1d([1, 2]), s: tf.tensor1d(['a', 'ü'], 'string'), b: tf.tensor1d([true], 'bool')},
        'optimizer');
      return {data: Array.from(new Uint8Array(data)), specs};
    """
    theirs = tfjs.eval(body)
    assert list(ours.data) == theirs["data"]
    assert ours.specs == theirs["specs"]


def test_quantized_uint8():
    quantization = {"dtype": "uint8", "min": -1, "scale": 0.01}
    found = decode(bytes([0, 255, 128]), spec(shape=[3], quantization=quantization))
    np.testing.assert_allclose(found["w"].arraySync(), [-1, 1.55, 0.28], rtol=1e-6)


@pytest.mark.parametrize("stored", ["uint8", "uint16"])
@pytest.mark.parametrize("dtype", ["float32", "int32"])
@pytest.mark.parametrize("count", [5, 70_000])
def test_quantized_integers_as_tfjs(tfjs, stored, dtype, count):
    values = np.random.default_rng(0).integers(0, 256 if stored == "uint8" else 65536, count).astype(stored)
    quantization = {"dtype": stored, "min": -3.7, "scale": 0.37}
    entry = spec(shape=[count], dtype=dtype, quantization=quantization)
    ours = np.array(decode(values.tobytes(), entry)["w"].arraySync())
    if count > 1000:
        expected = values.astype(np.float64) * 0.37 - 3.7
        expected = np.floor(expected + 0.5) if dtype == "int32" else expected.astype(np.float32)
    else:
        body = "tf.io.decodeWeights(new Uint8Array(bytes).buffer, [entry]).w"
        expected = tfjs.eval(body, bytes=list(values.tobytes()), entry=entry)
    np.testing.assert_array_equal(ours, expected)


def test_quantized_float16():
    raw = np.array([0, 1, 0x7C00, 0xFC00, 0x3C00, 0x8000], np.uint16)
    found = decode(raw.tobytes(), spec(shape=[6], quantization={"dtype": "float16"}))["w"].arraySync()
    assert found[1] == pytest.approx(5.9604645e-8)
    assert [found[0], *found[2:]] == [0, np.inf, -np.inf, 1, 0]


def test_entries_stand_back_to_back_without_alignment():
    data = b"\x01" + struct.pack("<2f", 1.5, 2.5) + b"\x00\x01"
    found = decode(data, spec("b", [1], "bool"), spec("f", [2]), spec("c", [2], "bool"))
    assert found["f"].arraySync() == [1.5, 2.5]
    assert found["c"].arraySync() in ([0, 1], [False, True])


def test_a_list_of_buffers_is_one_buffer():
    data = struct.pack("<2f", 1, 2)
    assert decode([data[:3], data[3:]], spec())["w"].arraySync() == [1, 2]


BAD = [
    (b"", [7], r"weights\[0\]: expected an object"),
    (b"", [{}], r"weights\[0\]\.name: expected a str, got nothing"),
    (b"", [{"name": "w", "shape": [1]}], r"\.dtype: expected a str"),
    (b"", [{"name": "w", "dtype": "float32"}], r"\.shape: expected a list"),
    (b"", [spec(dtype="float8")], r"\.dtype: unknown dtype 'float8'"),
    (b"", [spec(shape=[-1])], r"\.shape: expected sizes of 0 or more"),
    (b"", [spec(shape=[1.5])], r"\.shape: expected sizes of 0 or more"),
    (b"", [spec(shape=[2**40, 2**40])], r"needs \d+ bytes"),
    (b"1234", [spec()], r"\(w\)\.shape: \[2\] needs 8 bytes from byte 0 on, but there are 4 bytes"),
    (b"123456789", [spec()], "the weights take 8 bytes by their specs, but there are 9"),
    (b"1234", [spec(shape=[1]), spec(shape=[0])], "stands there twice"),
    (b"12", [spec(quantization=8)], "quantization: expected an object"),
    (b"12", [spec(quantization={"dtype": "int4"})], "quantization.dtype: unknown quantization dtype 'int4'"),
    (b"12", [spec(quantization={"dtype": "uint8", "scale": 1})], "quantization.min: a uint8 weight needs"),
    (b"12", [spec(quantization={"dtype": "uint8", "min": 1})], "quantization.scale: a uint8 weight needs"),
    (
        b"12",
        [spec(shape=[1], dtype="int32", quantization={"dtype": "float16"})],
        "float16 cannot become int32",
    ),
    (b"\x05\x00\x00\x00ab", [spec(shape=[1], dtype="string")], "a string of 5 bytes does not fit"),
    (b"\x01\x00\x00\x00\xff", [spec(shape=[1], dtype="string")], "is not UTF-8"),
    (b"", [spec(shape=[10**9], dtype="string")], "strings do not fit"),
]


@pytest.mark.parametrize(("data", "specs", "said"), BAD, ids=range(len(BAD)))
def test_what_does_not_fit_is_named(data, specs, said):
    with pytest.raises(ValueError, match=said):
        tf.io.decodeWeights(data, specs)


@given(
    st.binary(max_size=64),
    st.lists(st.integers(0, 5), max_size=3),
    st.sampled_from(["float32", "bool", "string"]),
)
def test_any_bytes_decode_or_are_refused(data, shape, dtype):
    try:
        found = tf.io.decodeWeights(data, [spec(shape=shape, dtype=dtype)])
    except ValueError:
        return
    assert list(found["w"].shape) == shape


@pytest.mark.parametrize("wrong", [7, "weights", {"name": "w"}, object()])
def test_artifacts_of_other_types_are_refused(wrong):
    with pytest.raises(ValueError, match="expected a list of specs"):
        tf.io.decodeWeights(b"", wrong)
    artifacts = {"modelTopology": {"class_name": "Sequential", "config": {"layers": []}}, "weightData": b""}
    with pytest.raises(ValueError, match="expected a list of specs"):
        tf.loadLayersModel(tf.io.fromMemory({**artifacts, "weightSpecs": wrong})).result()
    with pytest.raises(ValueError, match=r"\w"):
        tf.loadLayersModel(tf.io.fromMemory({**artifacts, "weightSpecs": [], "weightData": wrong})).result()
