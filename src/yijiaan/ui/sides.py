"""Two values of one fact, side by side: what somebody wrote down, and what somebody else made of it meanwhile."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Sides:
    """fact: what it is about; mine and theirs: the two values as people read them; …_by: by whom and when; decides: who chooses."""

    fact: str
    mine: str
    mine_by: str
    theirs: str
    theirs_by: str
    decides: str

    def as_json(self) -> dict[str, Any]:
        """For a phone's outbox, which draws the same (yj/ui/sides.js)."""
        return asdict(self)


def draw_sides(sides: Sequence[Sides]) -> SafeString:
    """Each fact with its two values, on a phone as at the desk; nothing where there is none."""
    drawn = format_html_join(
        "",
        '<div class="sides"><p><b>{}</b> 两边写的不一样</p><div><span>您写的</span><strong>{}</strong><small class="num">{}</small></div>'
        '<div><span>登记上现在是</span><strong>{}</strong><small class="num">{}</small></div><p class="hint">{}</p></div>',
        ((each.fact, each.mine, each.mine_by, each.theirs, each.theirs_by, each.decides) for each in sides),
    )
    return format_html('<div class="sides-all" data-sides>{}</div>', drawn) if drawn else SafeString("")
