// TensorFlow.js as a partner in conversation: one JSON request per line on stdin, one JSON answer per line on stdout.
// Run by tests/support/oracle.py. What the library prints is returned with the answer (`logs`).

import {createRequire} from 'node:module';
import readline from 'node:readline';

import {decode, encode} from './codec.mjs';
import {loadModel, saveModel} from './files.mjs';
import {runLayer} from './layers.mjs';
import {evaluateModel, makeModel, trainModel} from './models.mjs';

const logs = [];
for (const level of ['log', 'info', 'warn', 'error', 'debug']) {
  console[level] = (...parts) => logs.push(parts.map(String).join(' '));
}

const tf = createRequire(import.meta.url)('@tensorflow/tfjs');
await tf.setBackend('cpu');

function callOp(name, args) {
  if (name.startsWith('.')) {
    const [self, ...rest] = args;
    const tensor = self instanceof tf.Tensor ? self : tf.tensor(self);
    return tensor[name.slice(1)](...rest);
  }
  let owner = null;
  let target = tf;
  for (const part of name.split('.')) {
    owner = target;
    target = target?.[part];
  }
  if (typeof target !== 'function') throw new Error(`tf.${name} is not a function`);
  return target.apply(owner, args);
}

// The tensors of a result, however they lie in lists and objects.
function tensorsOf(result) {
  if (result instanceof tf.Tensor) return [result];
  if (typeof result !== 'object' || result === null) return [];
  return Object.values(result).flatMap(tensorsOf);
}

// Gradients of <f(args), dy> with respect to the chosen arguments; with `v` also those of sum_i <grad_i, v_i>.
// An argument is chosen by its place, or by the path to it.
function gradients({name, args, wrt, dy, v}) {
  const f = typeof name === 'function' ? name : (...xs) => callOp(name, xs);
  const xs = wrt.map((path) => [path].flat().reduce((value, key) => value[key], args));
  const engine = tf.engine();
  const call = () => {
    const all = f(...args);
    return {all, outputs: tensorsOf(all)};
  };
  const projected = () => {
    const {outputs} = call();
    const dys = dy == null ? [] : Array.isArray(dy) ? dy : [dy];
    const terms = outputs
      .map((y, i) => (dy != null && dys[i] == null ? null : dys[i] ? tf.sum(tf.mul(y, dys[i])) : tf.sum(y)))
      .filter((term) => term !== null);
    return terms.length === 1 ? terms[0] : tf.addN(terms);
  };
  const first = () => engine.gradients(projected, xs, null, true).grads;
  const result = {value: call().all, grads: first().map((g) => g ?? null)};
  if (v != null) {
    const inner = () => {
      const terms = first().map((g, i) => (g && v[i] ? tf.sum(tf.mul(g, v[i])) : null)).filter((t) => t !== null);
      return terms.length === 1 ? terms[0] : tf.addN(terms);
    };
    result.second = engine.gradients(inner, xs, null, true).grads.map((g) => g ?? null);
  }
  return result;
}

async function evaluate({code, names = [], values = []}) {
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  const body = /\breturn\b/.test(code) ? code : `return (${code});`;
  const helpers = {
    loadModel: (dir, config) => loadModel(tf, dir, config),
    saveModel: (model, dir, config) => saveModel(tf, model, dir, config),
  };
  return new AsyncFunction('tf', 'helpers', ...names, body)(tf, helpers, ...values);
}

const KINDS = {
  version: () => tf.version.tfjs,
  op: ({name, args}) => (typeof name === 'function' ? name(...args) : callOp(name, args)),
  grad: gradients,
  eval: evaluate,
  layer: (request) => runLayer(tf, request),
  train: (request) => trainModel(tf, request),
  predict: (request) => evaluateModel(tf, request),
  async save({target, config, ...source}) {
    return saveModel(tf, await makeModel(tf, source), target, config ?? {});
  },
};

async function answer({id, kind, ...request}) {
  if (kind === 'batch') {
    const answers = [];
    for (const question of request.questions) answers.push(await answer(question));
    return {id, result: answers, logs: []};
  }
  const engine = tf.engine();
  logs.length = 0;
  const depth = engine.state.scopeStack.length;
  engine.startScope(kind);
  try {
    const fields = Object.fromEntries(Object.entries(request).map(([k, v]) => [k, decode(tf, v)]));
    const result = encode(tf, await KINDS[kind](fields));
    return {id, result, logs: [...logs]};
  } catch (error) {
    return {id, error: error?.message ?? String(error), name: error?.constructor?.name ?? 'Error', logs: [...logs]};
  } finally {
    // An error inside tf.tidy or a training step leaves scopes open.
    while (engine.state.scopeStack.length > depth) engine.endScope();
    tf.disposeVariables();
  }
}

for await (const line of readline.createInterface({input: process.stdin, crlfDelay: Infinity})) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
