"""The shape of what people fill in about visits; rules are the actions'. Nothing of it must be filled in."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

from django import forms

from yijiaan.patrols.actions import FactChange, VisitFacts
from yijiaan.patrols.forms import PicturesField, uuid_or_none, words_field
from yijiaan.patrols.models import PauseReason, SampleResult, VisitKind, VisitWay
from yijiaan.registry.models.codes import Residence
from yijiaan.ui.inputs import DayInput, OpenChoice

NOT_CHOSEN = (("", "没有变"),)
OF_MEMBER = ("phone", "residence", "occupation", "workplace")


class VisitForm(forms.Form):
    """One visit, from a page or from what a phone kept for days."""

    on = forms.DateField(label="哪天走访的", required=False, widget=DayInput)
    way = OpenChoice(
        label="怎么走访的", required=False, choices=VisitWay.choices, widget=forms.RadioSelect, initial=VisitWay.HOME
    )
    met = forms.CharField(label="见到了谁", required=False, max_length=200)
    is_refused = forms.BooleanField(label="不愿见面", required=False)
    needs = words_field("有什么需要", rows=3)
    is_raised = forms.BooleanField(label="这件事报上去办", required=False)
    photos = PicturesField(label="照片", required=False)
    helped = forms.CharField(label="当时帮了什么", required=False, max_length=1000)
    moves = words_field("家里人有什么变动", rows=2)
    household_phone = forms.CharField(label="户联系电话改成", required=False, max_length=60)
    member = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    phone = forms.CharField(label="手机号改成", required=False, max_length=60)
    residence = OpenChoice(label="人在不在", required=False, choices=(*NOT_CHOSEN, *Residence.choices))
    occupation = forms.CharField(label="职业改成", required=False, max_length=200)
    workplace = forms.CharField(label="工作单位或学校改成", required=False, max_length=200)
    next_on = forms.DateField(label="约好哪天再去", required=False, widget=DayInput)
    kind = OpenChoice(label="哪一类走访", required=False, choices=(("", "按安排"), *VisitKind.choices))
    together = forms.CharField(label="和谁一起去的", required=False, max_length=200)
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def facts(self, household_id: UUID) -> VisitFacts:
        """What was filled in, what changed with it."""
        said = self.cleaned_data
        changes = []
        if said["household_phone"].strip():
            changes.append(FactChange("household", household_id, {"phone": said["household_phone"]}))
        member = uuid_or_none(said["member"])
        values = {name: said[name] for name in OF_MEMBER if said[name].strip()}
        if member is not None and values:
            changes.append(FactChange("person", member, values))
        return VisitFacts(
            on=said["on"], way=said["way"] or VisitWay.HOME.value, kind=said["kind"], met=said["met"], needs=said["needs"],
            moves=said["moves"], helped=said["helped"], together=said["together"], next_on=said["next_on"],
            is_refused=said["is_refused"], is_raised=said["is_raised"], changes=tuple(changes),
        )  # fmt: skip

    def lacks_member(self) -> bool:
        """Facts of somebody are changed, and nobody was chosen."""
        said = self.cleaned_data
        return uuid_or_none(said["member"]) is None and any(said[name].strip() for name in OF_MEMBER)


class PauseForm(forms.Form):
    """先不去."""

    reason = OpenChoice(
        label="为什么", required=False, choices=PauseReason.choices[1:], widget=forms.RadioSelect
    )  # fmt: skip
    until = forms.DateField(label="到哪天", required=False, widget=DayInput)


class EndForm(forms.Form):
    """不再走访."""

    reason = forms.CharField(label="为什么不再走访", required=False, max_length=300)


class CycleForm(forms.Form):
    """How often those of one list are visited."""

    every_days = forms.IntegerField(label="几天一次", required=False, min_value=-999, max_value=9999)
    who = forms.CharField(label="由谁去", required=False, max_length=100)


class DrawForm(forms.Form):
    """抽查."""

    percent = forms.IntegerField(label="抽百分之几", required=False, min_value=-999, max_value=9999, initial=10)


class SampleForm(forms.Form):
    """What the household said."""

    result = OpenChoice(
        label="问的结果", required=False, choices=SampleResult.choices[1:], widget=forms.RadioSelect
    )  # fmt: skip
    text = words_field("说明", "不一样的写哪里不一样", rows=2)


def replace_day(facts: VisitFacts, day: date) -> VisitFacts:
    """The day on which the phone kept it, where its writer named none."""
    return replace(facts, on=day)
