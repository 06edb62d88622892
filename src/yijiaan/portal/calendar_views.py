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
from yijiaan.engines.worktime.models import Holiday
from yijiaan.engines.worktime.queries import list_holidays, list_missing_years, list_presets
from yijiaan.portal.actions import add_limit_preset, choose_limits, import_holiday_table
from yijiaan.portal.forms import HolidaysForm, OwnPresetForm, PresetForm

MANAGE = "worktime.manage"


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


@staff_only
@require_POST
def add_preset(request: HttpRequest) -> HttpResponse:
    """A preset of limits of one's own."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(MANAGE)
    form = OwnPresetForm(request.POST, presets=list(list_presets(actor)))
    if not form.is_valid():
        return _page(request, HolidaysForm(), own_form=form)
    try:
        add_limit_preset(actor=actor, **form.cleaned_data)
    except RuleError as error:
        apply_rule_error(form, error)
        return _page(request, HolidaysForm(), own_form=form)
    messages.success(request, "加好了。换成它以后，在“时限”里改哪一条，哪一条就按它自己的。")
    return redirect("portal:calendar")


def _page(
    request: HttpRequest,
    form: HolidaysForm,
    preset_form: PresetForm | None = None,
    own_form: OwnPresetForm | None = None,
) -> HttpResponse:
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
        "own_form": own_form or OwnPresetForm(initial={"base": chosen.code}, presets=presets),
        "years": range(this_year - 1, this_year + 3),
        "year": year,
        "spans": _spans(list(list_holidays(actor, year=year))),
        "missing": list_missing_years(actor, now=now),
    }
    failed = any(sent is not None and sent.errors for sent in (form, preset_form, own_form))
    return render(request, "portal/calendar.html", context, status=422 if failed else 200)


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
