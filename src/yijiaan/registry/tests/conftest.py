import pytest

from yijiaan.cases.tests import make
from yijiaan.core import clock


@pytest.fixture(autouse=True)
def noon():
    """Time stands still at noon of a Monday."""
    with clock.at(make.NOON):
        yield


@pytest.fixture
def town(db):
    """The small town."""
    return make.town()
