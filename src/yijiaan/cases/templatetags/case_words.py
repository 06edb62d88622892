"""What lists and pages say of a case in one place: its state, where it is, its address."""

from collections.abc import Mapping

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from yijiaan.cases.models import Case, Report
from yijiaan.cases.paths import case_path
from yijiaan.cases.queries.channels import channel_names
from yijiaan.core.scope import system
from yijiaan.ui.templatetags.kit import pill

register = template.Library()

KIND_OF = {
    "received": "new", "dispatched": "doing", "in_progress": "doing", "verifying": "check", "callback": "check",
    "closed": "done", "rejected": "done", "withdrawn": "done", "merged": "done", "archived": "done",
    "need_info": "hold", "arbitration": "new", "coordinating": "doing", "suspended": "hold",
}  # fmt: skip


@register.simple_tag
def case_status(case: Case, was_returned: bool = False) -> SafeString:
    """The state as a pill, then what makes the case pressing. was_returned: a unit sent it back, it waits to be dispatched again."""
    if was_returned:
        drawn = pill("退回待重派", "hold")
    else:
        drawn = pill(case.status_label, KIND_OF.get(case.status, "doing"))
    if case.urgency != "normal":
        drawn += format_html(' <span class="mark">{}</span>', case.get_urgency_display())
    if case.reopened_count:
        drawn += SafeString(' <span class="mark">重办</span>')
    if case.has_request:
        drawn += SafeString(' <span class="mark">申请待批</span>')
    if case.card:
        late = " late" if case.card == "red" else ""
        drawn += format_html(' <span class="mark{}">{}</span>', late, case.get_card_display())
    if case.supervision:
        drawn += format_html(' <span class="mark">{}</span>', case.get_supervision_display())
    return drawn


@register.simple_tag
def place_name(case: Case, names: Mapping[str, str]) -> str:
    """The name of the grid or village that a case lies in; names: by code."""
    return names.get(case.area_code, "")


@register.filter
def channel(thing: Case | Report) -> str:
    """{{ case|channel }}: how the channel that it came by is called here."""
    return channel_names(system("pages")).get(thing.channel, "")


@register.filter
def path(case: Case, deed: str = "case") -> str:
    """{{ case|path }}, {{ case|path:"sign" }}: the address of a case on the desk, or of a deed on it."""
    return case_path(case.number, deed)
