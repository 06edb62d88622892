"""Last night's backup, taken while people worked, on another machine: the same rows, the same seals, and it runs."""

import hashlib
import random
import time
from collections.abc import Callable
from pathlib import Path

import load
import pytest
import soundness
from crew import Crew
from running_town import RunningTown

from yijiaan.operations.archive import Archive

PICTURE = b"a picture, by its content"


def put_file(town: RunningTown) -> Path:
    """One stored file, where the store would put it."""
    digest = hashlib.sha256(PICTURE).hexdigest()
    path = town.var / "files" / digest[:2] / digest[2:4] / f"{digest}.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(PICTURE)
    return path.relative_to(town.var)


@pytest.mark.long
def test_a_backup_taken_under_load_runs_elsewhere_with_equal_seals(
    town: RunningTown, make_town: Callable[[str], RunningTown], tmp_path: Path
) -> None:
    stored = put_file(town)
    words = tmp_path / "passphrase"
    words.write_text("麦收以后 再说一遍")
    words.chmod(0o600)
    with Crew(town, 7) as crew:
        time.sleep(8)
        taken = town.command("backup", str(tmp_path / "copy"), "--passphrase-file", str(words))
        before = len(crew.answered.reports)
        time.sleep(2)
    assert taken.returncode == 0, taken.stderr
    assert len(crew.answered.reports) > before > 20
    manifest = Archive(tmp_path / "copy", words.read_text()).check()
    assert manifest["heads"]["370812"][0] > 100

    other = make_town("other")
    back = other.command("restore", str(tmp_path / "copy"), "--passphrase-file", str(words))
    assert back.returncode == 0, back.stderr
    for number, head in manifest["heads"].values():
        assert f"第 {number} 号 {head}" in back.stdout
    assert (other.var / stored).read_bytes() == PICTURE
    assert other.command("restore", str(tmp_path / "copy"), "--passphrase-file", str(words)).returncode == 1

    other.start(YIJIAAN_LOG_LEVEL="WARNING")
    assert "建立数据表" not in "".join(other.said)
    assert "演示账号" in "".join(other.said)
    # no half deed in a copy taken in the middle of deeds
    with other.connect() as given:
        assert soundness.problems(given) == []
        kept = dict(given.execute("SELECT client_key::text, number FROM report").fetchall())
    known = {key: number for key, number in crew.answered.reports.items() if key in kept}
    assert len(known) > 20
    assert all(kept[key] == number for key, number in known.items())
    # people go on there: sealed names open, the same key gives the same number
    with Crew(other, 8) as elsewhere:
        end = time.monotonic() + 60
        while len(elsewhere.answered.deeds) < 6 and time.monotonic() < end:
            time.sleep(0.2)
    assert elsewhere.answered.surprises == []
    assert len(elsewhere.answered.deeds) > 5
    browser = load.Browser(other.port, load.Answered(), elsewhere.stop)
    code = random.Random(1).choice([crew.answered.tracking[key] for key in known])
    assert browser.json("GET", f"/api/v1/reports/{code}")[0] == 200
    assert other.command("verify-journal").returncode == 0
