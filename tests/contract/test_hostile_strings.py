"""What people write is kept as they wrote it and finds nothing but itself, whatever it would mean as SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.errors import NotFoundError, UsageError
from engine.ports import Person
from tests.contract.products import FILES, PRODUCTS, on_a_server
from tests.contract.raw import made_of, product_of
from tests.contract.scribe import COUNCIL, Scribe, owed

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.event import Json
    from store import SqlStore
    from store.transaction import SqlTransaction

HOSTILE = (
    "'; DROP TABLE event; --",
    '"; DELETE FROM person; --',
    "' OR 1=1 --",
    "M-1' UNION SELECT name FROM person --",
    "%",
    "_-_",
    "M-%",
    "\\'; DROP TABLE event; --",
    ":council ?1 $x @y",
)
NUL = "a\x00'; DROP TABLE event; --"
"""No server can keep it, a file can."""

each_kept = pytest.mark.parametrize(
    ("store", "hostile"),
    [*((product, hostile) for product in PRODUCTS for hostile in HOSTILE), *((product, NUL) for product in FILES)],
    indirect=["store"],
)


@each_kept
def test_hostile_strings_are_kept_as_they_are_and_find_nothing_but_themselves(scribe: Scribe, hostile: str) -> None:
    scribe.open_measure("M-1")
    case = f"{hostile}-7"
    data: dict[str, Json] = {
        "to": hostile, "opens": {"parent": None}, "facts": {"title": hostile, "theme": hostile},
        "due": [owed(hostile, "2019-02-01", name=hostile)],
    }  # fmt: skip
    scribe.write(case, "proposed", data, ref=hostile)
    with scribe.store.write(COUNCIL) as tx:
        tx.keep_person(Person("p_1", "kari", "Kari Nordli", "kari@example.no"))
        tx.keep_person(Person("p_2", hostile, hostile, hostile))
        tx.keep_remark("c" * 64, b"salt", hostile)
        tx.keep_login("d" * 64, "p_2", b"salt", hostile)
    with scribe.store.read(COUNCIL) as reader:
        (mine,) = reader.listing(office=hostile, theme=hostile, state=hostile)
        assert (mine.id, mine.text("title"), reader.case(case)) == (case, hostile, mine)
        assert [(owed.case, owed.name) for owed in reader.todo(hostile)] == [(case, hostile)]
        assert reader.person(hostile).name == hostile
        assert reader.remarks(["c" * 64, hostile]) == {"c" * 64: hostile}
        assert [made.event.ref for made in reader.events(case)] == [hostile]
        assert reader.login("p_2", hostile) == "d" * 64
    assert scribe.store.verify(COUNCIL).faults == []
    assert scribe.store.rebuild(COUNCIL) == 4
    assert not [text for text, _ in product_of(scribe.store).texts.values() if hostile in text and len(hostile) > 4]


@each_kept
def test_whoever_asks_for_hostile_strings_gets_nothing_of_anybody_else(
    scribe: Scribe, store: SqlStore, hostile: str
) -> None:
    scribe.open_measure("M-1")
    with store.write(COUNCIL) as tx:
        tx.keep_person(Person("p_1", "kari", "Kari Nordli", None))
    with store.read(COUNCIL) as reader:
        for asked in ({"workflow": hostile}, {"state": hostile}, {"office": hostile}, {"theme": hostile}):
            assert list(reader.listing(**asked)) == []  # type: ignore[arg-type]  # one filter at a time
        for find in (reader.case, reader.person, reader.decision):
            with pytest.raises(NotFoundError):
                find(hostile)
        assert (reader.remarks([hostile]), reader.login(hostile, hostile)) == ({}, None)
        assert (list(reader.todo(hostile)), reader.versions(hostile), reader.has_document(hostile)) == ([], (), False)
    with store.read(hostile) as reader, pytest.raises(NotFoundError):
        reader.council()


def measure(scribe: Scribe, hostile: str) -> Callable[[SqlTransaction], object]:
    """Open a measure of that title."""
    event = scribe.event("M-2", "proposed", {"to": "proposed", "facts": {"title": hostile}})
    return lambda tx: tx.append(event)


def numbered(scribe: Scribe, hostile: str) -> Callable[[SqlTransaction], object]:
    """Open a measure under that number."""
    event = scribe.event(hostile, "proposed", {"to": "proposed"})
    return lambda tx: tx.append(event)


def called(_: Scribe, hostile: str) -> Callable[[SqlTransaction], object]:
    """Keep a person of that name."""
    return lambda tx: tx.keep_person(Person("p_2", "ola", hostile, None))


def because(_: Scribe, hostile: str) -> Callable[[SqlTransaction], object]:
    """Keep a remark of those words."""
    return lambda tx: tx.keep_remark("c" * 64, b"salt", hostile)


def asked(_: Scribe, hostile: str) -> Callable[[SqlTransaction], object]:
    """Ask for a person by that name."""
    return lambda tx: tx.person(hostile)


@on_a_server
@pytest.mark.parametrize("act", [measure, numbered, called, because, asked])
def test_a_character_that_a_server_cannot_keep_is_refused_and_nothing_is_written(
    scribe: Scribe, act: Callable[[Scribe, str], Callable[[SqlTransaction], object]]
) -> None:
    before = everything(scribe)

    def write() -> None:
        with scribe.store.write(COUNCIL) as tx:
            scribe.append(tx, "M-1", "proposed", {"to": "proposed"})
            act(scribe, NUL)(tx)

    with pytest.raises(UsageError, match=r"^A text holds a character that postgresql://.* cannot keep: .*Write it ag"):
        write()
    assert everything(scribe) == before


def everything(scribe: Scribe) -> tuple[object, ...]:
    """The log, and whom and what is kept beside it."""
    with scribe.store.read(COUNCIL) as reader:
        return list(reader.events()), list(reader.persons()), reader.remarks(["c" * 64])


def test_the_tables_are_all_there_afterwards(scribe: Scribe) -> None:
    before = made_of(scribe.store)
    for number, hostile in enumerate(HOSTILE):
        scribe.open_measure(f"M-{number}", goal=hostile, plan=hostile)
    assert made_of(scribe.store) == before
