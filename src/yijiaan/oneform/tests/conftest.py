import pytest

from yijiaan.core import clock
from yijiaan.registry.tests import town as towns


@pytest.fixture(autouse=True)
def noon():
    """Time stands still at noon of a Monday."""
    with clock.at(towns.NOON):
        yield


@pytest.fixture
def town(db):
    """The small town of the base."""
    return towns.town()
