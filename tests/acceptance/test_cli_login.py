"""The user of the operating system behind what is entered: as the system has it, beside who is configured to act."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from commands.wiring import Setup, system_login
from tests.world import COUNCIL

if TYPE_CHECKING:
    from tests.desk import Desk

pwd = pytest.importorskip("pwd", reason="only systems with user numbers have it")


def test_the_user_is_the_systems_and_not_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "LOGNAME", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "siri")
    assert system_login() == f"{pwd.getpwuid(os.getuid()).pw_name} ({os.getuid()})"


def test_a_user_without_a_name_is_told_by_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert system_login() == "4000000000"


def test_where_users_have_no_numbers_the_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pwd", None)
    monkeypatch.setenv("LOGNAME", "siri")
    assert system_login() == "siri"


def test_the_user_behind_a_command_is_kept_with_what_it_wrote(desk: Desk) -> None:
    desk.does("measure propose --title Natteravner")
    with desk.world.store.read(COUNCIL) as reader:
        event = next(reader.events("M-1")).event
        logins = reader.logins()
    assert logins[str(event.data["login"])] == system_login()


def test_a_program_with_a_user_of_its_own_writes_under_that(desk: Desk) -> None:
    setup = Setup(desk.settings, desk.world.clock, desk.world.service.entropy, "demo")
    assert setup.service_over(desk.world.store).login == "demo"
