"""节假日和时限: which days are worked, which limits hold, and what next year still lacks."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from yijiaan.accounts.access import staff_only
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.engines.worktime.models import Holiday, LimitPreset
from yijiaan.engines.worktime.queries import list_holidays, list_limits, list_missing_years, list_presets
from yijiaan.portal.actions import choose_limits, import_holiday_table
from yijiaan.portal.forms import HolidaysForm, PresetForm

MANAGE = "worktime.manage"
MINUTES = {"calendar_minutes": "", "always": "（不分昼夜）", "working_minutes": "（办公时间）"}


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """The page, and the import of a table of holidays."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(MANAGE)
    if request.method != "POST":
        return _page(request, HolidaysForm())
    form = HolidaysForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form)
    try:
        done = import_holiday_table(actor=actor, text=form.cleaned_data["text"], source=form.cleaned_data["source"])
    except RuleError as error:
        apply_rule_error(form, error)
        return _page(request, form)
    changed = len(done.added) + len(done.changed) + len(done.removed)
    if changed:
        messages.success(
            request, f"收下了：新增 {len(done.added)} 天，改动 {len(done.changed)} 天，去掉 {len(done.removed)} 天。在办的时限几分钟内跟着重算，并告诉承办单位。"
        )  # fmt: skip
    else:
        messages.success(request, "和现有的一样，没有改动。")
    return redirect("portal:calendar")


@staff_only
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Another preset of limits from now on."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(MANAGE)
    form = PresetForm(request.POST, presets=list(list_presets(actor)))
    if not form.is_valid():
        return _page(request, HolidaysForm(), form)
    choose_limits(actor=actor, code=form.cleaned_data["code"])
    messages.success(request, "换好了。从现在起开始计时的按新方案，已经给出的时限不变。")
    return redirect("portal:calendar")


def _page(request: HttpRequest, form: HolidaysForm, preset_form: PresetForm | None = None) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = clock.now()
    this_year = clock.local_day(now).year
    wanted = request.GET.get("year", "")
    year = int(wanted) if wanted.isdigit() and 2000 <= int(wanted) <= 2099 else this_year
    presets = list(list_presets(actor))
    chosen = presets[0]
    context = {
        "form": form,
        "preset_form": preset_form or PresetForm(initial={"code": chosen.code}, presets=presets),
        "chosen": chosen,
        "limits": _limits(actor, presets, chosen),
        "years": range(this_year - 1, this_year + 3),
        "year": year,
        "spans": _spans(list(list_holidays(actor, year=year))),
        "missing": list_missing_years(actor, now=now),
    }
    failed = form.errors or (preset_form is not None and preset_form.errors)
    return render(request, "portal/calendar.html", context, status=422 if failed else 200)


def _limits(actor: Actor, presets: list[LimitPreset], chosen: LimitPreset) -> list[dict[str, Any]]:
    """What holds under the chosen preset: its own lines, and those of the presets it stands on where it says nothing."""
    by_code = {preset.code: preset for preset in presets}
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    preset: LimitPreset | None = chosen
    while preset is not None:
        for limit in list_limits(actor, preset=preset.code):
            days = limit.clock == "working_days"
            unit = "个工作日" if days else "分钟"
            lines.setdefault(
                (limit.duty, limit.scope),
                {
                    "duty": limit.get_duty_display(),
                    "label": limit.label,
                    "amount": f"{limit.amount} {unit}{MINUTES.get(limit.clock, '')}",
                    "warn": f"提前 {limit.warn_before} {unit}" if limit.warn_before else "不提醒",
                    "preset": preset.name,
                    "source": limit.source,
                },
            )
        preset = by_code.get(preset.base_id or "")
    return list(lines.values())


def _spans(holidays: list[Holiday]) -> list[dict[str, Any]]:
    """Days of one holiday that follow each other, as people say them: 5月1日至5日 劳动节 休 5 天."""
    spans: list[dict[str, Any]] = []
    for holiday in holidays:
        last = spans[-1] if spans else None
        if (
            last
            and (last["name"], last["kind"]) == (holiday.name, holiday.kind)
            and (holiday.day - last["until"] == timedelta(days=1))
        ):
            last["until"] = holiday.day
            last["count"] += 1
            continue
        spans.append(
            {
                "name": holiday.name,
                "kind": holiday.kind,
                "label": holiday.get_kind_display(),
                "first": holiday.day,
                "until": holiday.day,
                "count": 1,
                "source": holiday.source,
            }
        )
    return spans
