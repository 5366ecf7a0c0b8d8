// One layer on its own: outputs, and gradients with respect to its weights and inputs.

const NESTED = ['layer', 'cell', 'cells'];

function isLayerSpec(value) {
  return value !== null && typeof value === 'object' && typeof value.className === 'string';
}

function nestedLayer(tf, value) {
  if (Array.isArray(value)) return value.map((v) => nestedLayer(tf, v));
  return isLayerSpec(value) ? makeLayer(tf, value.className, value.config ?? {}) : value;
}

// `className` is the registered class ('Dense') or the factory ('dense'); the config is what the factory takes.
export function makeLayer(tf, className, config) {
  const full = {...config};
  for (const key of NESTED) if (key in full) full[key] = nestedLayer(tf, full[key]);
  if (typeof tf.layers[className] === 'function') return tf.layers[className](full);
  const entry = tf.serialization.SerializationMap.getMap().classNameMap[className];
  if (!entry) throw new Error(`There is no layer class or factory ${className}`);
  return new entry[0](full);
}

function listOf(value) {
  return Array.isArray(value) ? value : [value];
}

function buildLayer(tf, layer, inputs) {
  const symbolic = inputs.map((x) => tf.input({batchShape: x.shape, dtype: x.dtype}));
  return layer.apply(symbolic.length === 1 ? symbolic[0] : symbolic);
}

function backward(tf, layer, forward, inputs, dys) {
  const differentiable = inputs.filter((x) => x.dtype === 'float32');
  const variables = layer.trainableWeights.map((w) => w.read());
  let outputs = null;
  const loss = () => {
    outputs = forward();
    outputs.forEach((y) => tf.keep(y));
    const terms = outputs.map((y, i) => (dys[i] ? tf.sum(tf.mul(y, dys[i])) : null)).filter((t) => t !== null);
    return terms.length === 1 ? terms[0] : tf.addN(terms);
  };
  // One forward pass only: a training pass may move the layer's state.
  const {grads} = tf.engine().gradients(loss, [...differentiable, ...variables], null, true);
  // A layer may return the same tensor twice (a last output that is also a state).
  const copies = outputs.map((y) => y.clone());
  new Set(outputs).forEach((y) => y.dispose());
  outputs = copies;
  const found = grads.map((g) => g ?? null);
  const gradInputs = inputs.map((x) => (x.dtype === 'float32' ? found[differentiable.indexOf(x)] : null));
  return {outputs, gradInputs, gradWeights: found.slice(differentiable.length)};
}

export function runLayer(tf, {className, config = {}, inputs, weights, dy, kwargs = {}, calls = 1}) {
  const layer = makeLayer(tf, className, config);
  const xs = listOf(inputs);
  const symbolic = listOf(buildLayer(tf, layer, xs));
  if (weights != null) layer.setWeights(weights);
  const forward = () => listOf(layer.apply(xs.length === 1 ? xs[0] : xs, {...kwargs}));
  let result = {};
  for (let i = 0; i < calls; i++) {
    result = dy == null ? {outputs: forward()} : backward(tf, layer, forward, xs, listOf(dy));
  }
  const nameOf = (w) => w.originalName.split('/').pop();
  return {
    ...result,
    outputShapes: symbolic.map((s) => s.shape),
    weights: layer.getWeights().map((w) => w.clone()),
    weightNames: layer.weights.map(nameOf),
    trainableWeightNames: layer.trainableWeights.map(nameOf),
    config: layer.getConfig(),
  };
}
