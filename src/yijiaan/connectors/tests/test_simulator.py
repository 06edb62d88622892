"""The command that plays a hotline against an installation that runs."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from yijiaan.cases import actions as cases
from yijiaan.cases.models import Case, Report
from yijiaan.cases.tests import make
from yijiaan.cases.tests.make import COUNTY, TOWN
from yijiaan.connectors import actions
from yijiaan.connectors.models import Connection, OutboundMessage
from yijiaan.connectors.simulator import Caller, Hotline, Line
from yijiaan.core.scope import system
from yijiaan.engines.journal.actions import deliver


@pytest.mark.django_db(transaction=True)
def test_it_sends_orders_repeats_one_hears_results_and_calls_back(live_server: Any) -> None:
    town = make.town()
    told: list[str] = []
    hotline = Hotline("", "")
    with Line(hotline) as line:
        row, hotline.secret = actions.play_hotline(actor=system("tests"), area_code=TOWN, push_url=line.url)
        hotline.key, hotline.algorithm = row.code, row.algorithm
        caller = Caller(hotline, live_server.url, told.append, grumbles=2)
        for turn in range(3):
            caller.ring_in(f"SIM-{turn}", turn)
        assert Report.objects.filter(county=COUNTY).count() == 3
        assert "没有重复收" in told[-1]
        for case in Case.objects.filter(county=COUNTY).order_by("id")[:2]:
            cases.dispatch_case(actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id)
            cases.sign_case(actor=town.actor("power"), number=case.number)
            cases.finish_case(actor=town.actor("power"), number=case.number, result="换了灯泡。")
        while deliver(actor=system("tests")):
            pass
        while actions.push_due(actor=system("tests")):
            pass
        caller.call_back()
        caller.call_back()
    assert OutboundMessage.objects.filter(county=COUNTY, state="waiting").count() == 0
    assert sorted(Case.objects.filter(county=COUNTY).values_list("status", flat=True)) == [
        "closed", "received", "received",
    ]  # fmt: skip
    assert [line.split("，")[-1] for line in told if "回访" in line] == ["群众说满意", "群众说不满意"]
    assert all("回访过了" in line for line in told[-2:])


@pytest.mark.django_db(transaction=True)
def test_the_command_plays_for_a_while_and_again(live_server: Any) -> None:
    make.town()
    for turn in (1, 2):
        out = io.StringIO()
        call_command("hotline_simulator", url=live_server.url, area=TOWN, orders=1, every=0.0, seconds=0.5, stdout=out)
        assert "交办了" in out.getvalue()
        assert Report.objects.filter(county=COUNTY).count() >= turn - 1
    assert Connection.objects.get().name == "模拟热线"


@pytest.mark.django_db
def test_it_says_when_nobody_answers_and_what_it_needs() -> None:
    make.town()
    with pytest.raises(CommandError, match="没有回答"):
        call_command("hotline_simulator", url="http://127.0.0.1:9", orders=1, stdout=io.StringIO())
    with pytest.raises(CommandError, match="一起给"):
        call_command("hotline_simulator", key="hotline_12345", stdout=io.StringIO())
    with pytest.raises(CommandError, match="请选送到哪里"):
        call_command("hotline_simulator", area="999999", stdout=io.StringIO())
