"""The lines of a workflow's picture: where each leaves and reaches its boxes, and its way in between.

Lines run straight through a layer and curve only in the gap below it, so they never touch a box or words that are
not theirs. Shared stretches (trunks) are drawn once. Pure geometry, in px.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from engine.layout import INSET, Layout, Node, nearest

Band: TypeAlias = tuple[float, float]
"""Top and bottom of a layer."""
Stretch: TypeAlias = tuple[str, str]
"""The keys of the two nodes a stretch of line joins, in the direction of the arrow."""

PORT, HEAD = 20.0, 12.0
"""Between two lines at a box; the straight end that a head needs."""


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of line as SVG path data; `headed` where it reaches a box."""

    path: str
    headed: bool


def lines_of(layout: Layout, bands: Sequence[Band]) -> tuple[Line, ...]:
    """Every stretch of line once. `bands` are top and bottom of each layer."""
    stretches = {(a.key, b.key): (a, b) for way in layout.ways for a, b in pairwise(way)}
    ports = _ports(stretches.values())
    return tuple(Line(_path(a, b, ports, bands), headed=b.is_box) for a, b in stretches.values())


def _ports(stretches: Iterable[tuple[Node, Node]]) -> dict[tuple[Stretch, str], float]:
    """The x at which each stretch meets each of its two nodes."""
    sides: dict[tuple[str, bool], list[tuple[Node, Node, Stretch]]] = {}
    for a, b in stretches:
        for here, there in ((a, b), (b, a)):
            sides.setdefault((here.key, there.layer > here.layer), []).append((there, here, (a.key, b.key)))
    ports: dict[tuple[Stretch, str], float] = {}
    for side in sides.values():
        side.sort(key=lambda item: item[0].x)
        here = side[0][1]
        for (_, _, stretch), x in zip(side, _spread(here, [there.x for there, _, _ in side]), strict=True):
            ports[stretch, here.key] = x
    return ports


def _spread(here: Node, wanted: list[float]) -> list[float]:
    """Places along the edge of a box, as near below or above their other ends as there is room; else its middle."""
    room, last = here.width - 2 * INSET, len(wanted) - 1
    if not here.is_box or room <= 0:
        return [here.x] * len(wanted)
    low, high = here.x - room / 2, here.x + room / 2
    gap = min(PORT, room / max(last, 1))
    near = nearest([min(max(x, low), high) for x in wanted], [1.0] * len(wanted), [gap] * last)
    return [min(max(x, low + i * gap), high - (last - i) * gap) for i, x in enumerate(near)]


def _path(a: Node, b: Node, ports: dict[tuple[Stretch, str], float], bands: Sequence[Band]) -> str:
    """A line from one node to the next: straight inside the layers, a curve in the gap between them."""
    down = b.layer > a.layer
    x0, x1 = ports[(a.key, b.key), a.key], ports[(a.key, b.key), b.key]
    stub = HEAD if down else -HEAD
    y0, y1 = bands[a.layer][down] + stub * a.is_box, bands[b.layer][not down] - stub * b.is_box
    start, end = _meets(a, bands, down, leaves=True), _meets(b, bands, down, leaves=False)
    middle = (y0 + y1) / 2
    curve = f"C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}"
    return f"M{x0:.1f} {start:.1f}V{y0:.1f}{curve}V{end:.1f}"


def _meets(node: Node, bands: Sequence[Band], down: bool, *, leaves: bool) -> float:  # noqa: FBT001  # a direction
    """The y at which a line going up or down meets a node: its edge, at a bend where lines join, as they come in."""
    top, bottom = bands[node.layer]
    if node.is_bend:
        return top if down else bottom
    return (top + bottom) / 2 + (node.height / 2 if down == leaves else -node.height / 2)
