"""Where the boxes, words and lines of a workflow's picture go: a layered layout (Sugiyama), top to bottom.

States stand in layers by their longest way from the beginning, final states last. The words of an arrow are a node
of a layer of their own between two layers of states, so words never lie on anything else. A longer arrow passes the
layers in between through bends, and arrows to the same state share their bends, as a trunk with one head. A way
back is laid like a way forth, and drawn the other way round. Within each layer the order is found by barycentres,
then the places by isotonic regression: as near their neighbours as the order allows.

Pure and deterministic: the same table gives the same picture, byte for byte. Units are those of the SVG (px).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import TypeAlias

Size: TypeAlias = tuple[float, float]
"""Width and height."""
Pair: TypeAlias = tuple[str, str]
"""An arrow: from, to."""

SPACE, INSET = 26.0, 16.0
"""Between neighbours of a layer; from the corner of a box to its outermost line."""
SWEEPS = 24
"""Passes over the layers while ordering and placing; the pictures settle after about ten."""
STRAIGHT = 2000.0
"""How much more a trunk wants to be straight than a box to be near its neighbours, when all has been placed."""


@dataclass(slots=True)
class Node:
    """A box, the words of an arrow, or a bend (of no size). `x` is its middle; `layer` counts from the top.

    `trunk` is what a bend wants to be in line with: its box, and the bends on the way there, itself among them.
    """

    key: str
    layer: int
    width: float = 0.0
    height: float = 0.0
    is_box: bool = False
    x: float = 0.0
    above: list[Node] = field(default_factory=list)
    below: list[Node] = field(default_factory=list)
    trunk: list[Node] = field(default_factory=list)

    @property
    def is_bend(self) -> bool:
        """Whether only a line passes here."""
        return self.width == 0.0


@dataclass(frozen=True, slots=True)
class Layout:
    """The layers from the top, each from left to right; each arrow as the nodes from its first box to its last."""

    layers: tuple[tuple[Node, ...], ...]
    ways: tuple[tuple[Node, ...], ...]


def arrange(boxes: Mapping[str, Size], words: Mapping[Pair, Size], start: str, last: Iterable[str]) -> Layout:
    """Lay out boxes and the words of the arrows between them. `last` are the boxes of the lowest layer."""
    ranks = ranked(tuple(boxes), tuple(words), start, frozenset(last))
    nodes = {key: Node(key, 2 * ranks[key], *size, is_box=True) for key, size in boxes.items()}
    ways = tuple(_way(pair, size, ranks, nodes) for pair, size in words.items())
    layers: list[list[Node]] = [[] for _ in range(2 * max(ranks.values()) + 1)]
    for node in nodes.values():
        layers[node.layer].append(node)
    _join(ways)
    return Layout(_placed(_ordered(layers)), ways)


def ranked(boxes: tuple[str, ...], pairs: tuple[Pair, ...], start: str, last: frozenset[str]) -> dict[str, int]:
    """The layer of each box: its longest way from the start over arrows that lead on; the last ones together."""
    onward = tuple(pair for pair in pairs if pair not in ways_back(pairs, start))
    ranks = dict.fromkeys(boxes, 0)
    for _ in boxes:
        for source, target in onward:
            ranks[target] = max(ranks[target], ranks[source] + 1)
    lowest = max((rank for box, rank in ranks.items() if box not in last), default=0) + 1
    return {box: lowest if box in last else rank for box, rank in ranks.items()}


def ways_back(pairs: Iterable[Pair], start: str) -> frozenset[Pair]:
    """The arrows that lead back to where a walk from the start came from; without them there is no circle."""
    targets: dict[str, list[str]] = {}
    for source, target in pairs:
        targets.setdefault(source, []).append(target)
    back, done = set[Pair](), set[str]()

    def walk(here: str, path: frozenset[str]) -> None:
        for there in targets.get(here, ()):
            if there in path:
                back.add((here, there))
            elif there not in done:
                walk(there, path | {there})
        done.add(here)

    walk(start, frozenset({start}))
    return frozenset(back)


def crossings(layers: Iterable[Iterable[Node]]) -> int:
    """How many lines cross below these layers, by the order (`x`) of their nodes and of the next ones."""
    below = ([(node.x, other.x) for node in layer for other in node.below] for layer in layers)
    pairs = (pair for ends in below for pair in combinations(ends, 2))
    return sum((a[0] - b[0]) * (a[1] - b[1]) < 0 for a, b in pairs)


def nearest(wanted: list[float], weights: list[float], gaps: list[float]) -> list[float]:
    """Places in this order, each as near to what it wants as the gaps between them allow (isotonic regression).

    `gaps[i]` is the least distance of places i and i + 1; the sum of weighted squares of what is missed is least.
    """
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    blocks: list[tuple[float, float, int]] = []
    for place, weight, offset in zip(wanted, weights, offsets, strict=True):
        block = (place - offset, weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            mean, heavy, count = blocks.pop()
            total = heavy + block[1]
            block = ((mean * heavy + block[0] * block[1]) / total, total, count + block[2])
        blocks.append(block)
    flat = [mean for mean, _, count in blocks for _ in range(count)]
    return [place + offset for place, offset in zip(flat, offsets, strict=True)]


def _way(pair: Pair, size: Size, ranks: Mapping[str, int], nodes: dict[str, Node]) -> tuple[Node, ...]:
    """The nodes of an arrow: its words next to where it begins, then the bends it shares with others to its end."""
    source, target = pair
    first, end = 2 * ranks[source], 2 * ranks[target]
    onward = 1 if end > first else -1
    words = Node(f"{source}>{target}", first + onward, *size)
    nodes[words.key] = words
    bends = (_bend(nodes[target], onward, at, nodes) for at in range(first + 2 * onward, end, onward))
    return (nodes[source], words, *bends, nodes[target])


def _bend(target: Node, onward: int, layer: int, nodes: dict[str, Node]) -> Node:
    """The bend of a box's trunk in a layer: the one that stands there, or a new one. Ways back have their own trunk."""
    trunk = f"{target.key}{onward:+}@"
    key = f"{trunk}{layer}"
    if key not in nodes:
        known = next((node.trunk for node in nodes.values() if node.key.startswith(trunk)), [target])
        nodes[key] = Node(key, layer, trunk=known)
        known.append(nodes[key])
    return nodes[key]


def _join(ways: Iterable[tuple[Node, ...]]) -> None:
    """Let each node know its neighbours above and below, each once."""
    joined = {(one.key, other.key): (one, other) for way in ways for one, other in pairwise(way)}
    for one, other in joined.values():
        upper, lower = (one, other) if one.layer < other.layer else (other, one)
        upper.below.append(lower)
        lower.above.append(upper)


def _ordered(layers: list[list[Node]]) -> list[list[Node]]:
    """The layers in the order with the fewest crossings that the sweeps find."""
    best, fewest = _numbered(layers), crossings(layers)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else reversed(layers):
            layer.sort(key=lambda node: _barycentre(node, node.above if down else node.below))
            _number(layer)
        _exchange(layers)
        if (count := crossings(layers)) < fewest:
            best, fewest = [list(layer) for layer in layers], count
    return _numbered(best)


def _exchange(layers: list[list[Node]]) -> None:
    """Exchange neighbours wherever that takes a crossing away."""
    for at, layer in enumerate(layers):
        around = layers[max(at - 1, 0) : at + 1]
        for i in range(len(layer) - 1):
            before = crossings(around)
            _swap(layer, i)
            if crossings(around) >= before:
                _swap(layer, i)


def _swap(layer: list[Node], i: int) -> None:
    layer[i], layer[i + 1] = layer[i + 1], layer[i]
    _number(layer)


def _placed(layers: list[list[Node]]) -> tuple[tuple[Node, ...], ...]:
    """The places of the nodes, from neighbours above and below in turn; the left edge is at 0."""
    sides: tuple[Callable[[Node], list[Node]], ...] = (
        lambda n: n.above, lambda n: n.below, lambda n: [*n.above, *n.below],
    )  # fmt: skip
    for sweep in range(6 * SWEEPS):
        stiff = STRAIGHT ** (sweep / (6 * SWEEPS))
        for layer in layers if sweep % 2 else reversed(layers):
            _place(layer, sides[sweep % 3], stiff)
    nodes = [node for layer in layers for node in layer]
    left = min(node.x - node.width / 2 for node in nodes)
    for node in nodes:
        node.x -= left
    for node in nodes:
        _align(node.trunk[1:])
    return tuple(map(tuple, layers))


def _align(bends: list[Node]) -> None:
    """Take the last slight bends out of a trunk, where that brings nothing too near to anything."""
    places = [bend.x for bend in bends]
    if bends and max(places) - min(places) < SPACE / 2:
        for bend in bends:
            bend.x = sum(places) / len(places)


def _place(layer: list[Node], side: Callable[[Node], list[Node]], stiff: float) -> None:
    wanted, weights = [], []
    for node in layer:
        near = side(node)
        wanted.append(_in_line(node.trunk) if node.is_bend else _barycentre(node, near))
        weights.append(stiff if node.is_bend else len(near) or 0.1)
    gaps = [(a.width + b.width) / 2 + SPACE for a, b in pairwise(layer)]
    for node, x in zip(layer, nearest(wanted, weights, gaps), strict=True):
        node.x = x


def _in_line(trunk: list[Node]) -> float:
    """Where a trunk could be straight: midway between its bends, and a little towards the edge of its box."""
    box, *bends = trunk
    middle = (min(bend.x for bend in bends) + max(bend.x for bend in bends)) / 2
    reach = max(box.width / 2 - INSET, 0.0)
    return (31 * middle + min(max(middle, box.x - reach), box.x + reach)) / 32


def _numbered(layers: list[list[Node]]) -> list[list[Node]]:
    for layer in layers:
        _number(layer)
    return [list(layer) for layer in layers]


def _number(layer: list[Node]) -> None:
    for i, node in enumerate(layer):
        node.x = float(i)


def _barycentre(node: Node, neighbours: list[Node]) -> float:
    return sum(n.x for n in neighbours) / len(neighbours) if neighbours else node.x
