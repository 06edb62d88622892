"""The rules of the house over the whole package, and for each a seeded fault that it must notice."""

from pathlib import Path

import pytest
from django.db import models

from tests import house_rules as rules
from tests.house_rules import RULES, Source
from yijiaan.core.linting import declared_models

SRC = Path(__file__).resolve().parents[1] / "src" / "yijiaan"
READ = {".py", ".html", ".js", ".css", ".sql", ".txt", ".csv", ".json"}

# exceptions, each with its reason; an entry that excuses nothing fails
EXCUSED = {
    "action forget_blocks": "drops what the process holds; no row is read or written",
    "query forget_wordings": "drops what the process holds; no row is read or written",
    "yijiaan.cases.intake_fast.submit_fast": "the demo goes through the door of public intake, whose rows a test proves equal",
    "query forget_units": "drops what the process holds; no row is read or written",
}


@pytest.fixture(scope="session")
def package() -> list[Source]:
    """Every source of the package."""
    files = (path for path in sorted(SRC.rglob("*")) if path.suffix in READ and "__pycache__" not in path.parts)
    return [Source(str(path.relative_to(SRC)), path.read_text()) for path in files]


def excused(line: str) -> bool:
    return any(part in line for part in EXCUSED)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_package_keeps_the_rule(rule, package):
    assert [line for line in rule(package) if not excused(line)] == []


def test_every_excuse_is_still_needed(package):
    found = [line for rule in RULES for line in rule(package)]
    assert [part for part in EXCUSED if not any(part in line for line in found)] == []


FAULTS = [
    (rules.imports_of_other_apps, "cases/views.py", "from yijiaan.accounts.views import page"),
    (rules.imports_of_other_apps, "cases/actions/intake.py", "from yijiaan.accounts import forms"),
    (rules.imports_of_other_apps, "cases/jobs.py", "import yijiaan.areas.jobs"),
    (rules.imports_of_other_apps, "cases/views.py", "from yijiaan.accounts.actions.posts import give_post"),
    (rules.imports_of_other_apps, "cases/views.py", "from yijiaan.engines.files.store import path_of"),
    (rules.imports_of_other_apps, "engines/todos/actions.py", "from yijiaan.engines.journal.jobs import deliver"),
    (rules.names_of_files, "cases/utils.py", ""),
    (rules.names_of_files, "cases/common/text.py", ""),
    (rules.names_of_files, "cases/migrations/0002_auto_20261123_0942.py", ""),
    (rules.signatures_of_actions, "cases/actions.py", "def close_case(actor: Actor) -> None:\n    'Close.'"),
    (
        rules.signatures_of_actions,
        "cases/actions.py",
        "def close_case(*, case: Case, actor: Actor) -> None:\n    'Close.'",
    ),
    (rules.signatures_of_actions, "cases/actions.py", "def close_case(*, actor: Actor, text) -> None:\n    'Close.'"),
    (rules.signatures_of_actions, "cases/actions.py", "def close_case(*, actor: Actor):\n    'Close.'"),
    (rules.signatures_of_actions, "cases/actions.py", "def close_case(*, actor: Actor) -> None:\n    pass"),
    (rules.signatures_of_queries, "cases/queries.py", "def get_case(number: str) -> Case:\n    'The case.'"),
    (rules.signatures_of_queries, "cases/queries.py", "def get_case(actor, number: str) -> Case:\n    'The case.'"),
    (rules.signatures_of_queries, "engines/todos/queries.py", "def count_todos(actor: Actor) -> int:\n    pass"),
    (rules.scope_of_entrances, "cases/views.py", "rows = Case.objects.all()"),
    (rules.scope_of_entrances, "cases/api.py", "rows = Case.objects.filter(status='closed')"),
    (rules.scope_of_entrances, "cases/views/board.py", "rows = models.Case.objects.get(pk=1)"),
    (rules.scope_of_entrances, "cases/intake_views.py", "rows = Report.objects.exclude(text='')"),
    (rules.scope_of_entrances, "cases/exports.py", "def rows():\n    with transaction.atomic():\n        pass"),
    (rules.use_of_the_clock, "cases/actions.py", "at = timezone.now()"),
    (rules.use_of_the_clock, "cases/actions.py", "import datetime\nat = datetime.datetime.now()"),
    (rules.use_of_the_clock, "cases/actions.py", "day = date.today()"),
    (rules.use_of_the_clock, "cases/models.py", "at = models.DateTimeField('时间', auto_now_add=True)"),
    (rules.use_of_the_clock, "cases/queries.py", "sql = 'select * from todo where due_at < now()'"),
    (rules.use_of_the_clock, "cases/sql/late.sql", "select CURRENT_DATE"),
    (rules.use_of_the_clock, "cases/queries.py", "from django.db.models.functions import Now"),
    (rules.signals, "cases/apps.py", "from django.db.models.signals import post_save"),
    (rules.signals, "cases/apps.py", "from django.dispatch import receiver"),
    (rules.signals, "cases/apps.py", "from django.core import signals"),
    (rules.imports_inside_functions, "cases/actions.py", "def close():\n    from yijiaan.cases import views"),
    (rules.imports_inside_functions, "cases/views.py", "def ready():\n    import yijiaan.cases.api"),
    (rules.models_as_written, "cases/models.py", "class Case:\n    class Meta:\n        ordering = ['id']"),
    (rules.markup, "ui/templates/ui/a.html", "<style>a{}</style>"),
    (rules.markup, "ui/templates/ui/a.html", "<script>alert(1)</script>"),
    (rules.markup, "ui/templates/ui/a.html", '<script type="module">import "./a.js"</script>'),
    (rules.markup, "ui/templates/ui/a.html", '<div\n class="a" style="width: {{ n }}%">'),
    (rules.markup, "ui/templates/ui/a.html", '<button onclick="go()">'),
    (rules.markup, "ui/templates/ui/a.html", '<button hx-on:click="go()">'),
    (rules.markup, "ui/templates/ui/a.html", "<button hx-vals='js:{a: 1}'>"),
    (rules.markup, "ui/templates/ui/a.html", '<a href="javascript:go()">'),
    (rules.markup, "ui/templatetags/kit.py", "bar = '<i style=\"width: 3px\"></i>'"),
    (rules.templates_of_other_apps, "cases/templates/cases/list.html", '{% include "accounts/card.html" %}'),
    (rules.templates_of_other_apps, "cases/templates/cases/list.html", '{% extends "portal/desk.html" %}'),
    (rules.words, "cases/templates/cases/list.html", "<p>今日打卡</p>"),
    (rules.words, "cases/actions.py", "title = '本月积分'"),
    (rules.words, "ui/static/yj/ui/a.js", 'const title = "排名";'),
    (rules.words, "cases/data/categories.csv", "重点人员"),
]


@pytest.mark.parametrize(("rule", "path", "text"), FAULTS, ids=lambda value: getattr(value, "__name__", None))
def test_a_seeded_fault_is_noticed(rule, path, text):
    assert list(rule([Source(path, text)])) != []


FINE = [
    ("cases/views.py", "from yijiaan.accounts.queries import get_centre\nfrom yijiaan.core import web"),
    ("cases/actions.py", "from yijiaan.engines.flow import Flow\nfrom yijiaan.engines.journal.actions import record"),
    ("cases/actions.py", "def close_case(*, actor: Actor, text: str = '') -> Case:\n    'Close it.'"),
    ("cases/actions.py", "def _step(case):\n    pass"),
    ("cases/actions/steps.py", "def lock_case(case):\n    pass"),
    ("accounts/queries.py", "def partner_actor(token: str) -> Actor | None:\n    'Who holds the token.'"),
    ("cases/queries.py", "def get_case(actor: Actor, *, number: str) -> Case:\n    'The case.'"),
    ("cases/views.py", "rows = Case.objects.visible_to(actor).filter(status='closed')"),
    ("cases/actions.py", "at = clock.now()\nwith transaction.atomic():\n    pass"),
    ("cases/actions.py", "'''Never use now() or CURRENT_DATE.'''"),
    ("core/clock.py", "at = datetime.now(UTC)"),
    ("cases/apps.py", "class Cases(AppConfig):\n    def ready(self):\n        from yijiaan.cases import subscribers"),
    ("ui/templates/ui/a.html", '<script type="module" src="{% static "yj/ui/a.js" %}"></script><div class="a">'),
    ("ui/templates/ui/a.html", '<script id="points" type="application/json">{"a": 1}</script>'),
    ("ui/templates/ui/a.html", '{# no style="" here #}<!-- <div onclick="a"> --><font-style content="x">'),
    ("cases/templates/cases/list.html", '{% extends "ui/desk.html" %}{% include "cases/list.html#rows" %}'),
    ("cases/tests/test_words.py", "FORBIDDEN = '打卡'"),
]


@pytest.mark.parametrize(("path", "text"), FINE)
def test_what_is_right_passes(path, text):
    given = [Source(path, text)]
    if path.startswith("cases/actions/"):
        given.append(Source("cases/actions/__init__.py", "from yijiaan.cases.actions.intake import submit_report"))
    assert [line for rule in RULES for line in rule(given)] == []


def test_of_a_folder_the_deeds_are_those_it_gives_out():
    given = [
        Source("cases/actions/__init__.py", "from yijiaan.cases.actions.intake import submit_report"),
        Source("cases/actions/intake.py", "def submit_report(text):\n    pass\ndef clean(text):\n    pass"),
    ]
    assert {line.split()[2] for line in rules.signatures_of_actions(given)} == {"submit_report"}


def model_problems(model: type[models.Model]) -> list[str]:
    """Chinese names for the model and each field, one line of docstring, no ordering."""
    meta, found = model._meta, []
    if meta.auto_created:
        return []
    if not rules.CHINESE.search(str(meta.verbose_name)):
        found.append(f"{meta.label} has no Chinese verbose_name")
    for field in meta.local_fields:
        if not rules.CHINESE.search(str(field.verbose_name)):
            found.append(f"{meta.label}.{field.name} has no Chinese verbose_name")
    text = (model.__doc__ or "").strip()
    if not text or text.startswith(f"{model.__name__}(") or "\n" in text:
        found.append(f"{meta.label} needs a docstring of one line")
    if meta.ordering:
        found.append(f"{meta.label} has an ordering")
    return found


def test_models_and_fields_have_chinese_names():
    assert [line for model in declared_models() for line in model_problems(model)] == []


def test_a_model_without_names_is_noticed():
    class Nameless(models.Model):  # noqa: DJ008
        title = models.CharField(max_length=5)

        class Meta:
            app_label = "contenttypes"
            managed = False
            ordering = ("title",)

    try:
        assert len(model_problems(Nameless)) == 5
    finally:
        del Nameless._meta.apps.all_models["contenttypes"]["nameless"]
        Nameless._meta.apps.clear_cache()


def test_every_record_stands_in_the_glossary():
    glossary = (SRC.parents[1] / "docs" / "glossary.md").read_text()
    named = [(model, f"`{model._meta.label}`") for model in declared_models() if not model._meta.auto_created]
    assert [code for _, code in named if code not in glossary] == []
    assert [str(model._meta.verbose_name) for model, _ in named if str(model._meta.verbose_name) not in glossary] == []
