"""A workflow as a drawn picture: one self-contained SVG, for a page, a mail or a printer.

Accessible: a title, a description that tells every step in words, the language; text contrast of at least 7:1
(WCAG 2.1 asks 4.5:1); nothing told by colour alone. No font is fetched: widths are reckoned for a wide one
(DejaVu, Verdana), so that whatever font the reader has fits its boxes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from engine.definition import Workflow
from engine.graph import UNATTENDED, Edge, Label, edges_of, plain, printable, state_marks, step_text
from engine.layout import Layout, Node, Size, arrange
from engine.lines import Band, lines_of
from engine.situation import NEW

Words: TypeAlias = Mapping[tuple[str, str], tuple[str, ...]]
"""The words on each arrow, a line per step."""

INK, LINE, PAPER = "#15191e", "#3d4854", "#ffffff"
LOOKS: Mapping[str, tuple[str, str, float]] = {
    "current": ("#ffe9a8", "#5c3d00", 3.5),
    "visited": ("#e6efe9", "#2f5d43", 1.5),
    "other": ("#f5f7f9", LINE, 1.5),
}
"""Fill, frame and width of frame of a state's box."""

HEADING, NAME, SMALL = 19.0, 15.0, 13.0
"""Sizes of type: the workflow's name, a state's name, everything else."""
LEADING = SMALL * 1.35
MARGIN, PADDING, GAP, DOT = 28.0, 14.0, 32.0, 9.0
"""Around the picture, inside a box, between layers, and the radius of the beginning."""
SLOPE = 0.12
"""How much further layers stand apart for each px a line goes aside between them."""


@dataclass(frozen=True, slots=True)
class Box:
    """What stands in a state's box: its name, what is said of it, the steps that stay in it."""

    name: str
    marks: tuple[str, ...]
    stays: tuple[str, ...]
    look: str
    ends: bool

    @property
    def size(self) -> Size:
        """The room its lines need."""
        small = (*self.marks, *self.stays)
        widest = max(width_of(self.name, NAME) * 1.1, *(width_of(line, SMALL) * 1.05 for line in small), 0.0)
        rule = PADDING if self.stays else 0.0
        return widest + 2 * PADDING, NAME * 1.2 + len(small) * LEADING + rule + 1.2 * PADDING


def svg(
    workflow: Workflow, label: Label = plain, current: str | None = None, visited: Collection[str] = (),
    language: str = "en",
) -> str:  # fmt: skip
    """The workflow as SVG. `language` is that of the labels; the state a case is in is marked in words and colour."""
    edges = edges_of(workflow)
    boxes = _boxes(workflow, edges, label, current, visited)
    words = {(e.source, e.target): tuple(step_text(s, label) for s in e.steps) for e in edges if e.source != e.target}
    sizes = {NEW: (2 * DOT, 2 * DOT), **{state: box.size for state, box in boxes.items()}}
    layout = arrange(sizes, {pair: _size_of(lines) for pair, lines in words.items()}, NEW, workflow.final)
    bands = _bands(layout)
    parts = [*_lines(layout, bands, workflow.name), *_nodes(layout, bands, boxes, words)]
    name = printable(label("workflow", workflow.name))
    around = _Around(workflow.name, language, name, _told(name, boxes, words, label), _legend(edges, label))
    return _document(around, (_right(layout), bands[-1][1]), parts)


def width_of(text: str, size: float) -> float:
    """How wide a text is at most, in px, in a wide sans-serif of a size."""
    return sum(_em(character) for character in text) * size


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around the picture. `id` tells several pictures on one page apart."""

    id: str
    language: str
    name: str
    told: str
    legend: tuple[str, ...]


def _boxes(
    workflow: Workflow, edges: Iterable[Edge], label: Label, current: str | None, visited: Collection[str]
) -> dict[str, Box]:
    """The box of each state, in the order of the states."""
    stays = {e.source: tuple(step_text(step, label) for step in e.steps) for e in edges if e.source == e.target}
    boxes = {}
    for state in map(str, workflow.states):
        marks = tuple(f"({mark})" for mark in state_marks(state, label, current, visited))
        look = "current" if state == current else "visited" if state in visited else "other"
        name = printable(label("state", state))
        boxes[state] = Box(name, marks, stays.get(state, ()), look, state in workflow.final)
    return boxes


def _bands(layout: Layout) -> tuple[Band, ...]:
    """Top and bottom of each layer, from 0 downwards."""
    bands, top = list[Band](), 0.0
    for layer in layout.layers:
        height = max((node.height for node in layer), default=0.0)
        bands.append((top, top + height))
        aside = max((abs(node.x - below.x) for node in layer for below in node.below), default=0.0)
        top += height + GAP + min(aside * SLOPE, GAP)
    return tuple(bands)


def _right(layout: Layout) -> float:
    return max(node.x + node.width / 2 for layer in layout.layers for node in layer)


def _lines(layout: Layout, bands: tuple[Band, ...], id_: str) -> list[str]:
    heads = {True: f' marker-end="url(#{id_}-head)"', False: ""}
    paths = (f'<path d="{line.path}"{heads[line.headed]}/>' for line in lines_of(layout, bands))
    return [f'<g fill="none" stroke="{LINE}" stroke-width="1.5">', *paths, "</g>"]


def _nodes(layout: Layout, bands: tuple[Band, ...], boxes: Mapping[str, Box], words: Words) -> list[str]:
    """Boxes and words, on top of the lines."""
    drawn = []
    for node in (node for layer in layout.layers for node in layer if not node.is_bend):
        middle = sum(bands[node.layer]) / 2
        if node.key == NEW:
            drawn.append(f'<circle cx="{node.x:.1f}" cy="{middle:.1f}" r="{DOT:g}" fill="{INK}"/>')
        elif node.is_box:
            drawn.append(_draw_box(boxes[node.key], node, middle - node.height / 2))
        else:
            source, _, target = node.key.partition(">")
            drawn.append(_draw_words(words[source, target], node.x, middle))
    return drawn


def _draw_box(box: Box, node: Node, top: float) -> str:
    fill, stroke, thickness = LOOKS[box.look]
    left, name_at = node.x - node.width / 2, top + 0.6 * PADDING + NAME
    parts = [_frame((left, top), (node.width, node.height), fill, stroke, thickness)]
    if box.ends:
        parts.append(_frame((left + 4, top + 4), (node.width - 8, node.height - 8), "none", stroke, 1.0))
    parts.append(_text((node.x, name_at), box.name, NAME, bold=True))
    marks_end = name_at + len(box.marks) * LEADING
    parts += _stacked(node.x, name_at + LEADING, box.marks, bold=True)
    if box.stays:
        rule = marks_end + PADDING * 0.75
        parts.append(f'<path d="M{left:.1f} {rule:.1f}h{node.width:.1f}" stroke="{stroke}" stroke-width="1"/>')
    return "".join([*parts, *_stacked(node.x, marks_end + PADDING + LEADING - 2, box.stays)])


def _draw_words(lines: tuple[str, ...], x: float, middle: float) -> str:
    return "".join(_stacked(x, middle - (len(lines) - 1) * LEADING / 2 + SMALL * 0.35, lines))


def _stacked(x: float, first: float, lines: Iterable[str], *, bold: bool = False) -> list[str]:
    """Lines of small text one below the other, the first on a baseline."""
    return [_text((x, first + i * LEADING), line, SMALL, bold=bold) for i, line in enumerate(lines)]


def _told(name: str, boxes: Mapping[str, Box], words: Words, label: Label) -> str:
    """The picture in words: every state with what is said of it, then every step from state to state."""
    states = [", ".join([" ".join([box.name, *box.marks]), *box.stays]) for box in boxes.values()]
    names = {NEW: "●", **{state: box.name for state, box in boxes.items()}}
    steps = [f"{names[a]} → {names[b]}: {', '.join(lines)}" for (a, b), lines in words.items()]
    return f"{printable(label('mark', 'described'))} {name}. {'; '.join(states)}. {'; '.join(steps)}."


def _legend(edges: Iterable[Edge], label: Label) -> tuple[str, ...]:
    """What the marks in this picture mean."""
    drivers = {driver for edge in edges for step in edge.steps for driver in step.drivers}
    used = [f"{driver}_means" for driver in UNATTENDED if driver in drivers]
    return tuple(printable(label("mark", mark)) for mark in (*used, "stays_mean", "ends_mean"))


def _document(around: _Around, size: Size, parts: Iterable[str]) -> str:
    """The picture with its heading above and its legend below, in the middle of a page of its own size."""
    right, bottom = size
    width = max(width_of(around.name, HEADING), right, *(width_of(line, SMALL) for line in around.legend))
    top, foot = HEADING * 1.5, bottom + GAP
    height = top + foot + len(around.legend) * LEADING
    legend = [_text((0, foot + (i + 1) * LEADING), line, SMALL, "start") for i, line in enumerate(around.legend)]
    lines = [
        _opening(around, width + 2 * MARGIN, height + 2 * MARGIN),
        f'<g transform="translate({MARGIN:g} {MARGIN + top:g})">',
        _text((0, HEADING / 2 - top), around.name, HEADING, "start", bold=True),
        f'<g transform="translate({(width - right) / 2:.1f} 0)">', *parts, "</g>",
        *legend, "</g></svg>",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _opening(around: _Around, width: float, height: float) -> str:
    """Everything before the drawing: size, language, what a screen reader says, the head of an arrow, the paper."""
    id_, language = around.id, escape(around.language)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" lang="{language}" xml:lang="{language}" role="img" '
        f'aria-labelledby="{id_}-title {id_}-desc" font-family="system-ui, sans-serif">\n'
        f'<title id="{id_}-title">{escape(around.name)}</title>\n<desc id="{id_}-desc">{escape(around.told)}</desc>\n'
        f'<defs><marker id="{id_}-head" viewBox="0 0 10 10" refX="9.5" refY="5" markerWidth="11" markerHeight="11" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L10 5L0 10z" fill="{LINE}"/></marker></defs>\n'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>'
    )


def _frame(corner: Size, size: Size, fill: str, stroke: str, thickness: float) -> str:
    x, y, width, height = (f"{number:.1f}" for number in (*corner, *size))
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="7" fill="{fill}" stroke="{stroke}" '
        f'stroke-width="{thickness:g}"/>'
    )


def _text(at: tuple[float, float], text: str, size: float, anchor: str = "middle", *, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" font-size="{size:g}"{weight} text-anchor="{anchor}" fill="{INK}">'
        f"{escape(text)}</text>"
    )


def _size_of(lines: tuple[str, ...]) -> Size:
    return max(width_of(line, SMALL) for line in lines) + 8, len(lines) * LEADING + 4


def _em(character: str) -> float:
    """The width of a character in DejaVu Sans, in em, by its kind and never too little."""
    if character in "iljI.,:;'|!":
        return 0.34
    if character in "ftr()[]- /":
        return 0.42
    if character in "mwMW@→…":
        return 0.98
    if unicodedata.east_asian_width(character) in "WF":
        return 1.1
    return 0.78 if character.isupper() else 0.63
