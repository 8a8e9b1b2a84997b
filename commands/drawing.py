"""The strokes of a drawn picture: texts, boxes and marks as SVG. Whatever anybody typed is cleaned and escaped here.

Sizes are in px. No font is fetched, nothing is told by colour alone, and text contrast is at least 7:1.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from engine.graph import printable
from engine.svg import INK, LINE, PAPER, width_of

QUIET, FRAME = "#3d4854", "#c9d1d9"
SMALL = 11.5
LEADING = SMALL * 1.45


def text(  # how a text looks
    x: float, y: float, said: str, *, size: float = SMALL, anchor: str = "start", bold: bool = False, fill: str = INK
) -> str:
    """A line of text whose baseline begins, ends or has its middle (`anchor`) at a point."""
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}" fill="{fill}"{weight}>'
        f"{cleaned(said)}</text>"
    )


def box(x: float, y: float, width: float, height: float, fill: str, *, stroke: str = "none") -> str:
    """A box with slightly round corners."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2" fill="{fill}" '
        f'stroke="{stroke}"/>'
    )


def diamond(x: float, y: float, radius: float) -> str:
    """The outline of a diamond around a point: a meeting."""
    return (
        f'<path d="M{x:.1f} {y - radius:.1f}l{radius:g} {radius:g}l{-radius:g} {radius:g}l{-radius:g} {-radius:g}z" '
        f'fill="none" stroke="{INK}" stroke-width="1.8"/>'
    )


def corner(x: float, y: float, size: float) -> str:
    """A filled triangle in the upper right corner of a box that ends at a point: the clock acts."""
    return f'<path d="M{x:.1f} {y:.1f}h{-size:g}l{size:g} {size:g}z" fill="{INK}"/>'


def group(said: str, parts: Iterable[str]) -> str:
    """Parts that belong together, and what they tell whoever points at them."""
    return f"<g><title>{cleaned(said)}</title>{''.join(parts)}</g>"


def cleaned(said: str) -> str:
    """A text as it may stand in a picture."""
    return escape(printable(said))


def lines_of(said: Iterable[str], width: float, *, size: float = SMALL) -> list[str]:
    """Phrases joined into lines that are no wider than so many px."""
    lines: list[str] = []
    for phrase in said:
        joined = f"{lines[-1]} · {phrase}" if lines else phrase
        if lines and width_of(joined, size) <= width:
            lines[-1] = joined
        else:
            lines.append(phrase)
    return lines


def page(title: str, told: str, language: str, size: tuple[float, float], parts: Iterable[str]) -> str:
    """A picture of its own, with what a screen reader says of it."""
    width, height = size
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" lang="{language}" xml:lang="{language}" role="img" aria-labelledby="title desc" '
        f'font-family="system-ui, sans-serif">\n<title id="title">{cleaned(title)}</title>\n'
        f'<desc id="desc">{cleaned(told)}</desc>\n<rect width="100%" height="100%" fill="{PAPER}"/>'
    )
    return "\n".join([head, *parts, "</svg>"]) + "\n"


__all__ = [
    "FRAME", "INK", "LEADING", "LINE", "PAPER", "QUIET", "SMALL", "box", "cleaned", "corner", "diamond", "group",
    "lines_of", "page", "text", "width_of",
]  # fmt: skip
