"""The certificate as one self-contained page, for printing into the minutes (WCAG 2.1 AA).

Language, headings in order, tables with captions and headers with scope; contrast of at least 7:1; nothing is said by
colour alone, and what is wide breaks. Every word passes through `shown`, whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from html import escape
from typing import TYPE_CHECKING

from commands.acts import based_on, decided_by, effective, registered_by
from commands.certificate import minute_of
from commands.certificate_checks import checks
from commands.output import safe
from commands.page_head import page_head
from commands.receipts import flags_of
from commands.signed import signed_by
from commands.vote_lines import attendance, needs

if TYPE_CHECKING:
    from commands.approvals import Act, Acted
    from commands.certificate import Certificate, Seal
    from engine.field import Document
    from engine.ports import Recorded
    from workflows.certificate_words import CertificateWords

COLUMNS = ("on", "outcome", "party", "who", "basis", "registered")
TOLD = ("registered_by_another", "date_unknown")
"""Flags that another cell says already."""

STYLE = """
:root { color-scheme: light; }
body { margin: 2rem auto; max-width: 62rem; padding: 0 1.5rem; background: #fff; color: #15191e;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.3rem; margin: 2rem 0 .5rem; }
dl { display: grid; grid-template-columns: max-content auto; gap: .15rem 1.25rem; margin: 0 0 1rem; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
.warning { border: 2px solid #8a1c1c; border-radius: .4rem; padding: .6rem 1rem; margin: 1rem 0; }
.hash, pre { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; font-size: .82rem; }
.hash { overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f5f7f9; border: 1px solid #7b8794;
  padding: .5rem .7rem; margin: .4rem 0 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; line-height: 1.4; }
caption { text-align: left; font-weight: 700; padding: .75rem 0 .4rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem .55rem; border: 1px solid #7b8794;
  overflow-wrap: break-word; }
thead th { background: #e8edf2; border-bottom: 2px solid #3d4854;}
tbody th { font-weight: 600; white-space: nowrap; }
p { margin: 0 0 .4rem; }
@page { size: A4; margin: 14mm; }
@media print {
  html { font-size: 75%; }
  body { margin: 0; padding: 0; max-width: none; }
  thead { display: table-header-group; }
  tr, pre, .warning { break-inside: avoid; }
}
"""


def page(made: Certificate, words: CertificateWords) -> str:
    """The certificate as HTML."""
    heading = shown(words.said("title"))
    subject = shown(f"{made.case.id} {made.case.text('title') or ''}".strip())
    parts = [
        page_head(shown(words.language), f"{heading}: {subject}", STYLE),
        "<main>",
        f"<h1>{heading}</h1>",
        _pairs(_about(made, words)),
        *(_warning(f"{words.said('overridden')}: {line}") for line in made.overrides),
        *(part for version in made.versions for part in _version(made, version, words)),
        "" if made.versions else f"<p>{shown(words.said('no_versions'))}</p>",
        *_seal(made, words),
        f"<h2>{shown(words.said('check'))}</h2>",
        *(_check(text, typed) for text, typed in checks(made, words)),
        "</main>\n</body>\n</html>\n",
    ]
    return "\n".join(part for part in parts if part)


def shown(text: str) -> str:
    """A text as it is to be seen: nothing in it is markup, and nothing turns the direction of what follows."""
    return escape(safe(text))


def _about(made: Certificate, words: CertificateWords) -> Iterator[tuple[str, str]]:
    case = made.case
    yield words.said("council"), shown(made.council)
    yield words.said("case"), shown(f"{case.id} {case.text('title') or ''}".strip())
    yield words.said("state"), shown(words.state(case.workflow, case.state))
    yield words.said("log"), shown(made.origin)
    yield words.said("written"), shown(words.day(made.on))


def _version(made: Certificate, one: Acted, words: CertificateWords) -> Iterator[str]:
    version = one.version
    on = words.day(version.on) if version.on else words.said("date_unknown")
    standing = words.said("current" if one.current else "outdated")
    yield f"<h2>{shown(words.said('version', number=version.number, on=on))} ({shown(standing)})</h2>"
    recorded = made.made.get(version.leaf)
    place = f"<br>{shown(_place(recorded, words))}" if recorded else ""
    said = [(words.said("hash_of_version"), _hashed(version.leaf) + place)]
    said += [(_kind(document, words), _document(document, words)) for document in version.documents]
    said += [(words.said("needed"), "<br>".join(map(shown, needs(made.names, version.rules))))]
    yield _pairs(said)
    caption = shown(words.said("acts", number=version.number))
    yield _table(caption, _rows(made, one, words), words) if one.acts else f"<p>{shown(words.said('no_acts'))}</p>"


def _rows(made: Certificate, one: Acted, words: CertificateWords) -> Iterator[Mapping[str, str]]:
    for act in one.acts:
        cells = _cells(made, act, words)
        yield {name: "".join(f"<p>{line}</p>" for line in lines if line) for name, lines in cells.items()}


def _cells(made: Certificate, act: Act, words: CertificateWords) -> Mapping[str, list[str]]:
    names, recorded, approval = made.names, act.recorded, act.approval
    on = effective(recorded, made.corrected)[0]
    signed = signed_by(names, recorded) or words.said("not_signed")
    ballot = attendance(names, approval.ballot) if approval.ballot else ""
    flags = (words.label("flag", flag) for flag in flags_of(recorded, without=TOLD))
    told = "" if act.stands else words.said("replaced")
    party = names.somebody(approval.party)
    return {
        "on": [shown(words.day(date.fromisoformat(on)) if on else words.said("date_unknown"))],
        "outcome": [shown(words.label("outcome", approval.outcome)), shown(told)],
        "party": [shown(party)],
        "who": [shown(decided_by(names, recorded)), shown(signed), *map(shown, flags)],
        "basis": [shown(based_on(names, recorded, made.corrected)), shown(ballot)],
        "registered": [
            shown(registered_by(names, recorded)), shown(_place(recorded, words)), _hashed(recorded.leaf)
        ],
    }  # fmt: skip


def _seal(made: Certificate, words: CertificateWords) -> Iterator[str]:
    yield f"<h2>{shown(words.said('seal'))}</h2>"
    if made.seal is None:
        yield _warning(words.said("no_checkpoint"))
        return
    yield from _sealed(made.seal, words)
    if made.unsealed:
        events = ", ".join(_place(one, words) for one in made.unsealed)
        yield _warning(words.said("not_sealed", events=events))
    yield f"<p>{shown(words.said('minutes'))}</p>"


def _sealed(seal: Seal, words: CertificateWords) -> Iterator[str]:
    sealed, checkpoint = seal.sealed, seal.by.checkpoint
    yield f"<p>{shown(words.said('seal_text', size=sealed.size, made=minute_of(sealed.made)))}</p>"
    yield f"<pre>{shown(str(sealed.note))}</pre>"
    yield _pairs([(words.said("root"), _hashed(checkpoint.root.hex()))])
    for one in seal.by.witnesses:
        yield f"<p>{shown(words.said('cosigned', name=one.key.name, at=minute_of(one.at or 0)))}</p>"
    if not seal.by.witnesses:
        yield _warning(words.said("not_cosigned"))


def _check(text: str, typed: str) -> str:
    """A step of checking: what it shows, and what to type, either of which may be missing."""
    return "\n".join((f"<p>{shown(text)}</p>" if text else "", f"<pre>{shown(typed)}</pre>" if typed else "")).strip()


def _place(recorded: Recorded, words: CertificateWords) -> str:
    event = recorded.event
    return words.said("event", n=event.n, case=event.case, position=recorded.position)


def _kind(document: Document, words: CertificateWords) -> str:
    return words.said("document" if document.role == "text" else "annex")


def _document(document: Document, words: CertificateWords) -> str:
    size = words.said("bytes", size=document.size)
    return f"{shown(document.name)} ({shown(size)})<br>{_hashed(document.sha256)}"


def _table(caption: str, rows: Iterable[Mapping[str, str]], words: CertificateWords) -> str:
    heads = "".join(f'<th scope="col">{shown(words.said(name))}</th>' for name in COLUMNS)
    first, *others = COLUMNS
    body = "\n".join(
        f'<tr><th scope="row">{row[first]}</th>{"".join(f"<td>{row[name]}</td>" for name in others)}</tr>'
        for row in rows
    )
    return (
        f"<table>\n<caption>{caption}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )


def _pairs(rows: Iterable[tuple[str, str]]) -> str:
    """Names with their values; the values are HTML already."""
    lines = "\n".join(f"<dt>{shown(name)}</dt><dd>{value}</dd>" for name, value in rows)
    return f"<dl>\n{lines}\n</dl>"


def _hashed(text: str) -> str:
    return f'<span class="hash">{shown(text)}</span>'


def _warning(text: str) -> str:
    return f'<p class="warning">{shown(text)}</p>'
