"""Every notebook runs from top to bottom, as a reader would run it, with the public names alone."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PACKAGES = {"geo", "routes", "layers", "api"}
every = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_there_is_one_for_each_story() -> None:
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06"]


@every
def test_a_notebook_is_kept_without_what_it_printed(path: Path) -> None:
    cells = code_cells(path)
    assert len(cells) > 3
    assert not any(cell.outputs or cell.execution_count for cell in cells)


@every
def test_a_notebook_uses_what_the_packages_give_at_their_top(path: Path) -> None:
    tree = ast.parse("\n".join(cell.source for cell in code_cells(path)))
    named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    own = {
        name for name in named if name and name.split(".")[0] in {"geo", "routes", "layers", "api"}
    }
    assert own <= PACKAGES - {"api"}


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # the kernel's own libraries warn; cells fail by raising
@every
def test_notebook_runs(
    path: Path, built_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PETAJAGA_HOME", str(shutil.copytree(built_home, tmp_path / "home")))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}
    )
    client.execute()
    ran = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in ran)
    shown = [output.get("data", {}) for cell in ran for output in cell.outputs]
    assert sum("image/png" in data for data in shown) >= 2
