"""`make mutate`: change the engine in one small way after another, and name the changes that no test saw.

mutmut does it, as `[tool.mutmut]` tells, and sets aside what mypy refuses, since that would never land. Added here is
what it lacks: a copy, so that nothing leaves a changed source behind; a way into properties; a mark for each file.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from difflib import ndiff
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
MEMORY = Path("/dev/shm")  # noqa: S108  # what is made in it has a name of its own
MARK = 90
KILLED = ("killed", "timeout")
REFUSED = "caught by type check"
HOOKS = (  # Two runs that share a folder may clear away each other's; and the tests that need none are the fastest.
    "\n\ndef pytest_configure(config): import tempfile; config.option.basetemp = tempfile.mkdtemp()"
    "\n\ndef pytest_collection_modifyitems(items): items.sort(key=lambda item: 'tmp_path' in item.fixturenames)\n"
)
PROPERTY = re.compile(r"^\n( +)@property\n +def (\w+)(\(self\).*)$", re.MULTILINE)
OPENED = r"\1@property\n\1def \2\3 return self.\2__opened()\n\1def \2__opened\3"  # on as many lines


def main() -> None:
    """Run it all in a folder that goes away again, also when stopped, and fail where a file misses the mark."""
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda number, _: sys.exit(128 + number))
    # Most of these tests' time is waiting for the disk, so where memory can be used as one, it is.
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2**30
    with TemporaryDirectory(prefix="politirad-mutate-", dir=MEMORY if roomy else None) as folder:
        # Under CI, hypothesis draws the same examples each time and takes no offence at a busy machine.
        os.environ |= {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "TMPDIR": folder, "CI": "true"}
        _lay_out(copy := Path(folder))
        _run(copy)
        found = _results(copy)
        print("", *_survivors(copy, found), "", sep="\n\n")
    low = _table(found)
    sys.exit(f"Fewer than {MARK} % were killed in {', '.join(low)}." if low else 0)


def _lay_out(copy: Path) -> None:
    """Copy what the tests need, with properties opened: mutmut leaves alone whatever is decorated."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
    shutil.copy(ROOT / "pyproject.toml", copy)
    for name in (*settings["source_paths"], *settings["also_copy"], "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / "tests/conftest.py").open("a", encoding="utf-8") as conftest:
        conftest.write(HOOKS)
    for path in (copy / name for name in settings["only_mutate"]):
        path.write_text(PROPERTY.sub(OPENED, path.read_text("utf-8")), "utf-8")


def _run(copy: Path) -> None:
    """Let mutmut work in a process group of its own, so that its workers end with this script, however it ends."""
    with subprocess.Popen(["mutmut", "run", "--max-children=2"], cwd=copy, start_new_session=True) as running:  # noqa: S607
        try:
            running.wait()
        except SystemExit:
            os.killpg(running.pid, signal.SIGKILL)
            raise
    if running.returncode:
        sys.exit("mutmut gave up; what it printed above tells why.")


def _results(copy: Path) -> dict[tuple[str, str], str]:
    """How each mutant ended, by its file and its name there, as in `xǁBallotǁvoting__opened__mutmut_1`."""
    out = subprocess.check_output(["mutmut", "results", "--all=true"], cwd=copy)  # noqa: S607
    parts = (re.split(r"\.(?=x[_ǁ])|: ", line.strip()) for line in out.decode().splitlines())
    return {(f"{module.replace('.', '/')}.py", name): status for module, name, status in parts}


def _survivors(copy: Path, found: dict[tuple[str, str], str]) -> Iterator[str]:
    """Where each changed the source, and how: mutmut tells the latter, but not the former."""
    functions = {path: _functions(copy / "mutants" / path) for path in {path for path, _ in found}}
    for (path, name), status in found.items():
        if status not in (*KILLED, REFUSED):
            before, after = functions[path][f"{name.partition('__mutmut_')[0]}__mutmut_orig"], functions[path][name]
            above = (copy / path).read_text("utf-8").partition("\n".join(before[1:]))[0]
            numbered = enumerate(zip(before, after, strict=False), above.count("\n"))  # from the line with `def` on
            line = next(number for number, (old, new) in numbered if old != new)
            changed = (line for line in ndiff(before, after) if line[0] in "-+")
            yield "\n".join((f"{path}:{line}: {status}", *changed))


def _functions(path: Path) -> dict[str, list[str]]:
    """The lines of each original and mutant that mutmut wrote into a file, without their made-up names."""
    source = path.read_text("utf-8")
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    lines = source.splitlines()
    return {n.name: [line.replace(n.name, "…") for line in lines[n.lineno - 1 : n.end_lineno]] for n in nodes}


def _table(found: dict[tuple[str, str], str]) -> list[str]:
    """Print each file's numbers, and return the files below the mark. What mypy refuses counts neither way."""
    print(f"{'file':28}{'mutants':>9}{'killed':>9}{'survived':>10}{'killed %':>10}{'refused by mypy':>17}")
    low = []
    for path in sorted({path for path, _ in found}):
        ends = Counter(status for (of, _), status in found.items() if of == path)
        killed, mutants = sum(ends[status] for status in KILLED), ends.total() - ends[REFUSED]
        share = 100 * killed / mutants if mutants else 100
        print(f"{path:28}{mutants:9}{killed:9}{mutants - killed:10}{share:10.1f}{ends[REFUSED]:17}")
        low += [path] if share < MARK else []
    return low


main()
