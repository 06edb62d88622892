"""The import contract, tried on a small package of the same name with one fault each."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = (
    "project",
    "portal",
    "insight",
    "party",
    "funds",
    "safety",
    "activities",
    "cases",
    "registry",
    "accounts",
    "areas",
    "engines",
    "ui",
    "core",
)


def lint(folder: Path, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Lay out the package with these imports and run the contract over it."""
    package = folder / "yijiaan"
    rooms = [package, *(package / room for room in ROOMS)]
    rooms += [package / "engines" / engine for engine in ("journal", "todos", "files", "jobs")]
    for room in rooms:
        room.mkdir()
        (room / "__init__.py").touch()
    for name, text in files.items():
        path = package / name
        path.parent.mkdir(exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(text)
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
        + ["--config", str(ROOT / ".importlinter"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_imports_that_go_down_pass(tmp_path):
    done = lint(
        tmp_path,
        {
            "project/urls.py": "import yijiaan.portal\nimport yijiaan.cases",
            "cases/actions.py": "import yijiaan.accounts\nimport yijiaan.engines.todos\nimport yijiaan.core",
            "cases/tests/test_actions.py": "import yijiaan.core",
            "engines/todos/actions.py": "import yijiaan.engines.journal\nimport yijiaan.core",
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("core/web.py", "import yijiaan.areas"),
        ("core/web.py", "import yijiaan.project"),
        ("engines/journal/actions.py", "import yijiaan.accounts"),
        ("engines/files/actions.py", "import yijiaan.engines.todos"),
        ("engines/journal/actions.py", "import yijiaan.engines.files"),
        ("accounts/models.py", "import yijiaan.cases"),
        ("cases/tests/test_actions.py", "import yijiaan.portal"),
        ("party/models.py", "import yijiaan.funds"),
        ("safety/models.py", "import yijiaan.activities"),
        ("gadgets/models.py", ""),
        ("engines/gadgets/models.py", ""),
    ],
)
def test_a_seeded_import_breaks_the_contract(tmp_path, path, text):
    done = lint(tmp_path, {path: text})
    assert done.returncode == 1
    assert "BROKEN" in done.stdout
