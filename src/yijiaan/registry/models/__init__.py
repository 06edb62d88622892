from yijiaan.registry.models.buildings import Building, Room
from yijiaan.registry.models.care import CareEntry
from yijiaan.registry.models.changes import Change
from yijiaan.registry.models.codes import CareBasis, CareKind, ChangeState, Relation, Status
from yijiaan.registry.models.counts import GridCount
from yijiaan.registry.models.organisations import Facility, Organisation, Place, Vehicle
from yijiaan.registry.models.people import Household, Membership, Person, PersonMerge
from yijiaan.registry.models.plates import (
    EndReason,
    Plate,
    PlateDay,
    PlateEnd,
    PlateNumbering,
    PlatePrint,
    PlateSize,
    PlateState,
    PlateStyle,
    PrintState,
)
from yijiaan.registry.models.records import FoundByWords, Record
from yijiaan.registry.models.sources import ConsentWay, SourceKind, TrustedReporter

__all__ = [
    "Building",
    "CareBasis",
    "CareEntry",
    "CareKind",
    "Change",
    "ChangeState",
    "ConsentWay",
    "EndReason",
    "Facility",
    "FoundByWords",
    "GridCount",
    "Household",
    "Membership",
    "Organisation",
    "Person",
    "PersonMerge",
    "Place",
    "Plate",
    "PlateDay",
    "PlateEnd",
    "PlateNumbering",
    "PlatePrint",
    "PlateSize",
    "PlateState",
    "PlateStyle",
    "PrintState",
    "Record",
    "Relation",
    "Room",
    "SourceKind",
    "Status",
    "TrustedReporter",
    "Vehicle",
]
