"""负担表: what filling in forms takes each kind of post in a week, and the table of all forms."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.core import clock
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.insight.permissions import VIEW
from yijiaan.insight.queries import EARLIEST, LEAST_POSTS, WEEKS, FormLine, FormUse, RoleUse, get_burden, monday_of
from yijiaan.ui.filling import Filled, filled_forms
from yijiaan.ui.tables import Cell
from yijiaan.ui.templatetags.kit import day

ROLE_HEADS = ("岗位", "在岗", "填表次数", "估计用时", "每岗一周", "前四周平均每岗")
FORM_HEADS = ("表单", "次数", "前四周平均每周", "栏数", "必填", "一次几分钟", "估计用时")
ABOVE_HEADS = (
    "表名",
    "下发单位",
    "依据",
    "截止",
    "列",
    "要问的列",
    "手工一份",
    "现在一份",
    "这一周补了",
    "这一周用时",
    "哪些岗位",
)
ALL_HEADS = ("表单", "谁填", "填了做什么", "栏数", "必填", "一次几分钟")


@staff_only
@never_cache
@require_safe
def burden(request: HttpRequest) -> HttpResponse:
    """The week that is asked for, else the last whole one."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(VIEW)
    this_week = monday_of(clock.local_day())
    week = _week(request.GET.get("week", ""), this_week - timedelta(weeks=1))
    roles, above = get_burden(actor, week=week)
    context = {
        "week": week,
        "until": week + timedelta(days=6),
        "is_going": week == this_week,
        "before_url": f"?week={(week - timedelta(weeks=1)).isoformat()}",
        "after_url": f"?week={(week + timedelta(weeks=1)).isoformat()}" if week < this_week else "",
        "roles": roles,
        "role_heads": ROLE_HEADS,
        "role_rows": [_role_row(role) for role in roles],
        "form_heads": FORM_HEADS,
        "sections": [{"role": role, "rows": [_use_row(use) for use in role.uses]} for role in roles],
        "above_heads": ABOVE_HEADS,
        "above_rows": [_above_row(line) for line in above],
        "all_heads": ALL_HEADS,
        "all_rows": [_form_row(row) for row in filled_forms()],
        "least": LEAST_POSTS,
        "weeks": WEEKS,
        "at": clock.now(),
    }
    return render(request, "portal/burden.html", context)


def _week(text: str, otherwise: date) -> date:
    if not text:
        return otherwise
    try:
        week = monday_of(date.fromisoformat(text))
    except (ValueError, OverflowError):
        raise NotFound from None
    if not EARLIEST <= week <= clock.local_day():
        raise NotFound
    return week


def minutes_words(minutes: float) -> str:
    """4 分钟, 1.5 小时."""
    return (
        f"{minutes / 60:.1f} 小时" if minutes >= 60 else f"{minutes:g} 分钟" if minutes < 10 else f"{minutes:.0f} 分钟"
    )


def _role_row(role: RoleUse) -> list[Cell | str]:
    each, usual = role.minutes_each, role.usual_each
    return [
        Cell(role.label, "title", f"#role-{role.code or 'others'}"),
        Cell(f"{role.posts}" if role.posts else "—", "num"),
        Cell(f"{role.count:,}", "num"),
        Cell(minutes_words(role.minutes), "num"),
        Cell(minutes_words(round(each, 1)) if each is not None else "—", "num"),
        Cell(minutes_words(round(usual, 1)) if usual is not None else "—", "num"),
    ]


def _use_row(use: FormUse) -> list[Cell | str]:
    return [
        Cell(use.filled.label, "title"),
        Cell(f"{use.count:,}", "num"),
        Cell(f"{use.usual:.1f}", "num"),
        *_inputs(use.filled),
        Cell(f"{use.filled.minutes:g}", "num"),
        Cell(minutes_words(use.minutes), "num"),
    ]


def _above_row(line: FormLine) -> list[Cell | str]:
    form = line.form
    who = "；".join(f"{label} {minutes_words(round(use.minutes, 1))}" for label, use in line.uses)
    return [
        Cell(form.name, "title"), form.issuer, Cell(form.basis, "wrap"), day(form.ends_on), Cell(str(form.columns), "num"),
        Cell(str(form.asked), "num"), Cell(minutes_words(form.minutes), "num"), Cell(minutes_words(form.minutes_asked), "num"),
        Cell(f"{sum(use.count for _, use in line.uses):,} 行", "num"), Cell(minutes_words(round(line.minutes, 1)), "num"),
        Cell(who or "—", "wrap"),
    ]  # fmt: skip


def _form_row(row: Filled) -> list[Cell | str]:
    return [Cell(row.label, "title"), row.who, row.use, *_inputs(row), Cell(f"{row.minutes:g}", "num")]


def _inputs(row: Filled) -> list[Cell | str]:
    if row.has_own_fields:
        return [Cell("看种类", "quiet"), Cell("看种类", "quiet")]
    shown, required = row.fields
    return [Cell(str(shown), "num"), Cell(str(required), "num")]
