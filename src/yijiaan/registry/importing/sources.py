"""Lists of 报事源头 that a town kept as tables: imported village by village, each person through the same deed as by hand."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from uuid import uuid5

from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.tabular.providers import Done, Field, Judgement, Kind, Origin, Row, Verdict, Written
from yijiaan.registry.actions import SourceFacts, add_source, retract_source
from yijiaan.registry.importing.places import Places, places_of, short
from yijiaan.registry.models import ConsentWay, SourceKind, TrustedReporter
from yijiaan.registry.permissions import KEEP_SOURCES
from yijiaan.registry.queries import list_active_in, list_told_or_linked

OTHER_KINDS = {
    "retired_cadre": ("老干部", "退休村干部", "离退休干部"),
    "old_secretary": ("老书记", "原支部书记"),
    "old_party_member": ("党员",),
    "worthy": ("乡贤", "能人", "乡贤能人"),
    "old_teacher": ("退休教师", "教师"),
}
OTHER_WAYS = {"in_person": ("当面", "口头"), "phone": ("电话", "电话里"), "written": ("书面", "签字")}
FIELDS = (
    Field("name", "姓名", Kind.NAME, ("称呼", "报事源头", "人员姓名", "信息员姓名"), is_needed=True, longest=30),
    Field("village", "村", aliases=("所在村", "所属村", "村（居）", "村居", "行政村", "村名", "社区", "所属村居"), is_needed=True, may_be_fixed=True),
    Field("town", "镇街", aliases=("所在镇", "镇", "乡镇", "镇（街道）", "街道")),
    Field(
        "kind", "身份", Kind.CHOICE, ("人员类别", "类别", "哪一类人", "人员身份"), is_needed=True, may_be_fixed=True,
        choices=tuple((value, label, *OTHER_KINDS.get(value, ())) for value, label in SourceKind.choices),
    ),
    Field("phone", "电话", Kind.PHONE, ("联系电话", "手机", "手机号", "手机号码", "联系方式")),
    Field("consented_on", "同意日期", Kind.DATE, ("本人同意日期", "登记日期", "同意时间"), is_needed=True, may_be_fixed=True),
    Field(
        "consent_way", "怎么同意的", Kind.CHOICE, ("同意方式",),
        choices=tuple((value, label, *OTHER_WAYS.get(value, ())) for value, label in ConsentWay.choices),
    ),
)  # fmt: skip


class SourcesTarget:
    """报事源头 as what a ledger can be imported into."""

    kind = "registry.sources"
    title = "报事源头名单"
    permission = KEEP_SOURCES
    note = "只导本人同意过的人，表里要有本人同意的日期；没有写怎么同意的，按当面说的记。"
    fields = FIELDS
    looks_at: frozenset[str] = frozenset()

    def key_of(self, values: Mapping[str, str]) -> str:
        """A phone in a village, or a name where there is no phone."""
        village = short(values.get("village", ""))
        return f"{values.get('town', '')}|{village}|{values.get('phone') or values.get('name', '')}" if village else ""

    def reading(self, *, actor: Actor, rows: Iterator[Row]) -> "SourcesTarget":
        """Each line stands for itself."""
        return self

    def prepare(self, *, actor: Actor, rows: Sequence[Row]) -> list[Judgement]:
        """New unless he is on the list; the same phone under another name is for somebody to look at."""
        places = places_of(actor)
        found: list[str | RuleError] = []
        for row in rows:
            try:
                found.append(_village_of(places, row))
            except RuleError as error:
                found.append(error)
        by_phone: dict[tuple[str, str], TrustedReporter] = {}
        names: set[tuple[str, str]] = set()
        for source in list_active_in(actor, villages={code for code in found if isinstance(code, str)}):
            if source.phone_sealed:
                by_phone[source.area_code, source.phone_sealed] = source
            names.add((source.area_code, source.name_sealed))
        return [
            Judgement(Verdict.REFUSED, where.message, where.field or "")
            if isinstance(where, RuleError)
            else _judged(row.values, where, by_phone, names)
            for row, where in zip(rows, found, strict=True)
        ]

    def apply(
        self, *, actor: Actor, rows: Sequence[Row], judgements: Sequence[Judgement], origin: Origin
    ) -> list[Written | Judgement]:
        """Each through `add_source`, as by hand."""
        places = places_of(actor)
        return [self._write(actor, places, row, origin) for row in rows]

    def _write(self, actor: Actor, places: Places, row: Row, origin: Origin) -> Written | Judgement:
        values = row.values
        try:
            facts = SourceFacts(
                _village_of(places, row), values.get("kind", ""), values.get("name", ""), values.get("phone", ""),
                date.fromisoformat(values["consented_on"]) if "consented_on" in values else None,
                values.get("consent_way", ConsentWay.IN_PERSON.value),
            )  # fmt: skip
            source = add_source(actor=actor, facts=facts, client_key=uuid5(origin.import_id, str(row.line)))
        except RuleError as error:
            return Judgement(Verdict.REFUSED, error.message, error.field or "")
        return Written(source.id, Verdict.NEW)

    def hindrances(self, *, actor: Actor, rows: Sequence[Done]) -> list[str]:
        """Whoever got a link, or left meanwhile, stays."""
        hindered = list_told_or_linked(actor, source_ids=[row.written.subject_id for row in rows])
        return [hindered.get(row.written.subject_id, "") for row in rows]

    def undo(self, *, actor: Actor, rows: Sequence[Done], origin: Origin) -> list[str]:
        """Each through `retract_source`."""
        remarks = []
        for row in rows:
            try:
                retract_source(actor=actor, source_id=row.written.subject_id)
            except RuleError as error:
                remarks.append(error.message)
            else:
                remarks.append("")
        return remarks


def _village_of(places: Places, row: Row) -> str:
    said = row.values.get("village", "")
    if not said:
        raise RuleError("unknown_village", "没有写是哪个村", "village")
    return places.find(said, row.values.get("town", ""))


def _judged(
    values: Mapping[str, str],
    village: str,
    by_phone: Mapping[tuple[str, str], TrustedReporter],
    names: set[tuple[str, str]],
) -> Judgement:
    for key, words in (
        ("name", "没有写姓名"),
        ("kind", "没有写是哪一类人"),
        ("consented_on", "没有写本人哪天同意的；没有同意的不能列进来"),
    ):
        if key not in values:
            return Judgement(Verdict.REFUSED, words, key)
    known = by_phone.get((village, values.get("phone", "")))
    if known is not None and known.name_sealed != values["name"]:
        return Judgement(Verdict.CONFLICT, "这个村的名单里已经有这个电话，是别人的名字，请核对", "phone")
    if known is not None or (village, values["name"]) in names and "phone" not in values:
        return Judgement(Verdict.SAME)
    if (village, values["name"]) in names:
        return Judgement(Verdict.CONFLICT, "名单里已经有同名的人，电话不一样，请核对是不是同一个人", "phone")
    return Judgement(Verdict.NEW)
