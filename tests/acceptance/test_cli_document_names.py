"""The name of a document is what somebody once wrote: it leads to no place but the folder that is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from tests.desk import Desk
from tests.world import World

if TYPE_CHECKING:
    from pathlib import Path


def named(folder: Path, name: str) -> Desk:
    """An agreement whose text came under a name, as by another program than ours; beside it a folder `here/out`."""
    (folder / "here" / "out").mkdir(parents=True)
    world = World(folder)
    document, files = world.document_of("avtale.md", "Avtale")
    world.take(
        "agreement",
        "propose",
        title="Avtale",
        decider="politiet",
        documents=(replace(document, name=name),),
        files=files,
    )
    return Desk(world)


def files_in(folder: Path) -> set[str]:
    """The files in a folder and in its folders, but for the database and what was handed in."""
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    return {name for name in found if not name.startswith(("politirad.db", "avtale.md"))}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../x.md", "x.md"),
        ("../../../../x.md", "x.md"),
        ("a/b/x.md", "x.md"),
        ("{outside}/x.md", "x.md"),
        ("~/x.md", "x.md"),
        ("..\\..\\x.md", "x.md"),
        ("C:\\temp\\x.md", "x.md"),
        ("x.md/", "x.md"),
        ("-rf", "-rf"),
        (".ssh/authorized_keys", "authorized_keys"),
    ],
)
def test_whatever_its_name_a_document_is_saved_inside_the_folder(tmp_path: Path, name: str, kept: str) -> None:
    desk = named(tmp_path, name.format(outside=tmp_path))
    out = tmp_path / "here" / "out"
    assert f"as {out / kept}" in desk.does("document", "save", "A-1", str(out))
    assert files_in(tmp_path) == {f"here/out/{kept}"}
    assert (out / kept).read_text() == "Avtale"


@pytest.mark.parametrize("name", ["..", ".", "/", "a/..", "..\\", "", "a\x00b", "a\x1b[2Jb", "x\u202egpj.exe"])
def test_a_name_that_is_none_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    desk = named(tmp_path, name)
    answer = desk.types("document", "save", "A-1", str(tmp_path / "here" / "out"))
    assert (answer.code, "Name the target file yourself" in answer.err) == (2, True), answer.err
    assert files_in(tmp_path) == set()
    desk.does("document", "save", "A-1", str(tmp_path / "here" / "out" / "mine.md"))


def test_a_link_that_lies_under_the_name_is_not_followed(tmp_path: Path) -> None:
    desk, out = named(tmp_path, "x.md"), tmp_path / "here" / "out"
    (out / "x.md").symlink_to(tmp_path / "elsewhere.md")
    answer = desk.types("document", "save", "A-1", str(out))
    assert (answer.code, "exists already" in answer.err) == (2, True)
    assert not (tmp_path / "elsewhere.md").exists()


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b"])
def test_in_an_export_a_document_lies_under_its_hash_whatever_its_name(tmp_path: Path, name: str) -> None:
    desk = named(tmp_path, name)
    desk.does("export", str(tmp_path / "here" / "export"))
    (blob,) = (tmp_path / "here" / "export" / "blobs").iterdir()
    assert len(blob.name) == 64
    assert all(path.startswith("here/export/") for path in files_in(tmp_path))
