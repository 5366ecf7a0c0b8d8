// TensorFlow.js in Node: node tfjs.mjs wasm|cpu, speaking as worker.py does. Packages from LAMINA_BENCH_NODE_MODULES.
import {createRequire} from 'node:module';
import path from 'node:path';
import process from 'node:process';
import readline from 'node:readline';

const backend = process.argv[2];
const modules = path.resolve(process.env.LAMINA_BENCH_NODE_MODULES ?? 'node_modules');
const require = createRequire(path.join(modules, 'anything.js'));
const say = (answer) => process.stdout.write(JSON.stringify(answer) + '\n');
console.log = console.info = console.warn = () => {}; // they would come between the answers
class Unsupported extends Error {}
const now = () => performance.now() / 1e3;
const spent = () => { const used = process.cpuUsage(); return (used.user + used.system) / 1e6; };

let tf;
async function start() {
  tf = require('@tensorflow/tfjs');
  if (backend === 'wasm') {
    const wasm = require('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(path.join(modules, '@tensorflow/tfjs-backend-wasm/dist/'));
  }
  if (!(await tf.setBackend(backend))) throw new Error(`no backend ${backend}`);
  await tf.ready();
}

// ---- inputs
const count = (shape) => shape.reduce((a, b) => a * b, 1);
const filled = (shape, make) => tf.tensor(Float32Array.from({length: count(shape)}, make), shape);
const uniform = (shape, low = -1) => filled(shape, () => low + (1 - low) * Math.random());
const integers = (shape, below) =>
  tf.tensor(Int32Array.from({length: count(shape)}, () => Math.floor(Math.random() * below)), shape, 'int32');

function inputs(model, rows) {
  const shape = [rows, ...model.input];
  return model.vocabulary ? integers(shape, model.vocabulary) : uniform(shape, 0);
}
function targets(model, rows) {
  const {units} = model.layers[model.layers.length - 1];
  if (model.loss === 'crossEntropy') return tf.tidy(() => tf.oneHot(integers([rows], units), units).toFloat());
  if (model.loss === 'binaryCrossEntropy') return tf.tidy(() => integers([rows, units], 2).toFloat());
  return uniform([rows, units]);
}
function operands({op, shape, filters, rows}) {
  const width = shape[shape.length - 1];
  if (op === 'matMul' || op === 'add') return [uniform(shape), uniform(shape)];
  if (op === 'conv') return [uniform(shape), uniform([3, 3, width, filters])];
  if (op === 'convInput') return [uniform([...shape.slice(0, -1), filters]), uniform([3, 3, width, filters])];
  if (op === 'depthwise') return [uniform(shape), uniform([3, 3, width, 1])];
  if (op === 'gather') return [uniform([rows, width]), integers([shape[0]], rows)];
  return [uniform(shape)];
}

// ---- models
const plain = {
  batchNorm: () => tf.layers.batchNormalization(), relu: () => tf.layers.reLU(),
  relu6: () => tf.layers.reLU({maxValue: 6}), flatten: () => tf.layers.flatten(),
  globalPool: () => tf.layers.globalAveragePooling2d({}),
};
function make(layer) {
  const {units, activation, kernel: kernelSize, stride: strides, size} = layer;
  switch (layer.layer) {
    case 'dense': return tf.layers.dense({units, activation});
    case 'conv': return tf.layers.conv2d({
      filters: layer.filters, kernelSize, strides, padding: layer.padding, useBias: layer.bias, activation});
    case 'depthwise': return tf.layers.depthwiseConv2d({kernelSize, strides, padding: 'same', useBias: false});
    case 'embedding': return tf.layers.embedding({inputDim: layer.vocabulary, outputDim: size});
    // Its default, an orthogonal matrix, takes this backend very long to find; the steps cost the same.
    case 'lstm': return tf.layers.lstm({units, recurrentInitializer: 'glorotUniform'});
    case 'maxPool': return tf.layers.maxPooling2d({poolSize: size});
    default: return plain[layer.layer]();
  }
}
function apply(layers, x) {
  for (const layer of layers) {
    x = layer.layer === 'residual' ?
      tf.layers.add().apply([apply(layer.branch, x), apply(layer.shortcut, x)]) : make(layer).apply(x);
  }
  return x;
}
function build(model) {
  const start = tf.input({shape: model.input, dtype: model.vocabulary ? 'int32' : 'float32'});
  return tf.model({inputs: start, outputs: apply(model.layers, start)});
}

// ---- cases: each has units, fresh(count), async run(count)
function calls(make, call, isAsync = false) {
  let kept = [];
  const drop = () => { kept.flat().forEach((t) => t.dispose()); kept = []; };
  return {
    units: 1, drop,
    fresh(count) { drop(); kept = Array.from({length: Math.min(count, 4)}, make); },
    async run(count) {
      const begin = now();
      for (let i = 0; i < count; i++) {
        const result = call(...kept[i % kept.length]);
        if (isAsync) await result;
      }
      return now() - begin;
    },
  };
}
const losses = {
  crossEntropy: 'categoricalCrossentropy', binaryCrossEntropy: 'binaryCrossentropy', squares: 'meanSquaredError'};

function fitting(workload) {
  const model = build(workload.model);
  model.compile({optimizer: 'adam', loss: losses[workload.model.loss]});
  const rows = workload.batch * workload.steps;
  let data = [];
  const drop = () => { data.forEach((t) => t.dispose()); data = []; };
  return {
    units: workload.steps, drop,
    fresh() { drop(); data = [inputs(workload.model, rows), targets(workload.model, rows)]; },
    async run(epochs) {
      const begin = now();
      await model.fit(data[0], data[1], {epochs, batchSize: workload.batch, verbose: 0});
      return now() - begin;
    },
  };
}
async function first(x, y, workload) {
  const model = tf.sequential();
  workload.units.forEach((units, i) => model.add(tf.layers.dense(i ? {units} : {units, inputShape: [1]})));
  model.compile({loss: 'meanSquaredError', optimizer: 'sgd'});
  await model.fit(x, y, {epochs: workload.epochs, verbose: 0});
  model.dispose();
}
const gelu = (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
const ops = {
  matMul: (a, b) => tf.matMul(a, b), add: (a, b) => tf.add(a, b), relu: (x) => tf.relu(x), exp: (x) => tf.exp(x),
  tanh: (x) => tf.tanh(x), sigmoid: (x) => tf.sigmoid(x), gelu, softmax: (x) => tf.softmax(x),
  sumRows: (x) => tf.sum(x, 0), sumColumns: (x) => tf.sum(x, 1), conv: (x, w) => tf.conv2d(x, w, 1, 'same'),
  depthwise: (x, w) => tf.depthwiseConv2d(x, w, 1, 'same'), maxPool: (x) => tf.maxPool(x, 2, 2, 'valid'),
  gather: (table, rows) => tf.gather(table, rows),
};
function prepare(workload) {
  if (workload.kind === 'fit') return fitting(workload);
  if (workload.kind === 'predict') {
    const model = build(workload.model);
    const options = {batchSize: workload.batch};
    return calls(() => [inputs(workload.model, workload.batch)],
      (x) => { const y = model.predict(x, options); y.dataSync(); y.dispose(); });
  }
  if (workload.kind === 'first') {
    if (workload.bar) throw new Unsupported('the bar is that of another package');
    const points = () => {
      const x = tf.tidy(() => tf.add(tf.tensor2d([1, 2, 3, 4], [4, 1]), tf.mul(uniform([4, 1]), 0.01)));
      return [x, tf.tidy(() => tf.sub(tf.mul(x, 2), 1))];
    };
    return calls(points, (x, y) => first(x, y, workload), true);
  }
  const run = workload.kind === 'op' && ops[workload.op];
  if (!run) throw new Unsupported("not in this peer's list");
  return calls(() => operands(workload), (...values) => tf.tidy(() => { run(...values); }));
}

// ---- requests
let kept;
async function answer(request) {
  if (!tf) {
    try { await start(); } catch (error) { return {missing: String(error.message).split('\n')[0]}; }
  }
  if (request.do === 'hello') return {versions: {tfjs: tf.version.tfjs, node: process.versions.node}};
  if (request.do === 'drop') { kept?.drop(); kept = undefined; return {}; }
  if (request.do === 'prepare') {
    try { kept = prepare(request.workload); } catch (error) {
      if (error instanceof Unsupported) return {unsupported: error.message};
      throw error;
    }
    kept.fresh(1);
    return {units: kept.units, first: await kept.run(1), peak: process.memoryUsage().rss};
  }
  const before = spent();
  kept.fresh(request.count);
  const ready = spent();
  const seconds = await kept.run(request.count);
  const after = spent();
  return {seconds, cpu: after - ready, cpu_all: after - before};
}
for await (const line of readline.createInterface({input: process.stdin})) {
  try { say(await answer(JSON.parse(line))); } catch (error) { say({error: String(error.message).slice(0, 300)}); }
}
process.exit(0);
