"""The tables as lists, for pages that show and edit them. They hold no data of people or places: everybody may read them."""

from django.db.models import QuerySet

from yijiaan.core.scope import Actor
from yijiaan.engines.worktime.models import Holiday, Limit, LimitPreset, OfficeHours, Version


def list_holidays(actor: Actor, *, year: int) -> QuerySet[Holiday]:
    """The special days of a year in order."""
    return Holiday.objects.filter(day__year=year).order_by("day")


def list_office_hours(actor: Actor) -> QuerySet[OfficeHours]:
    """All office hours by code, the newest first."""
    return OfficeHours.objects.order_by("code", "-valid_from", "season_from")


def list_presets(actor: Actor) -> QuerySet[LimitPreset]:
    """The presets, the chosen one first."""
    return LimitPreset.objects.order_by("-is_default", "code")


def list_limits(actor: Actor, *, preset: str) -> QuerySet[Limit]:
    """What a preset says itself, without what it takes from its base."""
    return Limit.objects.filter(preset_id=preset).order_by("duty", "scope")


def list_versions(actor: Actor, *, after: int = 0) -> QuerySet[Version]:
    """Changes of the tables after a number, the newest first: what deadlines computed before may have to follow."""
    return Version.objects.filter(number__gt=after).order_by("-number")


def get_version(actor: Actor) -> Version | None:
    """The newest change; None before the tables are loaded."""
    return Version.objects.order_by("-number").first()
