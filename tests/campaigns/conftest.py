import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from running_town import RunningTown


@pytest.fixture
def make_town() -> Iterator[Callable[[str], RunningTown]]:
    """Makes towns in folders of their own; all are stopped at the end."""
    folder = Path(tempfile.mkdtemp(prefix="yijiaan-campaign-"))
    folder.chmod(0o711)
    made: list[RunningTown] = []

    def make(name: str) -> RunningTown:
        (folder / name).mkdir(mode=0o711)
        made.append(RunningTown(folder / name))
        return made[-1]

    yield make
    for town in made:
        town.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def town(make_town: Callable[[str], RunningTown]) -> RunningTown:
    """The demo town, running."""
    running = make_town("town")
    running.start(YIJIAAN_LOG_LEVEL="WARNING")
    return running
