"""The house stands as drawn: packages, direction of imports, lists of names, tracked files."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from itertools import groupby
from pathlib import Path

import grimp
import pytest

from api.bootstrap import LOCKS, OLDEST_PYTHON

ROOT = Path(__file__).resolve().parent.parent
OTHERS = {name: f"requirements-{name}.lock" for name in ("data", "peers")}
ROOMS = ("geo", "routes", "layers", "api")


@cache
def trees() -> dict[Path, ast.Module]:
    """Every module of the rooms, parsed, by its path below the checkout."""
    return {
        path.relative_to(ROOT): ast.parse(path.read_text("utf-8"))
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
    }


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, check=True
    )
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_each_room_is_ours_from_anywhere(tmp_path: Path) -> None:
    # PyPI's Routes also imports as `routes`; a stray package must not take a room's place.
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {', '.join(ROOMS)}; " + "".join(
        f"print({room}.__file__); " for room in ROOMS
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(ROOT / room / "__init__.py") for room in ROOMS]


def test_editable_install_finds_the_rooms_from_another_folder(tmp_path: Path) -> None:
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        distribution("petajaga")
    except PackageNotFoundError:
        pytest.skip("petajaga is not installed in this environment; make test installs it")
    code = "import geo, routes, layers, api\nprint(geo.__file__, routes.__file__, layers.__file__)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert all(Path(name).is_relative_to(ROOT) for name in done.stdout.split())


def test_imports_go_one_way() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()",
         "--no-logo", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Contracts: [2-9]\d* kept, 0 broken", done.stdout)


def imports_within(room: str) -> dict[str, set[str]]:
    """What each package or single module of a room imports of the room's others.

    ``rooms``: the four rooms themselves.
    """
    graph = grimp.build_graph(*ROOMS, cache_dir=None)
    level = 0 if room == "rooms" else 1
    arrows: dict[str, set[str]] = {}
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            names = module.split("."), imported.split(".")
            inside = level == 0 or (names[0][0] == names[1][0] == room)
            if inside and min(map(len, names)) > level and names[0][level] != names[1][level]:
                arrows.setdefault(names[0][level], set()).add(names[1][level])
    return arrows


def drawing(arrows: dict[str, set[str]]) -> str:
    """Lines of a Mermaid flowchart."""
    return "".join(
        f"  {name} --> {' & '.join(sorted(targets))}\n" for name, targets in sorted(arrows.items())
    )


@pytest.mark.parametrize("room", ["rooms", *ROOMS])
def test_the_drawing_shows_the_imports(room: str) -> None:
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text("utf-8")
    drawn = re.search(rf"  %% {room}\n((?:  .* --> .*\n)+)```", text)
    assert drawn, f"docs/ARCHITECTURE.md has no drawing of {room}"
    assert drawn.group(1) == drawing(imports_within(room)), "put the second in the drawing's place"


def _stub_names(package: Path) -> list[str] | None:
    """Public names that a package's stub states; lazy_loader reads the same file."""
    stub = package / "__init__.pyi"
    if not stub.exists():
        return None
    tree = ast.parse(stub.read_text("utf-8"))
    return [alias.name for node in tree.body for alias in node.names]  # type: ignore[attr-defined]


def _all_of(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            assert isinstance(node, ast.Assign)
            return list(ast.literal_eval(node.value))
    return None


def _defined(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return names


def test_all_lists_names_that_are_there_once() -> None:
    faults = []
    for path, tree in trees().items():
        listed = _all_of(tree)
        if listed is None:
            if path.name not in {"__init__.py", "__main__.py"} and _public(tree, path):
                faults.append(f"{path}: public names, and no __all__")
            continue
        faults += [f"{path}: {name} twice" for name in set(listed) if listed.count(name) > 1]
        faults += [f"{path}: {name} is not defined" for name in set(listed) - _defined(tree)]
    assert not faults


def _public(tree: ast.Module, path: Path) -> set[str]:
    if "rebuild" in path.parts:  # scripts that make geo/data, not imported by others
        return set()
    return {
        node.name
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
        and not node.decorator_list  # a route's function is called by its address
    }


def test_what_one_room_takes_from_another_is_public() -> None:
    """``from room.module import name`` takes only what that module lists in ``__all__``."""
    faults = []
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or not node.module:
                continue
            other = node.module.partition(".")[0]
            if other not in ROOMS or other == path.parts[0]:
                continue
            source = Path(*node.module.split("."))
            module = trees().get(source.with_suffix(".py"))
            listed = _stub_names(ROOT / source) if module is None else None
            listed = listed or _all_of(module or trees()[source / "__init__.py"]) or []
            faults += [
                f"{path}: {node.module}.{alias.name}"
                for alias in node.names
                if alias.name not in listed
                # not a module or a package of the room
                and source / f"{alias.name}.py" not in trees()
                and source / alias.name / "__init__.py" not in trees()
            ]
    assert not faults


def test_tests_are_no_packages() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_no_registry_or_cdn_in_tracked_files() -> None:
    hosts = re.compile(
        rb"files\.python"
        rb"hosted|py"
        rb"pi\.org|registry\.npm"
        rb"js|unpkg\.com|js"
        rb"delivr|"
        rb"cdn"
        rb"js|code\.jquery|bootstrap"
        rb"cdn|index"
        rb"-url|fonts\.google"
        rb"apis"
    )
    found = []
    for path in tracked():
        if path.suffix in {".gz", ".png", ".parquet", ".pbf"} or not path.is_file():
            continue
        found += [
            f"{path.name}: {hit.group().decode()}" for hit in hosts.finditer(path.read_bytes())
        ]
    assert not found


def test_locks_are_hashed_and_hold_every_listed_package() -> None:
    for kind, name in {**LOCKS, **OTHERS}.items():
        lock = (ROOT / name).read_text("utf-8")
        blocks = re.split(r"^(?=\S)", lock, flags=re.MULTILINE)[1:]
        assert len(blocks) > 20, kind
        pinned = set()
        for block in blocks:
            head = re.match(r"([a-z0-9._-]+)==\S+", block)
            assert head, block[:80]
            assert block.count("--hash=sha256:") >= 1, head.group()
            pinned.add(head.group(1))
        listed = (ROOT / name.replace(".lock", ".in")).read_text("utf-8")
        wanted = re.findall(r"^([A-Za-z0-9._-]+)", listed, re.MULTILINE)
        missing = {re.sub(r"[-_.]+", "-", w).lower() for w in wanted if w[0] != "-"} - pinned
        assert not missing, kind


def test_every_listed_package_says_why() -> None:
    for path in ROOT.glob("requirements*.in"):
        for line in path.read_text("utf-8").splitlines():
            if line and line[0] not in "#-":
                assert re.fullmatch(r"\S+( ; [^#]+)?  # .{5,}", line), f"{path.name}: {line}"


def test_locks_agree_with_each_other() -> None:
    def versions(name: str) -> dict[str, str]:
        text = (ROOT / name).read_text("utf-8")
        return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))

    runtime = versions(LOCKS["runtime"])
    for name in (LOCKS["dev"], "requirements-data.lock"):
        other = versions(name)
        assert {key: other.get(key) for key in runtime} == runtime, name


def test_one_oldest_python() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == ">=" + ".".join(map(str, OLDEST_PYTHON))
    assert f"version_info < {OLDEST_PYTHON}" in (ROOT / "Makefile").read_text("utf-8")


def test_ci_runs_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert "make test" in script.read_text("utf-8")
    assert script.stat().st_mode & 0o111


def test_readme_shows_what_a_newcomer_needs() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert all(words in text for words in ("make serve", "make test", "Interceptions measure"))
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).exists(), target


def test_a_decision_has_a_number_of_its_own() -> None:
    for number, files in groupby(sorted((ROOT / "docs" / "decisions").iterdir()), key=_number):
        (file,) = files
        assert file.read_text("utf-8").startswith(f"# {number}. "), file.name


def _number(file: Path) -> int:
    return int(file.name[:4])
