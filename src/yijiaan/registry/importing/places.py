"""Villages and grids of an actor as ledgers name them."""

from dataclasses import dataclass, field

from yijiaan.areas.models import LENGTH_OF
from yijiaan.areas.queries import area_names, list_places
from yijiaan.core.bigrams import normal
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor

_ENDS = (
    "村村民委员会", "村民委员会", "社区居民委员会", "居民委员会", "村委会", "居委会", "社区", "街道", "村", "镇",
)  # fmt: skip


@dataclass(slots=True)
class Places:
    """Villages and grids by their names; a name that several towns have needs its town."""

    by_name: dict[str, list[str]] = field(default_factory=dict)
    towns: dict[str, str] = field(default_factory=dict)
    grids: dict[str, dict[str, str]] = field(default_factory=dict)  # by village, code by name
    grids_by_name: dict[str, list[str]] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)  # codes that the actor may write to

    def find(self, said: str, town: str) -> str:
        """The code of a village. RuleErrors unknown_village, several_villages."""
        codes = self.by_name.get(short(said), [])
        if town:
            codes = [code for code in codes if short(self.towns.get(code[: LENGTH_OF["town"]], "")) == short(town)]
        if not codes:
            raise RuleError("unknown_village", f"辖区里没有“{said[:20]}”这个村，请写村的全名", "village")
        if len(codes) > 1:
            raise RuleError("several_villages", f"有几个镇都有“{said[:20]}”，请加一列写明镇街", "village")
        return codes[0]

    def place(self, village: str, grid: str = "", town: str = "") -> str:
        """The code of the grid, or of the village where no grid is told. A cell for the village may as well say a grid or its code.

        RuleErrors no_village, unknown_village, several_villages, unknown_grid, several_grids.
        """
        if not village and not grid:
            raise RuleError("no_village", "没有写是哪个村或网格", "village")
        for said in (grid, village):
            if said in self.own:
                return said
        if not village:
            return self._grid(grid, town, "grid")
        if short(village) not in self.by_name and normal(village) in self.grids_by_name:
            return self._grid(village, town, "village")
        code = self.find(village, town)
        if not grid or short(grid) == short(village):
            if code not in self.own:
                raise RuleError("unknown_village", f"“{village[:20]}”不全归您管，请写是哪个网格", "village")
            return code
        found = self.grids.get(code, {}).get(normal(grid))
        if found is None:
            raise RuleError("unknown_grid", f"“{village[:20]}”没有“{grid[:20]}”这个网格，请核对", "grid")
        return found

    def _grid(self, said: str, town: str, at: str) -> str:
        codes = self.grids_by_name.get(normal(said), [])
        if town:
            codes = [code for code in codes if short(self.towns.get(code[: LENGTH_OF["town"]], "")) == short(town)]
        if not codes and short(said) in self.by_name:
            return self.place(said, town=town)
        if not codes:
            raise RuleError("unknown_grid", f"辖区里没有“{said[:20]}”这个网格，请核对", at)
        if len(codes) > 1:
            raise RuleError("several_grids", f"有几个村都有“{said[:20]}”，请加一列写明村", at)
        return codes[0]


def short(name: str) -> str:
    """A village or town without what is said for politeness: 郎庄村村民委员会 → 郎庄."""
    for end in _ENDS:
        if name.endswith(end) and len(name) > len(end) + 1:
            return name.removesuffix(end)
    return name


def places_of(actor: Actor) -> Places:
    """The villages and grids of an actor by name and by code, remembered by `areas` for half a minute."""
    found = Places()
    for area in actor.areas:
        for village, grids in list_places(actor, code=area):
            found.by_name[village.code] = [village.code]
            if actor.covers(village.code):
                found.own.add(village.code)
            _add(found.by_name, short(village.name), village.code)
            inside = found.grids.setdefault(village.code, {})
            for grid in grids:
                if not actor.covers(grid.code):
                    continue
                found.own.add(grid.code)
                name = normal(grid.name)
                bare = name.removeprefix(normal(village.name)).removeprefix(normal(short(village.name)))
                for said in {name, bare, normal(village.name) + bare, normal(short(village.name)) + bare} - {""}:
                    inside[said] = grid.code
                    _add(found.grids_by_name, said, grid.code)
    found.towns = area_names(actor, codes={codes[0][: LENGTH_OF["town"]] for codes in found.by_name.values()})
    return found


def _add(held: dict[str, list[str]], name: str, code: str) -> None:
    codes = held.setdefault(name, [])
    if code not in codes:
        codes.append(code)
