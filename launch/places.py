"""Folders and files of a clone and of its data."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from launch.say import Stop

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"
NODE_MODULES = ROOT / "node_modules"


@dataclass(frozen=True)
class Data:
    """The folder that holds everything a running installation writes (var/ unless told otherwise)."""

    root: Path

    @property
    def logs(self) -> Path:
        return self.root / "log"

    @property
    def secret_key(self) -> Path:
        return self.root / "secret_key"

    @property
    def run_lock(self) -> Path:
        return self.root / "run.lock"

    @property
    def unfinished(self) -> Path:
        """There from the first migration until the demo is loaded: a first start that never came to its end."""
        return self.root / "first-start"

    @property
    def demo(self) -> Path:
        """There once the demo is loaded."""
        return self.root / "demo"

    @property
    def static_stamp(self) -> Path:
        return self.root / "static.stamp"

    def make(self) -> None:
        """Create the folders, readable by their owner alone."""
        private_folder(self.root)
        private_folder(self.logs)


def private_folder(path: Path) -> None:
    """Make a folder that only its owner may enter; an existing one must be a folder of ours that we can write to."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.stat()
        # the database account of a root installation may walk through (0710, see postgres.py), nobody else
        if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & 0o067:
            path.chmod(0o700)
    except FileExistsError as error:
        raise Stop(f"{path} 不是文件夹：请移走它，或用 --data 指定别的文件夹。") from error
    except PermissionError as error:
        raise Stop(f"没有权限使用文件夹 {path}：请换一个账户，或用 --data 指定别的文件夹。") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise Stop(f"文件夹 {path} 不能写入：请换一个账户，或用 --data 指定别的文件夹。")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)
