"""Ledgers that become base data: what a file can be imported into (`engines.tabular.targets`), and how its words are understood.

`places` finds villages and grids by name, `columns` derives columns from the field table, `spellings` holds what ledgers write for
our codes; `people`, `records` and `sources` are the targets. Rows are written by `actions.bulk` alone.
"""

from yijiaan.registry.importing.people import PeopleTarget
from yijiaan.registry.importing.records import RecordsTarget, records_targets
from yijiaan.registry.importing.sources import SourcesTarget

__all__ = ["PeopleTarget", "RecordsTarget", "SourcesTarget", "records_targets"]
