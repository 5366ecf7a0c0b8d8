// Layers models in directories: plain TensorFlow.js has no file:// of its own.

import fs from 'node:fs';
import path from 'node:path';

const OPTIONAL = ['signature', 'userDefinedMetadata', 'modelInitializer', 'initializerSignature', 'trainingConfig'];

// The keys and their order are those of TensorFlow.js' own handlers, whose helper is not exported.
function modelJson(artifacts, weightsManifest) {
  const {modelTopology, format, generatedBy, convertedBy} = artifacts;
  const json = {modelTopology, format, generatedBy, convertedBy, weightsManifest};
  for (const key of OPTIONAL) if (artifacts[key] != null) json[key] = artifacts[key];
  return json;
}

export function fileHandler(tf, dir, {includeOptimizer = true} = {}) {
  const jsonPath = dir.endsWith('.json') ? dir : path.join(dir, 'model.json');
  const folder = path.dirname(jsonPath);
  return {
    async load() {
      const model = JSON.parse(fs.readFileSync(jsonPath, 'utf8'));
      if (!includeOptimizer) delete model.trainingConfig;
      return tf.io.getModelArtifactsForJSON(model, async (manifest) => {
        const specs = manifest.flatMap((group) => group.weights);
        const shards = manifest.flatMap((group) => group.paths.map((p) => fs.readFileSync(path.join(folder, p))));
        return [specs, new Uint8Array(Buffer.concat(shards)).buffer];
      });
    },
    async save(artifacts) {
      fs.mkdirSync(folder, {recursive: true});
      const manifest = [{paths: ['weights.bin'], weights: artifacts.weightSpecs}];
      const data = tf.io.CompositeArrayBuffer.join(artifacts.weightData);
      fs.writeFileSync(path.join(folder, 'weights.bin'), Buffer.from(data));
      const model = modelJson(artifacts, manifest);
      fs.writeFileSync(jsonPath, JSON.stringify(model));
      return {modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts)};
    },
  };
}

export function loadModel(tf, dir, {strict = true, includeOptimizer = true} = {}) {
  return tf.loadLayersModel(fileHandler(tf, dir, {includeOptimizer}), {strict});
}

export function saveModel(tf, model, dir, config = {}) {
  return model.save(fileHandler(tf, dir), config);
}
