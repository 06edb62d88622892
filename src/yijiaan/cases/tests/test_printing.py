"""打印: what stands on paper, what stays masked, and what the journal and the reporter learn of it."""

import os
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from yijiaan.cases import actions
from yijiaan.cases.models import Case
from yijiaan.cases.queries import get_report_by_tracking, public_progress
from yijiaan.cases.tests import make, pictures
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.models import Entry
from yijiaan.ui import paper

pytestmark = pytest.mark.django_db


def printed(case: Case) -> list[Entry]:
    return list(Entry.objects.filter(county=case.county, subject_id=case.id, verb="cases.printed"))


def seen(town, receipt, case, **more):
    return actions.see_reporter(
        actor=town.actor("power"), number=case.number, report_id=receipt.report_id, purpose="handling", **more
    )


def test_a_print_shows_the_course_and_masks_the_reporter(town):
    case, receipt = make.case_in(town, "closed")
    values = actions.print_case(actor=town.actor("power"), number=case.number)
    assert values["title"] == case.title
    assert values["reports"][0]["who"] == "张**　154****2217"
    assert [step["label"] for step in values["steps"]] == ["受理", "派单", "签收", "办结", "评价", "结案"]
    assert values["outcomes"][0]["text"] == "换了灯泡。"
    assert "评价：满意" in values["reports"][0]["more"][-1]
    stamp = f"由 {town.units['power'].name} {town.actor('power').name} 于 2026年11月23日 12:40 打印"
    assert values["stamp"] == stamp
    assert make.PHONE not in str(values)
    (entry,) = printed(case)
    assert (entry.post_id, entry.data) == (town.posts["power"].id, {})
    assert paper.write_pdf("cases/dossier.typ", values).startswith(b"%PDF-")


def test_what_was_opened_for_a_purpose_may_be_printed_for_ten_minutes_by_who_opened_it(town):
    case, receipt = make.case_in(town, "in_progress")
    look = UUID(seen(town, receipt, case)["look"])
    values = actions.print_case(actor=town.actor("power"), number=case.number, look=look)
    assert values["reports"][0]["who"] == f"张先生　{make.PHONE}"
    assert values["stamp"].endswith("打印，用途：上门办理")
    (entry,) = printed(case)
    assert entry.data == {"report": str(receipt.report_id), "look": str(look), "purpose": "handling"}
    report = get_report_by_tracking(make.door(), code=receipt.tracking_code)
    looks = public_progress(make.reporter(receipt), report=report).looks
    assert [(line["purpose"], line["how"]) for line in looks] == [("上门办理", "印在纸上"), ("上门办理", "")]
    other, _ = make.case_in(town, "in_progress")
    late = clock.later(timedelta(minutes=31))
    for actor, number, wanted in (
        ("dispatcher", case.number, look),
        ("power", other.number, look),
        ("power", case.number, uuid4()),
    ):
        with unchanged(Entry), pytest.raises(RuleError, match="再看一次"):
            actions.print_case(actor=town.actor(actor), number=number, look=wanted)
    with late, unchanged(Entry), pytest.raises(RuleError, match="再看一次"):
        actions.print_case(actor=town.actor("power"), number=case.number, look=look)


def test_a_confidential_case_is_printed_by_its_named_posts_alone(town):
    case = make.case(make.report(kind="tip", text="有人收钱办事"))
    for name in ("dispatcher", "leader", "head", "stranger", "power"):
        with unchanged(Entry), pytest.raises(NotFound):
            actions.print_case(actor=town.actor(name), number=case.number)
    assert actions.print_case(actor=town.actor("tips"), number=case.number)["confidential"]


def test_the_page_gives_the_pdf_and_opens_it_with_the_look(town):
    case, receipt = make.case_in(town, "in_progress")
    client = town.client("power")
    page = client.get(f"/cases/{case.number}/").content.decode()
    assert f'action="/cases/{case.number}/print/"' in page
    assert f"由 {town.units['power'].name} 接单员" in page  # what a browser prints carries the stamp too
    answer = client.post(f"/cases/{case.number}/print/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"].startswith("inline")
    opened = client.post(
        f"/cases/{case.number}/see-reporter/", {"report_id": receipt.report_id, "purpose": "contact"}
    ).content.decode()
    assert 'class="stamp"' in opened
    assert "再看一次" in client.post(f"/cases/{case.number}/print/", {"look": "nonsense"}, follow=True).content.decode()
    assert client.get(f"/cases/{case.number}/print/").status_code == 405


def test_long_words_rare_letters_and_many_deeds_fit(town):
    words = "字" * 900 + "w" * 300 + "𠅤😀\u202eabc#set text(red)*_`$" + "长" * 700
    receipt = make.report(text=words[:2000], place="村东头" * 30)
    case = make.case(receipt)
    for number in range(200):
        with clock.later(timedelta(minutes=number)):
            actions.add_note(
                actor=town.actor("dispatcher"), number=case.number, text=f"第 {number} 次去看" + "，还没有好" * 30
            )
    for number in range(2):
        actions.add_photo(actor=make.reporter(receipt), raw=pictures.jpeg(60 + number, 40))
    for number in range(12):
        actions.add_photo(actor=town.actor("dispatcher"), number=case.number, raw=pictures.jpeg(40 + number, 30))
    with clock.later(timedelta(hours=5)):
        values = actions.print_case(actor=town.actor("dispatcher"), number=case.number)
    assert (len(values["steps"]), len(values["photos"])) == (215, 12)
    assert values["photo_note"] == "14 张，印前 12 张"
    paper.write_pdf("cases/dossier.typ", values)
    began = time.perf_counter()
    made = paper.write_pdf("cases/dossier.typ", values)
    assert made.startswith(b"%PDF-")
    if folder := os.environ.get("YIJIAAN_KEEP_PRINTS"):  # to look at
        Path(folder, "long.pdf").write_bytes(made)
    assert time.perf_counter() - began < 5  # some twenty pages


def test_letters_that_the_type_lacks_are_marked_and_named():
    setter = paper.Typesetter()
    assert setter.words("张😀路𱍊") == "张〓路〓"
    assert setter.note == "〓 是字库里没有的字或表情，依次为 U+1F600、U+3134A，原文见电脑上的页面。"
    assert setter.words("a" * 30) == "a" * 24 + "\u200b" + "a" * 6
    assert paper.Typesetter().all({"a": ["灯", 3, None]}) == {"a": ["灯", 3, None]}
