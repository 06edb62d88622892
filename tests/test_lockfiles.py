"""Lock files pin every package by hash and name no index, and no tracked file names a place on a developer's machine."""

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]*://|^\s*-(-index-url|-extra-index-url|-find-links|-trusted-host|i|f|e)\b|\s@\s|(^|\s)/", re.M
)
REGISTRIES = re.compile(r"\bpypi\b|pythonhosted|npmjs|registry|mirror|\bhttps?\b", re.I)
MACHINE = re.compile(
    r"(?<![\w.])/(root|home/\w+|Users/\w+|work|workspace|opt/(?!yijiaan)\w+|mnt/\w+)(/|\b)|\.pyenv/versions|site-packages/\w+/\w+:\d"
)


def tracked_text_files() -> list[Path]:
    """Files under version control that are text and not data."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = [name for name in listed.split("\0") if name and not name.startswith("tests/test_lockfiles")]
    return [path for name in names if (path := ROOT / name).is_file() and not path.is_symlink() and is_text(path)]


def is_text(path: Path) -> bool:
    """Whether a file is text: no NUL in its beginning."""
    return b"\0" not in path.read_bytes()[:4096]


def faults_of_lock(text: str) -> list[str]:
    """The lines of a requirements lock that name an address or lack a hash."""
    faults = [line for line in text.splitlines() if not line.lstrip().startswith("#") and ADDRESS.search(line)]
    faults += [line for line in text.splitlines() if not line.lstrip().startswith("# ") and REGISTRIES.search(line)]
    # a requirement ends where the next line is not indented
    for entry in re.split(r"\n(?=[A-Za-z0-9])", "\n" + text):
        name = entry.strip().split(" ")[0]
        if (
            name
            and not entry.lstrip().startswith("#")
            and (not re.match(r"[\w.-]+==", name) or "--hash=sha256:" not in entry)
        ):
            faults.append(name)
    return faults


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_package_is_pinned_by_hash_and_no_index_is_named(lock: Path) -> None:
    assert faults_of_lock(lock.read_text()) == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://pypi.example/simple\n",
        "--find-links wheels\n",
        "-i http://10.0.0.1/\n",
        "package==1.0 @ file:///wheels/package.whl\n",
        "package==1.0\n",
        "package>=1.0 \\\n    --hash=sha256:00\n",
        "-e /src/package\n",
    ],
)
def test_a_fault_in_a_lock_is_seen(line: str) -> None:
    assert faults_of_lock("other==1.0 \\\n    --hash=sha256:00\n" + line) != []


def test_every_lock_has_its_source() -> None:
    assert [path.name for path in LOCKS] == ["base.txt", "dev.txt", "node.txt"]
    for lock in LOCKS:
        assert lock.with_suffix(".in").is_file()


def test_dev_lock_agrees_with_base_lock() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[\w.-]+==\S+", (ROOT / "requirements" / name).read_text(), re.M))

    assert pins("base.txt") <= pins("dev.txt")


def test_browser_libraries_are_locked_by_hash_without_addresses() -> None:
    text = (ROOT / "package-lock.json").read_text()
    assert "resolved" not in text
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert all(about["integrity"].startswith("sha512-") for place, about in packages.items() if place)


def test_no_tracked_file_names_a_place_on_a_machine() -> None:
    faults = {
        f"{path.relative_to(ROOT)}: {found.group(0)}"
        for path in tracked_text_files()
        for found in MACHINE.finditer(path.read_text(errors="replace"))
    }
    assert faults == set()


@pytest.mark.parametrize("text", ["/root/app", "see /home/anna/x", "/work/main/run", "/opt/wheels/"])
def test_a_machine_path_is_seen(text: str) -> None:
    assert MACHINE.search(text)


def test_no_third_party_file_is_tracked() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in listed if re.match(r"(.*/)?(node_modules|vendor|\.venv)(/|$)", name)] == []
