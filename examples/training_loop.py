"""A training loop of one's own: variables, a loss as a Python function, and optimizer.minimize.

python examples/training_loop.py [--steps 300]
"""

from __future__ import annotations

import argparse

import lamina as tf


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=300)
    options = parser.parse_args()

    # Points of y = 2x^2 - 3x + 1.
    x = tf.linspace(-1, 1, 50)
    y = 2 * x.square() - 3 * x + 1

    a, b, c = (tf.variable(tf.scalar(0.0)) for _ in range(3))
    optimizer = tf.train.adam(0.1)

    def loss() -> tf.Tensor:
        return (a * x.square() + b * x + c - y).square().mean()

    for step in range(options.steps):
        value = optimizer.minimize(loss, True)
        if step % 100 == 0:
            print(f"step {step:3d}  loss {float(value):.6f}")
    print(f"y = {float(a):.2f} x^2 + {float(b):.2f} x + {float(c):.2f}")

    # The same by hand: the gradients, and what becomes of them.
    found = tf.variableGrads(loss)
    largest = max(abs(float(grad)) for grad in found["grads"].values())
    print(f"the largest gradient there is {largest:.1e}")


if __name__ == "__main__":
    main()
