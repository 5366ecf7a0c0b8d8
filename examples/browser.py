"""A network is trained here and used in the browser: a folder with model.json and a page that loads it.

    python examples/browser.py [--out browser-model] [--serve 8000]

The page takes TensorFlow.js from `tf.min.js` in the folder, if somebody has put it there, else from the CDN
that its documentation names.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import lamina as tf

PAGE = """<!doctype html>
<meta charset="utf-8">
<title>f(x) from Lamina</title>
<p>f(<input id="x" type="number" value="0.5" step="0.1">) = <output id="y"></output></p>
<script src="tf.min.js"></script>
<script>
  if (!window.tf) document.write('<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"><\\/script>');
</script>
<script>
  addEventListener('load', async () => {
    const model = await tf.loadLayersModel('model.json');
    const show = () => tf.tidy(() => {
      const x = Number(document.getElementById('x').value);
      document.getElementById('y').value = model.predict(tf.tensor2d([[x]])).dataSync()[0].toFixed(4);
    });
    document.getElementById('x').addEventListener('input', show);
    show();
  });
</script>
"""


def train() -> tf.Sequential:
    """A network that has learned sin(3x) between -1 and 1."""
    tf.setRandomSeed(1)
    model = tf.sequential()
    model.add(tf.layers.dense(units=32, activation="tanh", inputShape=[1]))
    model.add(tf.layers.dense(units=32, activation="tanh"))
    model.add(tf.layers.dense(units=1))
    model.compile(optimizer=tf.train.adam(0.01), loss="meanSquaredError")
    x = tf.linspace(-1, 1, 200).reshape([200, 1])
    model.fit(x, tf.sin(3 * x), epochs=400).result()
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("browser-model"))
    parser.add_argument("--serve", type=int, metavar="PORT")
    options = parser.parse_args()

    model = train()
    model.save(str(options.out)).result()
    (options.out / "index.html").write_text(PAGE, encoding="utf-8")
    print(f"f(0.5) = {float(model.predict(tf.tensor2d([[0.5]]))):.4f}, sin(1.5) = 0.9975")
    print(f"written: {options.out}/index.html")
    if options.serve is not None:
        from functools import partial
        from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

        handler = partial(SimpleHTTPRequestHandler, directory=options.out)
        server = ThreadingHTTPServer(("127.0.0.1", options.serve), handler)
        print(f"http://127.0.0.1:{server.server_port}, until Ctrl-C", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            server.server_close()


if __name__ == "__main__":
    main()
