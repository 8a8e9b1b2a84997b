"""Whether a signature that came with an act carries it: the statement, the key, the office, and `ssh-keygen`'s answer.

What there is to know is found out first (`with_signing`: the only effect, behind a port); the judgement is pure, and
`explain` gives the same one. Whose act it is, and who types it, stay two things. The signature is of whoever decided,
so a registrar may hand it in: the event then names the signer here, and the registrar, whose own identity is declared,
as its actor. Of a vote, and of an organisation's answer, the signature is of whoever puts that on record.

`ssh-keygen` alone says whether it holds. The other checks refuse first, because they can say what is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from engine.errors import Reason, because
from engine.event import Json
from engine.evidence import ActForm, named_version
from engine.signers import SigningKey, keys_on_record, namespace_of, periods_of, signer_lines
from engine.statement import Signatory, Signature, difference, signatory, statement_of

if TYPE_CHECKING:
    from engine.ports import Reader, SignatureChecker
    from engine.situation import Situation

HASH, SHOWN = 64, 12
"""Hex digits of a hash, and how many of them are enough to tell two apart."""


@dataclass(frozen=True, slots=True)
class Signing:
    """What was found out about a signature: the key on record that it names, if there is one.

    `known_head`: the event that the signer saw is of this case; `holds`: `ssh-keygen` accepts it for the owner of the
    key, in the office that the statement names, on the day that counts.
    """

    key: SigningKey | None
    known_head: bool
    holds: bool


def with_signing(s: Situation, reader: Reader, checker: SignatureChecker) -> Situation:
    """The situation with what can be found out about the signature that came with its command, if one did."""
    if (handed := s.command.signature) is None:
        return s
    key = keys_on_record(reader).get(handed.blob.key.fingerprint)
    seen = reader.event(handed.statement.head)
    known_head = seen is not None and seen.event.case == s.case.id
    holds = key is not None and _holds(handed, key, s, checker)
    return replace(s, signing=Signing(key, known_head, holds))


def _holds(handed: Signature, key: SigningKey, s: Situation, checker: SignatureChecker) -> bool:
    """Whether it is by the key's owner within the term of the office that the statement names."""
    namespace, statement = namespace_of(s.council.origin), handed.statement
    in_office = (held for held in s.council.holdings.all if held.office == statement.office)
    signers = signer_lines(periods_of((key,), in_office), namespace)
    on = s.on if statement.mandate else s.today
    return checker.accepts(handed, signers, key.person, namespace, on)


def unsigned(s: Situation) -> Reason | None:
    """Why the signature that was handed in does not carry the act; None where it does."""
    handed, signing = s.command.signature, s.signing
    if not isinstance(s.form, ActForm):
        return because("nothing_to_sign", step=s.command.step)
    if isinstance(named := named_version(s), Reason):
        return named
    if s.command.on_unknown:
        return because("signature_needs_date")
    if handed is None or signing is None:
        return because("signature_does_not_hold")
    if reason := _about_something_else(handed, signing, s) or _by_no_signatory(handed, signing.key, signatory(s)):
        return reason
    return None if signing.holds else because("signature_does_not_hold")


def _about_something_else(handed: Signature, signing: Signing, s: Situation) -> Reason | None:
    """Why it is not this act that was signed: it was made for another log, or says something else."""
    needed, namespace = statement_of(s), namespace_of(s.council.origin)
    if handed.blob.namespace != namespace:
        return because("signed_for_another_log", given=handed.blob.namespace, ours=namespace)
    if (differing := difference(handed.statement, needed)) is not None:
        given, ours = (_told(getattr(one, differing)) for one in (handed.statement, needed))
        return because("another_was_signed", differing=differing, given=given, ours=ours)
    return None if signing.known_head else because("signed_on_unknown_event", case=s.case.id)


def _told(value: object) -> str | None:
    """A part of a statement as a person compares it: hashes by their beginning."""
    parts = value if isinstance(value, tuple) else (value,)
    shown = (str(part)[:SHOWN] if len(str(part)) == HASH else str(part) for part in parts if part is not None)
    return ", ".join(shown) or None


def _by_no_signatory(handed: Signature, key: SigningKey | None, needed: Signatory) -> Reason | None:
    """Why the key is not of whoever must sign, or not to be trusted on that day."""
    fingerprint = handed.blob.key.fingerprint
    if key is None:
        return because("key_unknown", key=fingerprint)
    if key.person != needed.person:
        return because("signed_by_another", key=fingerprint, office=needed.office)
    if key.revoked is not None:
        return because("key_revoked", key=fingerprint, on=key.revoked.isoformat())
    if not key.covers(needed.on):
        until = key.until.isoformat() if key.until else None
        return because(
            "key_outside_period", key=fingerprint, on=needed.on.isoformat(), since=key.since.isoformat(), until=until
        )
    return None


def signature_json(s: Situation) -> dict[str, Json]:
    """The signature as the event carries it: enough to check it with `ssh-keygen` alone, and with nothing of ours.

    `on` is the day it holds on, by the key's period and the term of office.
    """
    handed, by = s.command.signature, signatory(s)
    if handed is None:
        raise ValueError("only an act that was signed says so")
    return {
        "by": by.person, "office": by.office, "on": by.on.isoformat(), "key": handed.blob.key.fingerprint,
        "namespace": handed.blob.namespace, "sig": str(handed.blob), "statement": handed.statement.to_json(),
    }  # fmt: skip
