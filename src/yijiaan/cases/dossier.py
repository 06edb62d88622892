"""A case as one document: what its page shows, from receipt to the last answer, as plain words for paper. Reporters stay masked."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from yijiaan.accounts.queries import unit_name
from yijiaan.areas.queries import area_names
from yijiaan.cases.models import Rating, Report
from yijiaan.cases.queries.categories import category_of
from yijiaan.cases.queries.channels import channel_names
from yijiaan.cases.queries.page import CLOSE_LABELS, CasePage, Step
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.files.queries import thumbnail_place
from yijiaan.ui.words import span_words

MOST_PHOTOS = 12
PHOTO_LABELS = {"after": "办后", "evidence": "佐证"}


def moment_words(moment: datetime | None) -> str:
    """2026年11月23日 12:00: on paper the year stands too. Empty for none."""
    if moment is None:
        return ""
    local = clock.local(moment)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def stamp_words(actor: Actor, *, at: datetime, purpose: str = "") -> str:
    """Who printed it and when, for every page; with the purpose where something sealed stands in full."""
    who = f"{unit_name(actor, unit_id=actor.unit_id)} {actor.name}".strip()
    why = f"，用途：{purpose}" if purpose else ""
    return f"由 {who} 于 {moment_words(at)} 打印{why}"


def dossier_of(
    actor: Actor,
    page: CasePage,
    *,
    at: datetime,
    unsealed: Mapping[UUID, Mapping[str, str]] | None = None,
    purpose: str = "",
) -> dict[str, Any]:
    """The values of the form `dossier.typ`. unsealed: name and phone in full by report, of what the viewer opened just now."""
    case = page.case
    photos = page.photos[:MOST_PHOTOS]
    places = [(photo, thumbnail_place(actor, file=photo)) for photo in photos]
    return {
        "title": case.title,
        "number": case.number,
        "confidential": case.is_confidential,
        "stamp": stamp_words(actor, at=at, purpose=purpose),
        "facts": _facts(actor, page),
        "hands": [f"{hand.unit}（{'已 ' if hand.is_now else ''}{span_words(hand.held)}）" for hand in page.hands]
        if len(page.hands) > 1
        else [],
        "parts": [
            {
                "role": "主办" if part.is_lead else "协办",
                "unit": part.unit.name,
                "note": part.note,
                "sent": moment_words(part.dispatched_at),
                "signed": moment_words(part.signed_at),
                "ended": moment_words(part.ended_at),
            }
            for part in page.assignments
        ],
        "reports": [_report(actor, page, report, unsealed or {}) for report in page.reports],
        "outcomes": [
            {
                "text": outcome.text,
                "head": f"{outcome.unit.name} · {outcome.get_level_display()}解决{'，当场办结' if outcome.is_on_spot else ''} · {moment_words(outcome.finished_at)}",
            }
            for outcome in page.outcomes
        ],
        "photos": [{"path": place, "label": _photo_label(photo)} for photo, place in places if place],
        "photo_note": f"{len(page.photos)} 张" + (f"，印前 {MOST_PHOTOS} 张" if len(page.photos) > MOST_PHOTOS else ""),
        "steps": [_step(step) for step in reversed(page.steps)],
        "closing": f"打印时这件事{'还在办' if case.is_open else '已经结束'}。姓名和电话{'是打印人写明用途后打开的，' if unsealed else '已遮盖；'}打印已记入日志。"
        + (f"另有录音 {len(page.voices)} 段，在电脑上听。" if page.voices else ""),
    }


def _facts(actor: Actor, page: CasePage) -> list[tuple[str, str]]:
    case = page.case
    code = case.area_code
    names = area_names(actor, codes=[code[:length] for length in (9, 12, 16) if len(code) >= length])
    where = " ".join(dict.fromkeys(names.get(code[:length], "") for length in (9, 12, 16) if len(code) >= length))
    category = category_of(actor, case=case)
    sort = f"{category.parent.name} · {category.name}" if category and category.parent else ""
    first = page.reports[0] if page.reports else None
    due = f"{moment_words(case.next_due_at)}（{case.due_label}）" if case.next_due_at else ""
    level = f"{case.get_solved_at_level_display()}解决" if case.solved_at_level else f"在{case.get_level_display()}"
    rows = [
        ("事件编号", case.number),
        ("状态", case.status_label),
        ("类别", sort or (category.name if category else "还没有定")),
        ("诉求类型", case.get_kind_display()),
        ("来源", channel_names(actor).get(case.channel, "")),
        ("轻重", case.get_urgency_display()),
        ("网格", f"{where}{'（地点待核）' if case.is_place_unknown else ''}"),
        ("地点", case.place or "没有写"),
        ("在谁手里", unit_name(actor, unit_id=case.owner_id)),
        ("层级", level),
        ("受理", moment_words(case.received_at)),
        ("承诺联系", moment_words(first.promised_at) if first else ""),
        ("下一到期", due),
        ("来件要求", moment_words(case.outside_due_at)),
        ("办结", moment_words(case.handled_at)),
        ("结案", moment_words(case.closed_at)),
        ("结案方式", CLOSE_LABELS.get(case.close_reason, case.close_reason)),
        ("牌和督办", " ".join(part for part in (case.get_card_display() if case.card else "", case.get_supervision_display() if case.supervision else "") if part)),
        ("转手", f"{case.hop_count} 次" if case.hop_count else ""),
        ("重办", f"{case.reopened_count} 次" if case.reopened_count else ""),
    ]  # fmt: skip
    kept = [row for row in rows if row[1]]
    return kept if len(kept) % 2 == 0 else [*kept, ("", "")]


def _report(actor: Actor, page: CasePage, report: Report, unsealed: Mapping[UUID, Mapping[str, str]]) -> dict[str, Any]:
    said = unsealed.get(report.id) or page.reporters.get(report.id)
    if said is None:
        who = "没有留姓名和电话"
    else:
        who = f"{said['name'] or '没有留名'}　{said['phone'] or '没有留电话'}"
    proxy = page.proxies.get(report.id)
    if proxy is not None:
        who += f"　由{proxy['relation']}代报"
        who += "" if proxy["is_worker"] else f"：{proxy['name'] or '没有留名'}　{proxy['phone'] or '没有留电话'}"
    more = [f"{asked}：{words}" for asked, words in page.answered.get(report.id, ())]
    more += [f"想要的结果：{report.wish}"] if report.wish else []
    if report.happened_at:
        more.append(f"发生在 {moment_words(report.happened_at)}")
    if report.external_number:
        more.append(f"来件编号 {report.external_number}")
    if report.withdrawn_at:
        more.append(f"{moment_words(report.withdrawn_at)} 撤回")
    more += [_rating(rating) for rating in page.ratings if rating.report_id == report.id]
    head = f"{channel_names(actor).get(report.channel, '')} · {moment_words(report.received_at)}"
    return {"number": report.number, "head": head, "words": report.text, "who": who, "more": more}


def _rating(rating: Rating) -> str:
    said = "；".join(part for part in ("、".join(rating.reasons), rating.text) if part)
    return f"{moment_words(rating.rated_at)} 评价：{rating.get_result_display()}{f'（{said}）' if said else ''}"


def _photo_label(photo: StoredFile) -> str:
    return f"{PHOTO_LABELS.get(photo.purpose, '办前')} {moment_words(photo.added_at)}"


def _step(step: Step) -> dict[str, str]:
    took = f"隔 {span_words(timedelta(seconds=step.took))}" if step.took is not None and step.took >= 60 else ""
    return {"at": moment_words(step.at), "took": took, "label": step.label, "who": step.who, "text": step.text}
