"""A workflow as a drawn picture: one self-contained SVG, for a page, a mail or a printer.

Accessible: a title, a description that tells every step in words, the language; text contrast of at least 7:1
(WCAG 2.1 asks 4.5:1); nothing told by colour alone. No font is fetched: widths are reckoned for a wide one
(DejaVu, Verdana), so that whatever the reader has fits in its box.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from itertools import pairwise
from typing import TypeAlias

from engine.definition import Workflow
from engine.graph import UNATTENDED, Edge, Label, edges_of, plain, printable, state_marks, step_text
from engine.layout import Layout, Node, Size, arrange, nearest
from engine.situation import NEW

INK, LINE, PAPER = "#15191e", "#3d4854", "#ffffff"
FILLS: Mapping[str, tuple[str, str, float]] = {
    "current": ("#ffe9a8", "#5c3d00", 3.5),
    "visited": ("#e6efe9", "#2f5d43", 1.5),
    "other": ("#f5f7f9", LINE, 1.5),
}
"""Fill, frame and width of frame of a state's box."""

TITLE, NAME, WORDS = 19.0, 15.0, 13.0
"""Sizes of type: the heading, a state's name, everything else."""
LEADING = 1.35
MARGIN, PADDING, GAP, PORT = 28.0, 14.0, 30.0, 20.0
"""Around the picture, inside a box, between layers, between lines at a box."""
DOT = 9.0

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Box:
    """What stands in a state's box: its name, what is said of it, the steps that stay."""

    name: str
    marks: tuple[str, ...]
    stays: tuple[str, ...]
    look: str
    ends: bool

    @property
    def size(self) -> Size:
        """The room its lines need."""
        small = (*self.marks, *self.stays)
        wide = max([width_of(self.name, NAME) * 1.1, *(width_of(line, WORDS) for line in small)])
        rule = PADDING if self.stays else 0.0
        return wide + 2 * PADDING, NAME * LEADING + len(small) * WORDS * LEADING + rule + 1.4 * PADDING


def svg(
    workflow: Workflow, label: Label = plain, current: str | None = None, visited: Collection[str] = (),
    language: str = "en",
) -> str:  # fmt: skip
    """The workflow as SVG. `language` is that of the labels; the state a case is in is marked in words and colour."""
    edges = edges_of(workflow)
    moves = tuple(edge for edge in edges if edge.source != edge.target)
    boxes = {str(s): _box(workflow, str(s), edges, label, current, visited) for s in workflow.states}
    words = {(e.source, e.target): tuple(step_text(step, label) for step in e.steps) for e in moves}
    sizes = {NEW: (2 * DOT, 2 * DOT), **{state: box.size for state, box in boxes.items()}}
    layout = arrange(sizes, {pair: _size_of(lines) for pair, lines in words.items()}, NEW, workflow.final)
    heading = printable(label("workflow", workflow.name))
    legend = _legend(moves, edges, workflow, label)
    return _document(
        workflow.name, language, heading, _described(heading, boxes, moves, label),
        _Drawing(layout, boxes, words), legend,
    )  # fmt: skip


def width_of(text: str, size: float) -> float:
    """How wide a text is in a wide sans-serif of a size, in px; a little more than it will be."""
    return sum(_em(character) for character in text) * size


@dataclass(frozen=True)
class _Drawing:
    """A layout with what stands in it, drawn layer by layer."""

    layout: Layout
    boxes: Mapping[str, _Box]
    words: Mapping[tuple[str, str], tuple[str, ...]]

    @property
    def width(self) -> float:
        """The right edge of the rightmost node."""
        return max(node.x + node.width / 2 for layer in self.layout.layers for node in layer)

    @property
    def bands(self) -> tuple[Point, ...]:
        """Top and bottom of each layer."""
        bands, top = list[Point](), 0.0
        for layer in self.layout.layers:
            height = max((node.height for node in layer), default=0.0)
            bands.append((top, top + height))
            top += height + GAP
        return tuple(bands)

    def parts(self) -> list[str]:
        """Lines first, then boxes and words on top of them."""
        bands = self.bands
        nodes = [node for layer in self.layout.layers for node in layer]
        drawn = [self._node(node, sum(bands[node.layer]) / 2) for node in nodes if not node.is_bend]
        return [*_lines(self.layout, bands), *drawn]

    def _node(self, node: Node, middle: float) -> str:
        if node.key == NEW:
            return f'<circle cx="{node.x:.1f}" cy="{middle:.1f}" r="{DOT}" fill="{INK}"/>'
        if node.key in self.boxes:
            return _draw_box(self.boxes[node.key], node, middle - node.height / 2)
        source, _, target = node.key.partition(">")
        lines = self.words[source, target]
        first = middle - (len(lines) - 1) * WORDS * LEADING / 2 + WORDS * 0.35
        return "".join(_text(node.x, first + i * WORDS * LEADING, line, WORDS) for i, line in enumerate(lines))


def _box(
    workflow: Workflow, state: str, edges: Iterable[Edge], label: Label, current: str | None, visited: Collection[str]
) -> _Box:
    stays = (step for e in edges if e.source == e.target == state for step in e.steps)
    look = "current" if state == current else "visited" if state in visited else "other"
    marks = state_marks(state, label, current, visited)
    name = printable(label("state", state))
    return _Box(name, marks, tuple(step_text(step, label) for step in stays), look, state in workflow.final)


def _draw_box(box: _Box, node: Node, top: float) -> str:
    fill, stroke, thickness = FILLS[box.look]
    left = node.x - node.width / 2
    frame = partial(_frame, left, top, node.width, node.height)
    parts = [frame(0.0, fill, stroke, thickness), *([frame(4.0, "none", stroke, 1.0)] if box.ends else [])]
    at = top + 0.7 * PADDING + NAME
    parts.append(_text(node.x, at, box.name, NAME, weight=700))
    for mark in box.marks:
        at += WORDS * LEADING
        parts.append(_text(node.x, at, f"({mark})", WORDS, weight=700))
    if box.stays:
        at += PADDING * 0.75
        parts.append(_rule(left, at, node.width, stroke))
        at += PADDING * 0.25
    for line in box.stays:
        at += WORDS * LEADING
        parts.append(_text(node.x, at, line, WORDS))
    return "".join(parts)


def _lines(layout: Layout, bands: Sequence[Point]) -> list[str]:
    """Every stretch of line once, a head where it comes to a box; shared stretches are shared."""
    stretches = {(a.key, b.key): (a, b) for route in layout.routes for a, b in pairwise(route.nodes)}
    ports = _ports(stretches.values())
    ends = {route.pair[1] for route in layout.routes}
    return [
        _stretch(a, b, ports[a.key, b.key], bands, headed=b.key in ends) for a, b in stretches.values()
    ]


def _ports(stretches: Iterable[tuple[Node, Node]]) -> dict[tuple[str, str], Point]:
    """Where each stretch leaves and arrives (x): at a box spread along its edge, elsewhere in the middle."""
    sides: dict[tuple[str, bool], list[tuple[Node, Node, tuple[str, str], int]]] = {}
    for a, b in stretches:
        for end, (here, there) in enumerate(((a, b), (b, a))):
            sides.setdefault((here.key, there.layer > here.layer), []).append((there, here, (a.key, b.key), end))
    places: dict[tuple[str, str], list[float]] = {}
    for side in sides.values():
        side.sort(key=lambda item: item[0].x)
        for (_, _, stretch, end), x in zip(side, _spread(side[0][1], [there.x for there, *_ in side]), strict=True):
            places.setdefault(stretch, [0.0, 0.0])[end] = x
    return {stretch: (x[0], x[1]) for stretch, x in places.items()}


def _spread(here: Node, wanted: list[float]) -> list[float]:
    """Places along the edge of a node, as near below or above their other ends as there is room."""
    room = max(here.width - 2 * PADDING, 0.0) if len(wanted) > 1 or here.width > 2 * PORT else 0.0
    if here.is_bend or not room:
        return [here.x] * len(wanted)
    low, high = here.x - room / 2, here.x + room / 2
    gap = min(PORT, room / max(len(wanted) - 1, 1))
    near = nearest([min(max(x, low), high) for x in wanted], [1.0] * len(wanted), [gap] * (len(wanted) - 1))
    last = len(wanted) - 1
    return [min(max(x, low + i * gap), high - (last - i) * gap) for i, x in enumerate(near)]


def _stretch(a: Node, b: Node, ports: Point, bands: Sequence[Point], *, headed: bool) -> str:
    """A line from one node to the next: straight inside the layers, a curve in the gap between them."""
    down = b.layer > a.layer
    x0, x1 = ports
    leaves, arrives = (1, 0) if down else (0, 1)
    y0, y1 = bands[a.layer][leaves], bands[b.layer][arrives]
    start, end = _edge(a, bands, lower=down), _edge(b, bands, lower=not down)
    middle = (y0 + y1) / 2
    curve = f"V{y1:.1f}" if abs(x0 - x1) < 1 else f"C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}"
    head = ' marker-end="url(#head)"' if headed else ""
    return f'<path d="M{x0:.1f} {start:.1f}V{y0:.1f}{curve}V{end:.1f}"{head}/>'


def _edge(node: Node, bands: Sequence[Point], *, lower: bool) -> float:
    """The y at which a line meets a node; at a bend, the middle of its layer."""
    top, bottom = bands[node.layer]
    return (top + bottom) / 2 + (node.height / 2 if lower else -node.height / 2)
