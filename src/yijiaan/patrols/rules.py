"""On which days a plan is walked."""

from datetime import date

from yijiaan.patrols.lunar import is_market_day
from yijiaan.patrols.models import PatrolPlan, RuleKind

WEEKDAYS = "一二三四五六日"
FIGURES = "零一二三四五六七八九"


def falls_on(plan: PatrolPlan, day: date) -> bool:
    """Whether a plan is walked on a day; a month without a 31st has none."""
    if not plan.is_active or day < plan.starts_on or (plan.ends_on is not None and day > plan.ends_on):
        return False
    match plan.rule:
        case RuleKind.DAILY:
            return True
        case RuleKind.WEEKLY:
            return day.isoweekday() in plan.days
        case RuleKind.MONTHLY:
            return day.day in plan.days
        case RuleKind.MARKET:
            return is_market_day(day, plan.days)
    return day in plan.dates


def rule_words(plan: PatrolPlan) -> str:
    """The rule as people say it: 每周一、周四；农历逢三、逢八；每月 1 号、15 号."""
    if plan.rule == RuleKind.DAILY:
        return "每天"
    if plan.rule == RuleKind.WEEKLY:
        return "每" + "、".join(f"周{WEEKDAYS[day - 1]}" for day in plan.days)
    if plan.rule == RuleKind.MONTHLY:
        return "每月 " + "、".join(f"{day}号" for day in plan.days)
    if plan.rule == RuleKind.MARKET:
        return "农历" + "、".join(f"逢{'十' if day == 0 else FIGURES[day]}" for day in plan.days)
    return "、".join(f"{day.month}月{day.day}日" for day in plan.dates)
