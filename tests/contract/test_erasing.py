"""Erasing at the store's own door: rows, and the bytes of the file after many others have moved them around."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from engine.outbox import NewLetter
from engine.ports import Person
from tests.contract.products import on_a_file
from tests.contract.scribe import COUNCIL, Scribe

if TYPE_CHECKING:
    from store import SqlStore
    from store.transaction import SqlTransaction

KARI = Person("p_1", "kari", "Kari Nordli", "kari@roros.example")
OTHER = Person("p_2", "makari", "Makari Aas", "makari@roros.example")
COMMITMENT = "a" * 64
NOW = datetime(2019, 1, 28, 8, tzinfo=UTC)


class ChangeOfMindError(Exception):
    """Leaves a transaction."""


def letter(tx: SqlTransaction, key: str, person: Person, **rest: str) -> int:
    """Keep a letter to a person; its number."""
    body = f"To: {person.email}\nReply-To: <{rest.get('reply_to', 'post@council.example')}>\n\nHei {person.name}"
    number = tx.post(
        NewLetter(
            key=key, kind=rest.get("kind", "digest"), office="slt", person=person.id, address=person.email,
            subject="3 oppgaver", message_id=f"<{key}>", made=NOW, after=NOW, body=body.encode(),
        )
    )  # fmt: skip
    assert number is not None
    return number


def erase(store: SqlStore, person: str = KARI.id) -> None:
    """Erase a person in a transaction of its own."""
    with store.write(COUNCIL) as tx:
        tx.erase_person(person)


def test_an_erased_person_keeps_the_id_alone(scribe: Scribe) -> None:
    with scribe.store.write(COUNCIL) as tx:
        tx.keep_person(KARI)
        tx.keep_login(COMMITMENT, KARI.id, b"salt", "kari (1000)")
    erase(scribe.store)
    with scribe.store.read(COUNCIL) as reader:
        assert list(reader.persons()) == [Person("p_1", "p_1", None, None)]
        assert (reader.logins(), reader.names()) == ({}, frozenset())


def test_a_login_of_an_erased_person_is_not_remembered(scribe: Scribe) -> None:
    with scribe.store.write(COUNCIL) as tx:
        tx.keep_login(COMMITMENT, KARI.id, b"salt", "kari (1000)")
    with scribe.store.write(COUNCIL) as tx:
        assert tx.login(KARI.id, "kari (1000)") == COMMITMENT
    erase(scribe.store)
    with scribe.store.write(COUNCIL) as tx:
        assert tx.login(KARI.id, "kari (1000)") is None


def test_letters_to_the_person_are_emptied_and_others_keep_all_but_the_address(scribe: Scribe) -> None:
    with scribe.store.write(COUNCIL) as tx:
        tx.keep_person(KARI)
        own = letter(tx, f"digest/p_1/2019/{KARI.email}/slt", KARI)
        other = letter(tx, "digest/p_2/2019/x/slt", OTHER, reply_to=str(KARI.email))
        swept = tx.erase_person(KARI.id)
    assert (swept.emptied, swept.overwritten) == (1, 1)
    with scribe.store.read(COUNCIL) as reader:
        mine, body = reader.letter(own), reader.letter_body(other)
        assert (mine.address, mine.message_id, mine.key) == (None, "erased", f"digest/p_1/2019/erased-{own}/slt")
        assert (mine.subject, reader.letter_body(own)) == ("3 oppgaver", b"")
    assert body == b"To: makari@roros.example\nReply-To: <erased@erased.invalid>\n\nHei Makari Aas"


def test_an_earlier_address_is_known_by_the_letters_that_went_there(scribe: Scribe) -> None:
    with scribe.store.write(COUNCIL) as tx:
        tx.keep_person(KARI)
        letter(tx, "a", KARI)
        tx.keep_person(Person("p_1", "kari", "Kari Nordli", "ny@roros.example"))
        other = letter(tx, "b", OTHER, reply_to=str(KARI.email))
        tx.erase_person(KARI.id)
        assert str(KARI.email).encode() not in tx.letter_body(other).replace(b"makari@roros.example", b"")


def test_an_address_that_ends_like_another_is_not_taken_for_it(scribe: Scribe) -> None:
    with scribe.store.write(COUNCIL) as tx:
        tx.keep_person(KARI)
        other = letter(tx, "b", OTHER)
        tx.erase_person(KARI.id)
        assert b"To: makari@roros.example" in tx.letter_body(other)


def test_a_letter_that_quotes_one_to_the_person_is_emptied_too(scribe: Scribe) -> None:
    with scribe.store.write(COUNCIL) as tx:
        tx.keep_person(KARI)
        own = letter(tx, "a", KARI)
        quoting = letter(tx, f"returned/{own}/0", OTHER, kind="returned")
        unrelated = letter(tx, f"returned/{own}7/0", OTHER, kind="returned")
        tx.erase_person(KARI.id)
        assert tx.letter_body(quoting) == b""
        assert tx.letter(quoting).address == OTHER.email
        assert tx.letter_body(unrelated) != b""


def test_erasing_twice_finds_nothing_more(scribe: Scribe) -> None:
    with scribe.store.write(COUNCIL) as tx:
        tx.keep_person(KARI)
        own = letter(tx, "a", KARI)
        tx.erase_person(KARI.id)
        first = tx.letter(own)
        tx.erase_person(KARI.id)
        assert tx.letter(own) == first


def test_an_erasure_that_was_rolled_back_erased_nothing(scribe: Scribe) -> None:
    with scribe.store.write(COUNCIL) as tx:
        tx.keep_person(KARI)
    with suppress(ChangeOfMindError), scribe.store.write(COUNCIL) as tx:
        tx.erase_person(KARI.id)
        raise ChangeOfMindError
    with scribe.store.read(COUNCIL) as reader:
        assert reader.person("kari") == KARI


def test_another_councils_person_of_the_same_id_stays(scribe: Scribe) -> None:
    Scribe(scribe.store, council="oppdal").open_council()
    for council in (COUNCIL, "oppdal"):
        with scribe.store.write(council) as tx:
            tx.keep_person(KARI)
    erase(scribe.store)
    with scribe.store.read("oppdal") as reader:
        assert reader.person("kari") == KARI


def test_a_blocked_person_is_known_by_id_and_handle_and_tells_nothing(scribe: Scribe) -> None:
    with scribe.store.write(COUNCIL) as tx:
        tx.keep_person(KARI)
        tx.keep_login(COMMITMENT, KARI.id, b"salt", "kari (1000)")
        tx.block_person(KARI.id, "f" * 64)
    hidden = Person("p_1", "p_1", None, None, blocked=True)
    with scribe.store.read(COUNCIL) as reader:
        assert [reader.person(asked) for asked in ("p_1", "kari", "Kari Nordli")] == [hidden] * 3
        assert (list(reader.persons()), reader.logins()) == ([hidden], {})
        assert reader.names() == {"Kari Nordli"}
    with scribe.store.write(COUNCIL) as tx:
        tx.block_person(KARI.id, None)
        assert tx.person("p_1") == KARI
        assert tx.logins() == {COMMITMENT: "kari (1000)"}


def bytes_of(folder: Path) -> bytes:
    """Everything in the database and its journals."""
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.name.startswith("politirad.db"))


@on_a_file
@pytest.mark.parametrize("seed", [1, 6, 8])  # in which SQLite leaves a trace where a row once stood
def test_no_byte_of_the_erased_is_left_after_rows_were_moved_around(scribe: Scribe, tmp_path: Path, seed: int) -> None:
    random = Random(seed)  # noqa: S311  # repeatable
    people = [Person(f"p_{n:04}", f"h{n:04}", f"Navn{n:04} ", f"a{n:04}@x.no") for n in range(400)]
    for _ in range(5):
        with scribe.store.write(COUNCIL) as tx:
            for person in random.sample(people, 200):
                tx.keep_person(replace(person, name=str(person.name) * random.randint(1, 40)))
    gone = random.sample(people, 200)
    with scribe.store.read(COUNCIL) as reader:
        stay = {person.id for person in reader.persons()} - {person.id for person in gone}
    for person in gone:
        erase(scribe.store, person.id)
    scribe.store.purge()
    left = bytes_of(tmp_path)
    assert [p.id for p in gone if str(p.name).encode() in left or str(p.email).encode() in left] == []
    assert all(str(p.name).encode() in left for p in people if p.id in stay)
