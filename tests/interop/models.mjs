// Whole models: made from a topology, a directory or code; trained step by step, or asked to predict.

import {compile} from './codec.mjs';
import {loadModel} from './files.mjs';

function makeOptimizer(tf, optimizer) {
  if (optimizer === null || typeof optimizer !== 'object') return optimizer;
  const {name, args = [], className, config = {}} = optimizer;
  if (name) return tf.train[name](...args);
  const entry = tf.serialization.SerializationMap.getMap().classNameMap[className];
  if (!entry) throw new Error(`There is no optimizer class ${className}`);
  // fromConfig() wants every key; what is not given is the factory's default (a learning rate has to be given).
  const factory = tf.train[className.toLowerCase()];
  const defaults = factory(config.learningRate, ...(className === 'Momentum' ? [config.momentum] : [])).getConfig();
  return entry[1](entry[0], {...defaults, ...config});
}

// `compile` may hold functions (decoded from {$js}) wherever TensorFlow.js takes them.
function compileModel(tf, model, {optimizer, ...rest}) {
  model.compile({...rest, optimizer: makeOptimizer(tf, optimizer)});
}

export async function makeModel(tf, {topology, dir, code, weights, compile: compilation, strict = true}) {
  let model;
  if (dir) model = await loadModel(tf, dir, {strict});
  else if (code) model = await compile(tf, code)(tf);
  else model = await tf.models.modelFromJSON({modelTopology: topology});
  if (weights != null) model.setWeights(weights);
  if (compilation) compileModel(tf, model, compilation);
  return model;
}

function snapshot(model) {
  return {
    weights: model.getWeights().map((w) => w.clone()),
    weightNames: model.weights.map((w) => w.originalName),
  };
}

export async function trainModel(tf, {batches, fit, ...source}) {
  const model = await makeModel(tf, source);
  const result = {losses: []};
  for (const [x, y] of batches ?? []) result.losses.push(await model.trainOnBatch(x, y));
  if (fit) {
    const {x, y, config = {}} = fit;
    const {history, epoch, params} = await model.fit(x, y, {shuffle: false, verbose: 0, ...config});
    Object.assign(result, {history, epoch, params});
  }
  const slots = await model.optimizer.getWeights().catch(() => []);
  return {
    ...result,
    metricsNames: model.metricsNames,
    ...snapshot(model),
    optimizerWeights: slots.map(({name, tensor}) => ({name, tensor: tensor.clone()})),
  };
}

export async function evaluateModel(tf, {inputs, config = {}, evaluate, ...source}) {
  const model = await makeModel(tf, source);
  const result = {
    inputNames: model.inputNames,
    outputNames: model.outputNames,
    inputShapes: model.inputs.map((t) => t.shape),
    outputShapes: model.outputs.map((t) => t.shape),
    config: model.getConfig(),
    className: model.getClassName(),
    ...snapshot(model),
  };
  if (inputs != null) {
    const xs = Array.isArray(inputs) && inputs.length === 1 ? inputs[0] : inputs;
    const ys = model.predict(xs, config);
    result.outputs = Array.isArray(ys) ? ys : [ys];
  }
  if (evaluate) {
    const [x, y, options = {}] = evaluate;
    const scores = model.evaluate(x, y, options);
    result.metricsNames = model.metricsNames;
    result.scores = (Array.isArray(scores) ? scores : [scores]).map((s) => s.dataSync()[0]);
  }
  return result;
}
