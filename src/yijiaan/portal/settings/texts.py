"""用语."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.texts import actions, permissions
from yijiaan.engines.texts.providers import Sentence, scopes_for, sentence_of, sentences
from yijiaan.engines.texts.queries import own_wordings
from yijiaan.portal.settings.pages import Deed, Line, SettingPage
from yijiaan.ui.tables import Cell


class WordingForm(forms.Form):
    text = forms.CharField(label="用语", required=False, max_length=500, widget=forms.Textarea)


class ScopedForm(WordingForm):
    sentence = forms.ChoiceField(label="哪一句", required=False)
    scope = forms.ChoiceField(label="只用于", required=False, help_text="别的照旧")
    field_order = ("sentence", "scope", "text")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scoped = [(one.code, f"{one.group}：{one.label}") for one in sentences() if one.is_scoped]
        self.fields["sentence"].choices = scoped  # type: ignore[attr-defined]
        self.fields["scope"].choices = list(scopes_for(actor).items())  # type: ignore[attr-defined]
        self.fields["text"].help_text = "花括号里的会换成实际的内容，例如 {编号}"


class Texts(SettingPage):
    slug = "texts"
    label = "用语"
    icon = "message-square-text"
    permission = permissions.MANAGE
    intro = "报事人和单位看到的话，可以改成本地的说法；短信还可以给一类事另写。"
    add_label = "给一类事另写"
    heads = ("什么时候", "现在这么说", "")
    subject_types = (actions.SUBJECT,)
    form_class = WordingForm

    def state(self, actor: Actor) -> str:
        """How many were worded anew."""
        own = len(own_wordings(actor))
        return f"{len(sentences())} 句，改过 {own} 句" if own else f"{len(sentences())} 句，都是原文"

    def lines(self, actor: Actor) -> Iterable[Line]:
        """By where they are read."""
        own, scopes = own_wordings(actor), scopes_for(actor)
        for sentence in sentences():
            text = own.get(sentence.code, sentence.shipped)
            mark = Cell("改过", "mark") if sentence.code in own else ""
            yield Line(sentence.code, [Cell(sentence.label, "title"), Cell(text, "wrap"), mark], sentence.group)
            for key, scope in _scopes_of(own, sentence):
                name = f"{sentence.label}（{scopes.get(scope, scope)}）"
                yield Line(key, [Cell(name, "title"), Cell(own[key], "wrap"), Cell("另写", "mark")], sentence.group)

    def form(self, actor: Actor, key: str, data: QueryDict | None = None) -> forms.Form:
        """See `SettingPage.form`."""
        if not key:
            return ScopedForm(data, actor=actor)
        sentence = _sentence(key)
        form = WordingForm(data, initial={"text": own_wordings(actor).get(key, sentence.shipped)})
        gaps = f"；{'、'.join(f'{{{gap}}}' for gap in sentence.gaps)} 会换成实际的名称" if sentence.gaps else ""
        form.fields["text"].help_text = f"原文：{sentence.shipped}{gaps}"
        return form

    def save(self, actor: Actor, key: str, said: dict[str, Any]) -> str:
        """See `SettingPage.save`."""
        code, scope = (said["sentence"], said["scope"]) if not key else (_sentence(key).code, key.partition("@")[2])
        if not key and not scope:
            raise RuleError("unknown_scope", "请选用于哪一类", "scope")
        actions.change_wording(actor=actor, code=code, text=said["text"], scope=scope)
        return "改好了，半分钟内各处都按新的说。"

    def deeds(self, actor: Actor, key: str) -> Sequence[Deed]:
        """Back to the shipped wording."""
        if key not in own_wordings(actor):
            return ()
        if "@" in key:
            return [Deed("restore", "不另写了", "这一类也照通用的说法。")]
        return [Deed("restore", "恢复原文", f"改回“{_sentence(key).shipped}”。")]

    def do(self, actor: Actor, key: str, name: str) -> str:
        """See `SettingPage.do`."""
        if name != "restore":
            raise NotFound
        scope = key.partition("@")[2]
        actions.restore_wording(actor=actor, code=_sentence(key).code, scope=scope)
        return "照通用的说法了。" if scope else "恢复原文了。"

    def subject(self, actor: Actor, key: str) -> UUID | None:
        """The row in the journal."""
        return _sentence(key).id


def _scopes_of(own: dict[str, str], sentence: Sentence) -> list[tuple[str, str]]:
    """Keys and scopes of the sentence's own wordings for one scope."""
    head = f"{sentence.code}@"
    return [(key, key.removeprefix(head)) for key in own if key.startswith(head)]


def _sentence(key: str) -> Sentence:
    try:
        return sentence_of(key.partition("@")[0])
    except KeyError as error:
        raise NotFound from error
