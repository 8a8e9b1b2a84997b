"""A key that is revoked for days gone by: what it signed then stands, and is listed among the signs of trouble."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.signing import BY_CHIEF, SigningDesk, needs_ssh_keygen
from tests.test_audit import signs

if TYPE_CHECKING:
    from pathlib import Path


@needs_ssh_keygen
def test_an_act_signed_with_a_key_that_was_revoked_for_its_day_later_is_found(tmp_path: Path) -> None:
    desk = SigningDesk.set_up(tmp_path)
    pen, day = desk.pen_of("siri"), desk.world.today
    assert desk.signs(pen, "A-1", "approve", *BY_CHIEF).code == 0
    desk.world.clock.pass_days(2)
    desk.does("person", "key", "siri", "--revoke", pen.fingerprint, "--on", str(day + timedelta(days=1)))
    assert signs(desk.world, "key_revoked") == [], "the act is from before"
    other = desk.pen_of("siri")
    assert desk.signs(other, "A-2", "approve", *BY_CHIEF).code == 0
    desk.world.clock.pass_days(1)
    desk.does("person", "key", "siri", "--revoke", other.fingerprint, "--on", str(desk.world.today - timedelta(days=1)))
    (sign,) = signs(desk.world, "key_revoked")
    assert [one.type for one in sign.events] == ["agreement.approved", "council.key_revoked"]
    assert sign.about["key"] == other.fingerprint
    assert "Signed with a key that was revoked for that day later (1)" in desk.does("audit")
