"""类别要问的."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from yijiaan.cases import actions, permissions
from yijiaan.cases.models import CategoryQuestion, QuestionKind
from yijiaan.cases.queries import list_categories
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.portal.settings.pages import Deed, Line, SettingPage
from yijiaan.ui.tables import Cell


class QuestionForm(forms.Form):
    category = forms.ChoiceField(label="哪一类", required=False)
    wording = forms.CharField(label="怎么问", required=False, max_length=200, help_text="例如：灯杆上的编号是多少")
    kind = forms.ChoiceField(label="怎么答", choices=QuestionKind.choices, required=False)
    options = forms.CharField(
        label="选项", help_text="单选、多选才填，一行一个", required=False, strip=False, widget=forms.Textarea
    )
    is_required = forms.BooleanField(label="必须答", required=False)
    use = forms.CharField(
        label="答案用来做什么", help_text="必须答的要写，报事人会看到", required=False, max_length=400
    )
    rank = forms.IntegerField(
        label="次序", required=False, min_value=1, max_value=99, help_text="小的先问；空着排在最后",
        error_messages={"invalid": "请填整数", "min_value": "填 1 到 99", "max_value": "填 1 到 99"},
    )  # fmt: skip
    code = forms.CharField(label="代码", required=False, max_length=60, help_text="给对接的系统用，空着自动编")

    def __init__(self, *args: Any, actor: Actor, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:  # what was asked before keeps its kind and its code
            for name in ("category", "kind", "code"):
                del self.fields[name]
            return
        kinds = [
            (big.name, [(big.code, f"{big.name}（只到大类的）"), *((leaf.code, leaf.name) for leaf in leaves)])
            for big, leaves in list_categories(actor)
        ]
        self.fields["category"].choices = [("", "请选"), *kinds]  # type: ignore[attr-defined]


class Questions(SettingPage):
    slug = "questions"
    label = "类别要问的"
    icon = "message-square-warning"
    permission = permissions.SET_CATEGORIES
    intro = "报事时选了这一类才问，没有登记的不问。能不问就不问；必须答的，要写明答案用来做什么。改了问法，已经答过的仍按当时的问法显示。"
    add_label = "加问题"
    none_words = "还没有登记问题，报事时什么都不多问。"
    heads = ("问题", "代码", "怎么答", "", "用来做什么", "次序", "")
    subject_types = ("cases.categoryquestion",)
    form_class = QuestionForm

    def state(self, actor: Actor) -> str:
        """How many are asked."""
        count = CategoryQuestion.objects.filter(is_active=True).count()
        return f"在问 {count} 个" if count else "还没有，什么都不多问"

    def lines(self, actor: Actor) -> Iterable[Line]:
        """By category, those no longer asked at the end of theirs."""
        rows = CategoryQuestion.objects.select_related("category")
        for row in rows.order_by("category__code", "-is_active", "rank", "code"):
            cells: list[Cell | str] = [
                Cell(row.wording, "title"),
                Cell(row.code, "num quiet"),
                row.get_kind_display() + (f"：{'、'.join(row.options[:4])}" if row.options else ""),
                Cell("必须答", "mark") if row.is_required else "",
                row.use,
                Cell(str(row.rank), "num"),
                "" if row.is_active else Cell("停用", "mark quiet"),
            ]
            yield Line(str(row.id), cells, f"{row.category.code} {row.category.name}")

    def form(self, actor: Actor, key: str, data: QueryDict | None = None) -> forms.Form:
        """See `SettingPage.form`."""
        if not key:
            return QuestionForm(data, actor=actor, is_new=True)
        row = _question(key)
        initial = {
            "wording": row.wording, "options": "\n".join(row.options), "is_required": row.is_required, "use": row.use,
            "rank": row.rank,
        }  # fmt: skip
        form = QuestionForm(data, initial=initial, actor=actor, is_new=False)
        if row.kind not in (QuestionKind.SINGLE, QuestionKind.MULTIPLE):
            del form.fields["options"]
        return form

    def save(self, actor: Actor, key: str, said: dict[str, Any]) -> str:
        """See `SettingPage.save`."""
        facts = actions.QuestionFacts(
            wording=said["wording"],
            kind=said.get("kind", ""),
            code=said.get("code", ""),
            options=said.get("options", "").splitlines(),
            is_required=said["is_required"],
            use=said["use"],
            rank=said["rank"],
        )
        if key:
            row = actions.change_question(actor=actor, question_id=_question(key).id, facts=facts)
            return f"“{row.wording}”改好了，半分钟内各处生效。"
        row = actions.add_question(actor=actor, category=said["category"], facts=facts)
        return f"加了“{row.wording}”，报“{row.category.name}”时会问，半分钟内各处生效。"

    def deeds(self, actor: Actor, key: str) -> Sequence[Deed]:
        """Asked no longer, or again."""
        if _question(key).is_active:
            return [Deed("stop", "停用", "以后不再问；已经答过的留着。")]
        return [Deed("restart", "重新启用", "以后又问它。")]

    def do(self, actor: Actor, key: str, name: str) -> str:
        """See `SettingPage.do`."""
        if name not in ("stop", "restart"):
            raise NotFound
        row = actions.switch_question(actor=actor, question_id=_question(key).id, is_active=name == "restart")
        return f"“{row.wording}”{'又会问了' if row.is_active else '不再问了'}。"

    def subject(self, actor: Actor, key: str) -> UUID | None:
        """The row in the journal."""
        return _question(key).id


def _question(key: str) -> CategoryQuestion:
    try:
        found = CategoryQuestion.objects.select_related("category").filter(id=UUID(key)).first()
    except ValueError as error:
        raise NotFound from error
    if found is None:
        raise NotFound
    return found
