"""Where the code of a grid is kept, and what becomes of it when grids are redrawn: what was done keeps the grid of its day, what is still to
be done goes with its ground. A new table has to say which it is."""

from collections.abc import Iterator

from django.apps import apps

FOLLOWS = {  # moved by a subscriber to `areas.redraw_in_force`, or with what it hangs on
    "accounts.PostArea.area",  # keeps the old grid and gets the new ones
    "cases.Case.area_code",
    "oneform.FormArea.area_code",  # keeps the old grid and gets the new ones
    "patrols.Arrangement.area_code",
    "patrols.PatrolPlan.area_code",
    "patrols.PatrolPoint.area_code",
    "patrols.PatrolTemplate.area_code",
    "registry.Building.area_code",
    "registry.CareEntry.area_code",
    "registry.Facility.area_code",
    "registry.Household.area_code",
    "registry.Organisation.area_code",
    "registry.Person.area_code",
    "registry.Place.area_code",
    "registry.Plate.area_code",
    "registry.Room.area_code",
    "registry.Vehicle.area_code",
    "safety.Hazard.area_code",
    "todos.Todo.area_code",
}
DONE, TOWNS = "what was done, in the grid of its day", "names a village, a town or more"
STAYS = {
    "areas.Area.parent": TOWNS,
    "areas.Border.area": "the border itself",
    "areas.Lineage.after": "what came of a grid",
    "areas.Lineage.before": "what came of a grid",
    "areas.Redraw.area_code": TOWNS,
    "accounts.PartnerToken.area": TOWNS,
    "accounts.Unit.area": TOWNS,
    "cases.CallTask.area_code": "a call is made within the day; whoever had the grid has it still",
    "cases.Case.occurred_area_code": DONE,
    "cases.Report.area_code": DONE,
    "cases.RoutingRule.area": TOWNS,
    "checklists.Run.area_code": DONE,
    "connectors.Connection.area": TOWNS,
    "connectors.Open311Key.area": TOWNS,
    "connectors.SmsGateway.area": TOWNS,
    "connectors.Webhook.area": TOWNS,
    "journal.Entry.area_code": DONE,
    "knowledge.Article.area": TOWNS,
    "notices.Message.area_code": DONE,
    "oneform.Filling.area_code": DONE,
    "oneform.FormAnswer.area_code": "told of the grid of its day; a new grid is asked for itself",
    "oneform.OneForm.area_code": TOWNS,
    "patrols.PatrolRun.area_code": "walked by its unit, which sees it wherever it lies",
    "patrols.Sweep.area_code": TOWNS,
    "patrols.Visit.area_code": DONE,
    "patrols.VisitSample.area_code": DONE,
    "registry.Change.area_code": "decided by the village, which sees all its grids",
    "registry.GridCount.area_code": "counted anew every ten minutes",
    "registry.PlatePrint.area_code": DONE,
    "registry.TrustedReporter.area_code": TOWNS,
    "safety.Inspection.area_code": "done by its team, which sees it wherever it lies",
    "tabular.Import.area_code": DONE,
}


def kept() -> Iterator[str]:
    """Every column of the product that can hold the code of a grid."""
    for model in apps.get_models():
        if not model.__module__.startswith("yijiaan."):
            continue
        for field in model._meta.fields:
            names_area = field.related_model is not None and field.related_model._meta.label == "areas.Area"
            if names_area or field.name.endswith("area_code"):
                yield f"{model._meta.label}.{field.name}"


def test_every_table_says_what_a_redraw_does_to_it():
    found = set(kept())
    assert not FOLLOWS & set(STAYS)
    assert sorted(found - FOLLOWS - set(STAYS)) == []
    assert sorted((FOLLOWS | set(STAYS)) - found) == []
