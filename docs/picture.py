"""Draws docs/backpropagation.svg, the picture of the README: ``python docs/picture.py``."""

from __future__ import annotations

import re
from pathlib import Path

from symbackprop.derivation import general_step
from symbackprop.rendering import render
from symbackprop.rendering.html import svg

TARGET = Path(__file__).with_name("backpropagation.svg")
MARGIN = 14


def picture() -> str:
    """The errors and gradients of any layer l, the last being one, as derived; on a light ground, for any page."""
    blocks = render(general_step(), "nielsen", "latex", form="matrix", detail="result").split("\n\n")
    rows = [row for block in blocks if r"\partial" in block for row in block.strip().splitlines()[1:-1]]
    rows = [row for row in rows if not re.match(r"\\frac\{\\partial C\}\{\\partial [wb]\^\{L\}", row)]
    aligned = " \\\\\n".join(row.removesuffix(r" \\") for row in rows)
    drawn = svg(f"\\begin{{aligned}}\n{aligned}\n\\end{{aligned}}").replace("currentColor", "#1f2328")
    box = re.search(r'width="([\d.]+)" height="([\d.]+)" viewBox="([-\d.]+) ([-\d.]+) ([\d.]+) ([\d.]+)"', drawn)
    assert box is not None
    x, y, width, height = (float(number) for number in box.groups()[2:])
    x, y, width, height = x - MARGIN, y - MARGIN, width + 2 * MARGIN, height + 2 * MARGIN
    size = f'width="{width:g}" height="{height:g}" viewBox="{x:g} {y:g} {width:g} {height:g}"'
    ground = f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="8" fill="#fbfbf8"/>'
    start = drawn.index(">", drawn.index(box[0])) + 1
    return drawn[:start].replace(box[0], size) + ground + drawn[start:] + "\n"


if __name__ == "__main__":
    TARGET.write_text(picture(), encoding="utf-8")
