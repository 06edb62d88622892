import pytest

from yijiaan.ui import words


@pytest.fixture(autouse=True)
def no_calendar(monkeypatch):
    """The kit knows no holidays by itself."""
    monkeypatch.setattr(words, "_count_days", None)
