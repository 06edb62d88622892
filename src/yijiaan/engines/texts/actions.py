from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record
from yijiaan.engines.texts import permissions
from yijiaan.engines.texts.models import Wording
from yijiaan.engines.texts.providers import Sentence, gaps_in, scopes_for, sentence_of
from yijiaan.engines.texts.queries import forget_wordings, wording_of

SUBJECT = "texts.wording"
MOST = 200


@transaction.atomic
def change_wording(*, actor: Actor, code: str, text: str, scope: str = "") -> None:
    """Word a sentence anew, everywhere or in one scope. RuleErrors at text: empty, too_long, bad_braces, unknown_gap; at scope:
    unknown_scope. NotFound for an unknown sentence."""
    actor.require(permissions.MANAGE)
    sentence = _sentence(code)
    text = " ".join(text.split())
    if not text:
        raise RuleError("empty", "请填写用语，或者恢复原文", "text")
    if len(text) > MOST:
        raise RuleError("too_long", f"用语最多 {MOST} 个字，请缩短", "text")
    try:
        named = gaps_in(text)
    except ValueError as error:
        raise RuleError("bad_braces", "花括号里只能写给出的名称，例如 {单位}；别处不要用花括号", "text") from error
    unknown = [name for name in named if name not in sentence.gaps]
    if unknown:
        known = "、".join(f"{{{name}}}" for name in sentence.gaps) or "这句里没有"
        raise RuleError("unknown_gap", f"没有“{unknown[0]}”这一项，能用的是：{known}", "text")
    if scope and (not sentence.is_scoped or scope not in scopes_for(actor)):
        raise RuleError("unknown_scope", "这句话不能这样分开写，请重新选", "scope")
    row = Wording.objects.select_for_update().filter(code=code, scope=scope).first()
    before = row.text if row else wording_of(actor, code) if scope else sentence.shipped
    if row is not None and text == before or (row is None and not scope and text == before):
        return
    if text == sentence.shipped and row is not None and not scope:
        row.delete()
    else:
        Wording.objects.update_or_create(code=code, scope=scope, defaults={"text": text, "changed_at": clock.now()})
    _note(actor, sentence, before, text, scope)


@transaction.atomic
def restore_wording(*, actor: Actor, code: str, scope: str = "") -> None:
    """Word a sentence as shipped again; in a scope, as everywhere."""
    actor.require(permissions.MANAGE)
    sentence = _sentence(code)
    row = Wording.objects.select_for_update().filter(code=code, scope=scope).first()
    if row is not None:
        before = row.text
        row.delete()
        forget_wordings()
        _note(actor, sentence, before, wording_of(actor, code) if scope else sentence.shipped, scope)


def _sentence(code: str) -> Sentence:
    try:
        return sentence_of(code)
    except KeyError as error:
        raise NotFound from error


def _note(actor: Actor, sentence: Sentence, before: str, after: str, scope: str) -> None:
    forget_wordings()
    record(
        actor=actor,
        verb="texts.wording_changed",
        county=actor.county,
        subject_type=SUBJECT,
        subject_id=sentence.id,
        area_code=actor.county,
        at=clock.now(),
        data={"code": sentence.code, "changed": {"text": [before, after]}} | ({"scope": scope} if scope else {}),
    )
