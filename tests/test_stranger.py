"""A stranger checks an export with programs that are not ours, and types every line that a certificate shows."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from engine.exported import verify_export
from engine.exporting import export as write
from tests.asking import STRANGER, stranger
from tests.notary import AT, LOG, NEXT, Notary, blob_in, edit, folder_in, forged, lines_of, put_lines, told, whole
from tests.signing import BY_CHIEF, SigningDesk, needs_ssh_keygen
from tests.world import COUNCIL

PROGRAMS = ("openssl", "sha256sum", "ssh-keygen")

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, PROGRAMS)), reason=f"needs {', '.join(PROGRAMS)} of a Linux system"
)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of an agreement in force, sealed and cosigned."""
    return whole(tmp_path_factory.mktemp("council")).export("export")


@pytest.fixture
def export(original: Path, tmp_path: Path) -> Path:
    """A copy of it to play with."""
    shutil.copytree(original, tmp_path / "export")
    return tmp_path / "export"


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export in which the chief of police signed an approval."""
    folder = tmp_path_factory.mktemp("signing")
    desk = SigningDesk.set_up(folder)
    assert desk.signs(desk.pen_of("siri"), "A-1", "approve", *BY_CHIEF).code == 0
    notary = Notary(desk.world)
    notary.seal()
    return notary.export("export")


@pytest.fixture
def signed(signing: Path, tmp_path: Path) -> Path:
    """A copy of it to play with."""
    shutil.copytree(signing, tmp_path / "export")
    return tmp_path / "export"


def test_the_stranger_imports_nothing_of_ours() -> None:
    nodes = list(ast.walk(ast.parse(STRANGER.read_text())))
    named = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    assert named
    assert {name.split(".")[0] for name in named} <= sys.stdlib_module_names


def test_the_stranger_finds_an_export_in_order(export: Path) -> None:
    said = "45 events, 1 checkpoints with 2 signatures, 1 documents and 0 signed acts are in order.\n"
    assert stranger(export) == (0, said)


NOTE = "checkpoints/000000000045.note"


@pytest.mark.parametrize(
    ("attack", "why"),
    [
        (lambda f: edit(f / "events.jsonl", b"Avtale om", b"Avtale av"), "does not follow the one before it"),
        (lambda f: put_lines(f, lines_of(f)[:-1]), "fewer than the 45 events"),
        (lambda f: edit(f / NOTE, b"\n45\n", b"\n44\n"), "another root"),
        (lambda f: edit(f / NOTE, b"\xe2\x80\x94 vitne", b"\xe2\x80\x94 vitnx"), "KeyError"),
        (lambda f: blob_in(f).write_text("Noe annet"), "a document differs"),
    ],
    ids=["edited", "cut", "another size", "another witness", "another document"],
)
def test_the_stranger_sees_what_was_changed(export: Path, attack: object, why: str) -> None:
    assert callable(attack)
    attack(export)
    code, said = stranger(export)
    assert (code, why in said) == (1, True), said


def test_the_stranger_believes_the_key_that_was_announced_last_and_no_replaced_one(tmp_path: Path) -> None:
    notary = whole(tmp_path)
    notary.announce(NEXT.verifier())
    notary.seal(LOG, NEXT)
    notary.world.measure()
    notary.seal(NEXT)
    assert stranger(notary.export())[0] == 0
    notary.world.measure()
    size = forged(notary.world, LOG)
    code, said = stranger(notary.export())
    assert (code, f"the log's key of then did not sign the checkpoint over {size} events" in said) == (1, True)


@needs_ssh_keygen
def test_a_persons_signature_is_checked_by_the_stranger_and_by_us(signed: Path) -> None:
    assert "1 signed acts are in order" in stranger(signed)[1]
    report = verify_export(signed)
    assert (report.signed, told(report)) == (1, "")


@needs_ssh_keygen
def test_who_may_sign_is_part_of_the_export(signed: Path) -> None:
    (signed / "allowed_signers").write_text("")
    assert "does not hold" in stranger(signed)[1]
    assert "allowed_signers" in told(verify_export(signed))


@needs_ssh_keygen
def test_a_signature_that_the_program_does_not_accept_is_a_fault(
    signed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr("engine.ssh_keygen.SshKeygen.accepts", lambda *_: False)
    report = verify_export(signed)
    assert (report.exit_code, "`ssh-keygen` does not accept it for p_chief" in told(report)) == (12, True)


def typed_on(page: str) -> list[str]:
    """What a certificate shows to be typed, and the keys to be saved."""
    return [unescape(part) for part in re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)]


def run_in(folder: Path, lines: str) -> str:
    """What a shell prints."""
    ran = subprocess.run(
        [str(shutil.which("bash")), "-c", lines], cwd=folder, capture_output=True, text=True, check=False
    )
    return ran.stdout + ran.stderr


def prints(folder: Path, page: str) -> str:
    """Everything that is printed when the page's lines are typed in an export, our own program left out."""
    pems = iter(("log.pem", "witness.pem"))
    printed = ""
    for block in typed_on(page):
        if block.startswith("-----BEGIN PUBLIC KEY"):
            (folder / next(pems)).write_text(f"{block}\n")
        elif block.startswith(("sha256sum", "(printf", "head", "printf", "sed")):
            printed += run_in(folder, block)
    return printed


def test_every_line_of_a_certificate_can_be_typed_and_gives_what_the_page_says(tmp_path: Path) -> None:
    notary = whole(folder_in(tmp_path, "council"))
    page, folder = notary.certificate("A-1"), notary.export()
    printed = prints(folder, page)
    assert printed.count("Signature Verified Successfully") == 2
    hashes = re.findall(r"^[0-9a-f]{64}", printed, re.MULTILINE)
    assert len(hashes) == 6  # one document, the version, four acts
    assert all(f'<span class="hash">{found}</span>' in page for found in hashes)


def test_the_lines_of_a_certificate_show_a_change(tmp_path: Path) -> None:
    notary = whole(folder_in(tmp_path, "council"))
    page, folder = notary.certificate("A-1"), notary.export()
    edit(folder / "events.jsonl", b"Avtale om", b"Avtale av")
    edit(folder / NOTE, b"\n45\n", b"\n44\n")
    printed = prints(folder, page)
    assert "Signature Verification Failure" in printed
    hashes = re.findall(r"^[0-9a-f]{64}", printed, re.MULTILINE)
    assert [f'<span class="hash">{found}</span>' in page for found in hashes].count(False) == 1


def test_after_a_rotation_the_lines_take_the_newest_signature(tmp_path: Path) -> None:
    notary = Notary(folder_in(tmp_path, "council"))
    assert notary.case
    notary.announce(NEXT.verifier())
    notary.seal(LOG, NEXT)
    notary.cosigned()
    page = notary.certificate("A-1")
    notary.cosigned(AT + 60)  # after the page was printed
    assert prints(notary.export(), page).count("Signature Verified Successfully") == 2
    assert f"time {AT}\\n" in page


@needs_ssh_keygen
@pytest.mark.skipif(not shutil.which("jq"), reason="the page's lines need jq")
def test_the_lines_of_a_certificate_check_a_persons_signature(tmp_path: Path) -> None:
    desk = SigningDesk.set_up(folder_in(tmp_path, "council"))
    assert desk.signs(desk.pen_of("siri"), "A-1", "approve", *BY_CHIEF).code == 0
    notary = Notary(desk.world)
    notary.seal()
    with desk.world.store.read(COUNCIL) as reader:
        write(reader, tmp_path / "out")
    assert 'Good "politirad@politirad.example/trondelag-sor" signature' in prints(
        tmp_path / "out", notary.certificate("A-1")
    )
