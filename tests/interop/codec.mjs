// JSON <-> TensorFlow.js values. Tensors travel as {$tensor: {dtype, shape, data}} with base64 little-endian data
// (strings: a list), numbers that JSON cannot say as {$number: 'NaN'}, functions as {$js: 'source'}.

const ARRAYS = {float32: Float32Array, int32: Int32Array, bool: Uint8Array, complex64: Float32Array};

function bytesOf(base64) {
  // A fresh buffer: Node's pooled ones are not aligned to the element size.
  return new Uint8Array(Buffer.from(base64, 'base64')).buffer;
}

function toBase64(array) {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64');
}

function decodeTensor(tf, {dtype, shape, data}) {
  if (dtype === 'string') return tf.tensor(data, shape, 'string');
  const values = new ARRAYS[dtype](bytesOf(data));
  if (dtype !== 'complex64') return tf.tensor(values, shape, dtype);
  const real = values.filter((_, i) => i % 2 === 0);
  const imag = values.filter((_, i) => i % 2 === 1);
  return tf.complex(tf.tensor(real, shape, 'float32'), tf.tensor(imag, shape, 'float32'));
}

export function compile(tf, source) {
  return new Function('tf', `'use strict'; return (${source});`)(tf);
}

export function decode(tf, value) {
  if (Array.isArray(value)) return value.map((v) => decode(tf, v));
  if (value === null || typeof value !== 'object') return value;
  if ('$tensor' in value) return decodeTensor(tf, value.$tensor);
  if ('$number' in value) return Number(value.$number);
  if ('$undefined' in value) return undefined;
  if ('$js' in value) return compile(tf, value.$js);
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, decode(tf, v)]));
}

function encodeTensor(tensor) {
  const {dtype, shape} = tensor;
  if (!shape.every(Number.isInteger)) throw new Error(`a tensor of shape [${shape}] is none`);
  let values = tensor.dataSync();
  // Some results lie in arrays of another type, or in lists.
  if (dtype !== 'string' && !(values instanceof ARRAYS[dtype])) values = ARRAYS[dtype].from(values);
  return {$tensor: {dtype, shape, data: dtype === 'string' ? Array.from(values) : toBase64(values)}};
}

function encodeNumber(value) {
  if (Number.isFinite(value) && !Object.is(value, -0)) return value;
  return {$number: Object.is(value, -0) ? '-0' : String(value)};
}

function encodeTypedArray(value) {
  const dtype = value instanceof Float32Array ? 'float32' : value instanceof Int32Array ? 'int32' : 'bool';
  return {$tensor: {dtype, shape: [value.length], data: toBase64(value)}};
}

export function encode(tf, value) {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return encodeNumber(value);
  if (typeof value === 'function') return {$object: 'Function'};
  if (typeof value !== 'object') return value;
  if (value instanceof tf.Tensor) return encodeTensor(value);
  if (value instanceof tf.TensorBuffer) return encodeTensor(value.toTensor());
  if (Array.isArray(value)) return value.map((v) => encode(tf, v));
  if (value instanceof Float32Array || value instanceof Int32Array || value instanceof Uint8Array) {
    return encodeTypedArray(value);
  }
  const proto = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== null) return {$object: value.constructor.name};
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, encode(tf, v)]));
}
