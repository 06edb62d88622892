import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from launch.places import Data
from launch.postgres import OUTSIDE, Server


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that everybody may walk through, with a space and Chinese characters in its name."""
    folder = Path(tempfile.mkdtemp(prefix="驿家安 试 "))
    folder.chmod(0o711)
    yield folder
    for data in folder.rglob("postgres.at"):
        shutil.rmtree(Path(data.read_text()).parent, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    if OUTSIDE.is_dir() and os.access(OUTSIDE, os.W_OK) and not any(OUTSIDE.iterdir()):
        OUTSIDE.rmdir()


@pytest.fixture
def make_server(place: Path) -> Iterator[Callable[..., Server]]:
    """Makes servers on data folders below `place`; all are stopped at the end."""
    made: list[Server] = []

    def make(folder: str = "数据", *, durable: bool = False) -> Server:
        data = Data(place / folder)
        data.make()
        server = Server(data, durable=durable)
        made.append(server)
        return server

    yield make
    for server in made:
        if server.running() is not None:
            server.stop()


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    """A server that has not been started."""
    return make_server()
