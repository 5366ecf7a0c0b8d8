#!/usr/bin/env python3
"""Draws docs/digits.svg: how examples/digits.py learns, and what its network sees in digits it was not shown.

python tools/draw_digits.py [--epochs 60] [--out docs/digits.svg]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "examples"))

import digits as example  # noqa: E402

import lamina as tf  # noqa: E402

WIDTH, HEIGHT = 820, 372
TRAIN, TEST, GRID, TEXT = "#c26a1b", "#1f5fa8", "#d9d9d9", "#333333"

Curve = list[float]


def text(x: float, y: float, words: str, color: str = TEXT, *, anchor: str = "start", size: int = 13) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" fill="{color}" font-size="{size}" text-anchor="{anchor}">{words}</text>'
    )


def line(points: list[tuple[float, float]], color: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>'


def chart(
    left: float, title: str, ticks: list[tuple[float, str]], curves: list[tuple[str, str, Curve]]
) -> str:
    """One panel: `ticks` from the lowest to the highest value shown; others are drawn at the edge."""
    top, width, height = 44.0, 340.0, 150.0
    low, high = ticks[0][0], ticks[-1][0]

    def y(value: float) -> float:
        return top + height * (1 - (min(max(value, low), high) - low) / (high - low))

    parts = [text(left, 26, title, size=15)]
    for value, words in ticks:
        parts.append(f'<path d="M{left:g} {y(value):.1f}h{width:g}" stroke="{GRID}"/>')
        parts.append(text(left - 6, y(value) + 4, words, anchor="end", size=11))
    for place, (name, color, values) in enumerate(curves):
        step = width / max(1, len(values) - 1)
        parts.append(line([(left + i * step, y(v)) for i, v in enumerate(values)], color))
        parts.append(text(left + width - 95 * (1 - place), 26, name, color, anchor="end"))
    epochs = len(curves[0][2])
    parts.append(text(left, top + height + 17, "epoch 1", size=11))
    parts.append(text(left + width, top + height + 17, str(epochs), anchor="end", size=11))
    return "".join(parts)


def picture(image: example.Image, left: float, top: float, size: float) -> str:
    """The 8x8 pixels, one path for each shade of grey."""
    shades: dict[int, str] = {}
    for row, pixels in enumerate(image):
        for column, (value,) in enumerate(pixels):
            if value > 0:
                shade = round(255 * (1 - value))
                shades[shade] = shades.get(shade, "") + f"M{column} {row}h1v1h-1z"
    paths = "".join(f'<path d="{path}" fill="rgb({s},{s},{s})"/>' for s, path in sorted(shades.items()))
    frame = f'<rect width="8" height="8" fill="none" stroke="{GRID}" stroke-width=".1"/>'
    return f'<g transform="translate({left:g} {top:g}) scale({size / 8:g})">{paths}{frame}</g>'


def draw(
    history: dict[str, Curve], images: list[example.Image], digits: list[int], guesses: list[int]
) -> str:
    losses = [(i * 0.5, f"{i * 0.5:g}") for i in range(5)]
    accuracies = [(0.5 + i * 0.1, f"{50 + 10 * i} %") for i in range(6)]
    parts = [
        chart(
            56, "loss", losses, [("training", TRAIN, history["loss"]), ("test", TEST, history["val_loss"])]
        ),
        chart(
            460,
            "accuracy",
            accuracies,
            [("training", TRAIN, history["acc"]), ("test", TEST, history["val_acc"])],
        ),
    ]
    # The first digits of the test set, then those that the network takes for others.
    wrong = [i for i, (g, d) in enumerate(zip(guesses, digits, strict=True)) if g != d][:3]
    right = [i for i in range(len(digits)) if i not in wrong][: 10 - len(wrong)]
    mistakes = sum(map(int.__ne__, guesses, digits))
    parts.append(text(56, 246, f"{len(digits)} test digits, {mistakes} of them taken for another", size=15))
    for place, i in enumerate(right + wrong):
        left = 56 + place * 75.0
        parts.append(picture(images[i], left, 262, 64))
        color = TEST if guesses[i] == digits[i] else TRAIN
        words = f"{guesses[i]}" if guesses[i] == digits[i] else f"{guesses[i]}, is {digits[i]}"
        parts.append(text(left + 32, 346, words, color, anchor="middle"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>{"".join(parts)}</svg>\n'
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "digits.svg")
    options = parser.parse_args()

    tf.setRandomSeed(example.SEED)
    data = example.split()
    images, digits = data[2:]
    model = example.make_model()
    history = example.train(model, data, options.epochs)
    options.out.write_text(draw(history, images, digits, example.guess(model, images)), encoding="utf-8")


if __name__ == "__main__":
    main()
