"""The burden law over forms, columns, templates and API, against the register `burden.toml`; with seeded faults."""

import importlib
import json
import pkgutil
import tomllib
from pathlib import Path

import pytest
from django import forms
from django.db import models
from django.test.utils import isolate_apps

import yijiaan
from tests import burden_rules as rules
from yijiaan.core.linting import declared_models
from yijiaan.engines.journal.providers import verbs
from yijiaan.ui.filling import filled_forms

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src" / "yijiaan"
OPENAPI = ROOT / "docs" / "api" / "openapi.json"
REGISTER = tomllib.loads((Path(__file__).parent / "burden.toml").read_text())


def form_classes():
    """Every form of the package: those in modules of forms, and those that views bring along."""
    importlib.import_module("yijiaan.project.urls")
    for module in pkgutil.walk_packages(yijiaan.__path__, "yijiaan."):
        if "forms" in module.name.split("."):
            importlib.import_module(module.name)
    importlib.import_module("yijiaan.project.urls")  # forms that stand beside their page
    found, waiting = set(), [forms.BaseForm]
    while waiting:
        for form in waiting.pop().__subclasses__():
            waiting.append(form)
            if form.__module__.startswith("yijiaan.") and ".tests." not in form.__module__:
                found.add(form)
    return sorted(found, key=lambda form: (form.__module__, form.__name__))


def document():
    """The committed description of the API; a test of its own holds it equal to the code."""
    return json.loads(OPENAPI.read_text()) if OPENAPI.exists() else {}


def required():
    """Everything that must be filled in anywhere."""
    found = rules.required_of_forms(form_classes()) | rules.required_of_api(document())
    for path in sorted(SRC.rglob("*.html")):
        found |= rules.required_in_template(str(path.relative_to(SRC)), path.read_text())
    return found


def test_every_required_field_has_a_use():
    assert sorted(set(required()) - set(REGISTER["required"])) == []


def test_the_register_names_only_what_exists():
    assert sorted(set(REGISTER["required"]) - set(required())) == []


def test_every_use_is_said():
    lines = REGISTER["required"] | REGISTER["allowed"] | REGISTER["not_filled"]
    assert [place for place, use in lines.items() if len(use.split()) < 3] == []


def test_every_form_stands_in_the_table_of_forms():
    """A new form says who fills it in, what for and how long it takes, or the register says why nobody fills it in."""
    named = {
        form.removeprefix("yijiaan.") for form in (f"{form.__module__}.{form.__name__}" for form in form_classes())
    }
    table = {row.form for row in filled_forms()}
    assert sorted(named - table - set(REGISTER["not_filled"])) == []
    assert sorted((table | set(REGISTER["not_filled"])) - named) == []
    assert sorted(table & set(REGISTER["not_filled"])) == []


def test_every_form_in_the_table_has_a_use_a_time_and_known_deeds():
    known = set(verbs())
    deeds = [deed for row in filled_forms() for deed in row.deeds]
    assert [deed for deed in deeds if deed.split(":")[0] not in known] == []
    shared = {"cases.rated"}  # by the reporter himself, or by who rings him
    assert sorted({deed for deed in deeds if deeds.count(deed) > 1} - shared) == []
    assert [row.form for row in filled_forms() if not (row.use and row.who and 0 < row.minutes <= 15)] == []


def test_nobody_is_forced_to_give_photos_tracks_or_positions():
    assert rules.forced(required(), REGISTER["allowed"]) == []


def test_no_column_collects_what_is_forbidden():
    assert list(rules.columns(declared_models(), REGISTER["allowed"])) == []


def test_the_api_knows_no_forbidden_pattern():
    assert list(rules.names_in_api(document(), REGISTER["allowed"])) == []


def test_no_page_says_what_is_forbidden():
    pages = [path for path in SRC.rglob("*") if path.suffix in (".html", ".js") and "tests" not in path.parts]
    assert [f"{path.relative_to(SRC)}: {word}" for path in pages for word in rules.words_in(path.read_text())] == []


# seeded faults


class ForcedPhoto(forms.Form):
    text = forms.CharField()
    before_photo = forms.FileField()
    note = forms.CharField(required=False)
    client_key = forms.UUIDField(widget=forms.HiddenInput)


def test_required_fields_of_a_form_are_seen():
    here = f"{ForcedPhoto.__module__}.ForcedPhoto"
    found = rules.required_of_forms([ForcedPhoto])
    assert found == {f"{here}.text": "text", f"{here}.before_photo": "before_photo"}
    assert rules.forced(found, ()) == [f"{here}.before_photo: nobody may be forced to give this"]
    assert rules.forced(found, [f"{here}.before_photo"]) == []


SEEDED_API = {
    "paths": {
        "/api/v1/reports": {
            "post": {
                "parameters": [{"name": "rank", "in": "query"}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Report"}}}},
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"properties": {"online_minutes": {}}}}}}
                },
            }
        },
        "/api/v1/check-in": {"get": {"responses": {}}},
        "/api/v1/check_in/{id}": {"get": {"responses": {}}},
    },
    "components": {
        "schemas": {
            "Report": {
                "required": ["text", "lon", "reporter"],
                "properties": {
                    "text": {},
                    "lon": {},
                    "wish": {"description": "本月积分"},
                    "reporter": {"anyOf": [{"$ref": "#/components/schemas/Reporter"}, {"type": "null"}]},
                    "items": {"type": "array", "items": {"required": ["a"], "properties": {"a": {}}}},
                },
            },
            "Reporter": {"required": ["phone"], "properties": {"phone": {}, "name": {}}},
        }
    },
}


def test_required_fields_of_the_api_are_seen():
    found = rules.required_of_api(SEEDED_API)
    place = "POST /api/v1/reports"
    assert set(found) == {f"{place} {name}" for name in ("text", "lon", "reporter", "reporter.phone", "items.a")}
    assert rules.forced(found, ()) == [f"{place} lon: nobody may be forced to give this"]


def test_forbidden_names_of_the_api_are_seen():
    found = list(rules.names_in_api(SEEDED_API, ["GET /api/v1/check_in/{id} check_in"]))
    assert found == [
        "POST /api/v1/reports rank: ranking or points of people",
        "POST /api/v1/reports online_minutes: online time",
        "GET /api/v1/check-in check_in: clock-in or check-in",
        "the API says 积分",
    ]


@pytest.mark.parametrize(
    "tag",
    [
        '<input name="phone" required>',
        "<textarea required name='phone'></textarea>",
        '<select\n  name="phone" class="{{ kind }}"\n  required="required">',
        '<input name="phone" {% if a %}required{% endif %}>',
    ],
)
def test_required_inputs_in_templates_are_seen(tag):
    assert rules.required_in_template("a.html", f"<form>{tag}</form>") == {"a.html phone": "phone"}


def test_inputs_that_are_not_required_are_left_alone():
    for tag in (
        '<input name="phone" aria-required-label="x">',
        '<input type="hidden" name="key" required>',
        '<input name="{{ field.name }}" required>',
        '<p class="required">',
    ):
        assert rules.required_in_template("a.html", tag) == {}


def test_a_forced_file_is_seen():
    found = rules.required_in_template("a.html", '<input type="file" name="proof" capture required>')
    assert len(rules.forced(found, ())) == 1


@pytest.mark.parametrize(
    "name",
    [
        "check_in_at",
        "clock_in",
        "online_minutes",
        "study_seconds",
        "rank",
        "person_ranking",
        "leaderboard",
        "install_rate",
        "like_count",
        "daily_active_users",
        "login_count",
        "gps_track",
        "monthly_quota",
        "last_seen_at",
    ],
)
def test_forbidden_names_are_seen(name):
    assert rules.forbidden_name(name) is not None


@pytest.mark.parametrize(
    "name",
    ["tracking_code", "points", "point", "checked_at", "likely_cause", "frank_note", "signed_at", "report_count"],
)
def test_names_of_honest_work_are_left_alone(name):
    assert rules.forbidden_name(name) is None


@isolate_apps("yijiaan.core")
def test_forbidden_columns_are_seen():
    class Worker(models.Model):  # noqa: DJ008
        online_minutes = models.IntegerField("时长")
        thanks = models.IntegerField("积分")
        rank = models.IntegerField("次序")

        class Meta:
            app_label = "core"

    assert list(rules.columns([Worker], ["core.Worker.rank"])) == [
        "core.Worker.online_minutes: online time",
        "core.Worker.thanks: 积分",
    ]


def test_forbidden_words_are_seen():
    assert rules.words_in("<p>今日打卡，排行榜</p>") == ["打卡", "排行"]
