"""The built wheel: what it carries, and that nothing else claims its generic top-level names.

pip overwrites silently when two distributions ship the same name, and `pip check` says nothing. So the
owners are counted here, among everything installed beside us.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"engine", "workflows", "store", "commands"}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the sources as they stand, built without the network and unpacked as pip would do."""
    dist, site = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(dist)]
    subprocess.run(build, cwd=ROOT, check=True)
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    return site


def data_files(root: Path) -> set[Path]:
    """Every file of our packages that is not Python, as a path from the root."""
    files = (path for package in PACKAGES for path in (root / package).rglob("*") if path.is_file())
    return {path.relative_to(root) for path in files if path.suffix not in {".py", ".pyc"}}


def test_the_top_level_is_exactly_ours(unpacked: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    metadata = f"politirad-{project['version']}.dist-info"
    assert {path.name for path in unpacked.iterdir()} == {*PACKAGES, "cli.py", metadata}


def test_the_example_council_and_every_other_data_file_ship(unpacked: Path) -> None:
    assert Path("workflows/examples/trondelag_sor/council.toml") in data_files(unpacked)
    assert data_files(unpacked) == data_files(ROOT)


def test_no_other_distribution_claims_our_names(unpacked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(unpacked)
    owners = packages_distributions()
    assert {name for name in {*PACKAGES, "cli"} if set(owners[name]) != {"politirad"}} == set()
