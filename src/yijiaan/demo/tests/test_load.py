"""The demo town is whole: every state, every duty, accounts of every role, and phones that cannot ring."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from yijiaan.accounts.models import Post, User
from yijiaan.accounts.queries import partner_actor
from yijiaan.accounts.tests.make import actor as acting
from yijiaan.areas.models import Area
from yijiaan.cases.flows import DUTY_OF, ENDED, OPEN
from yijiaan.cases.models import Case, Rating, Report, Reporter
from yijiaan.cases.queries import list_cases
from yijiaan.core.testing import unchanged
from yijiaan.demo.load import demo_accounts, is_loaded, load_demo
from yijiaan.demo.stories import STORIES
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.journal.models import Delivery, Entry
from yijiaan.engines.todos.models import Todo

pytestmark = [pytest.mark.django_db, pytest.mark.crosses_counties("the demo looks at its own whole installation")]


def test_the_demo_town_is_whole(settings, tmp_path):
    settings.VAR = tmp_path
    assert not is_loaded()
    assert demo_accounts() == []
    steps = []
    assert load_demo(steps.append) == len(STORIES)
    assert is_loaded()

    villages = Area.objects.filter(parent_id="370812102")
    grids = Area.objects.filter(level="grid")
    assert villages.count() == 38
    assert grids.count() == 73
    assert {grids.filter(parent=village).count() for village in villages} == {1, 2, 3}
    assert Post.objects.filter(role_id="grid_worker").count() == 73
    assert Post.objects.filter(role_id="grid_head").count() == 38

    cases = list(Case.objects.all())
    by_status = {status: sum(case.status == status for case in cases) for status in (*OPEN, *ENDED)}
    assert sum(by_status.values()) == len(STORIES)
    assert min(by_status.values()) > 0, by_status
    for case in cases:
        open_todos = {todo.kind: todo for todo in Todo.objects.filter(subject_id=case.id, done_at=None)}
        if case.status in OPEN:
            assert open_todos[DUTY_OF[case.status]].due_at == case.next_due_at
        else:
            assert open_todos == {} and case.close_reason
            assert bool(case.solved_at_level) is (case.status == "closed")
        assert not case.is_place_unknown
    assert Report.objects.count() == len(STORIES)
    assert Rating.objects.exists() and Case.objects.filter(reopened_count=1).exists()
    assert Case.objects.filter(is_confidential=True).exists()
    assert Delivery.objects.count() == 0

    phones = [user.phone_sealed for user in User.objects.all()] + [row.phone_sealed for row in Reporter.objects.all()]
    assert phones and all(phone.startswith("154") for phone in phones if phone)

    accounts = demo_accounts()
    people = [account for account in accounts if "username" in account]
    assert all(set(account) >= {"name", "role", "username", "password", "area", "landing"} for account in people)
    assert {account["landing"] for account in people} >= {"/cases/", "/orders/", "/field/"}
    roles = set(
        Post.objects.filter(user__username__in=[account["username"] for account in people]).values_list(
            "role_id", flat=True
        )
    )
    assert roles == {
        "dispatcher", "centre_head", "town_leader", "handler", "grid_head", "grid_worker", "tip_officer",
        "county_dispatcher", "county_admin", "security_admin", "auditor",
    }  # fmt: skip
    for account in people:
        needs = Post.objects.get(user__username=account["username"]).role.needs_second_factor
        assert ("totp_secret" in account) is needs
        assert User.objects.get(username=account["username"]).check_password(account["password"])
    (partner,) = [account for account in accounts if "token" in account]
    assert partner_actor(partner["token"]).areas == ("370812102",)
    assert (tmp_path / "demo.json").stat().st_mode & 0o077 == 0
    out = StringIO()
    call_command("demo_accounts", json=True, stdout=out)
    assert json.loads(out.getvalue()) == accounts
    listing = StringIO()
    call_command("demo_accounts", stdout=listing)
    (secret,) = {account["totp_secret"] for account in people if "totp_secret" in account}
    assert listing.getvalue().count(secret) == 5

    dispatcher = acting(Post.objects.get(user__username="caoshijie"))
    assert list_cases(dispatcher).count() == Case.objects.filter(is_confidential=False).count()
    with unchanged(Case, Report, User, Area, Entry, StoredFile):
        call_command("load_demo", stdout=StringIO())
