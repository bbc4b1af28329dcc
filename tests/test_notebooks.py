"""The notebooks run from top to bottom, are stored without outputs, and import what they show."""

import ast
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
OURS = {"forward", "backward", "init", "loss", "loss_backward", "softmax", "check", "train"}


def read(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_both_are_there():
    assert {"pipeline.ipynb", "backpropagation.ipynb"} <= {path.name for path in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_stored_without_outputs(path):
    notebook = read(path)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    for cell in code_cells(notebook):
        assert cell.outputs == [] and cell.execution_count is None, f"cell {cell.id} is stored with its outputs"
    assert all("-" in cell.id or cell.id.isalpha() for cell in notebook.cells), "cell ids are words, so that they last"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_imports_and_never_redefines(path):
    for cell in code_cells(read(path)):
        lines = [line for line in cell.source.split("\n") if not line.startswith("%")]
        for node in ast.walk(ast.parse("\n".join(lines))):
            defined = isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in OURS
            assert not defined, f"cell {cell.id} defines {getattr(node, 'name', '')}, which minilm has"


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_executes(path, tmp_path, monkeypatch):
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    pytest.importorskip("matplotlib")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    notebook = read(path)
    client = nbclient.NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    assert any("image/png" in output.get("data", {}) for output in outputs), "no picture was drawn"
    assert not any("Warning" in output.get("text", "") for output in outputs)
