"""What comes with a report: answers, who told it, for whom, from which source; and the words a case is found by."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from yijiaan.cases.models.case import Case, Report
from yijiaan.cases.models.settings import CategoryQuestion, QuestionKind
from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.sealed import SealedField, SearchHashField


class ReportAnswer(CountyModel):
    """What a reporter answered to a question of his category, with the wording as it was asked then."""

    report = CountyForeignKey(Report, models.CASCADE, verbose_name="诉求", related_name="answers")
    question = models.ForeignKey(
        CategoryQuestion, models.PROTECT, db_index=False, verbose_name="问题", related_name="+"
    )
    code = models.CharField("代码", max_length=30, db_collation="C")
    wording = models.CharField("当时的问法", max_length=80)
    kind = models.CharField("怎么答", max_length=10, choices=QuestionKind.choices)
    rank = models.PositiveSmallIntegerField("次序", default=1)
    value = models.JSONField("答案", help_text="文字、数字、选项、日期，照片记张数")

    class Meta:
        db_table = "report_answer"
        verbose_name = verbose_name_plural = "类别问题的答案"
        constraints = [models.UniqueConstraint(fields=["county", "report", "question"], name="answer_once_a_question")]


class Reporter(CountyModel):
    """Who reported: sealed, apart from the report, opened only with a purpose."""

    report = CountyForeignKey(Report, models.CASCADE, verbose_name="诉求", related_name="reporters")
    name_sealed = SealedField("姓名", blank=True)
    phone_sealed = SealedField("电话", blank=True)
    phone_search = SearchHashField("电话检索", purpose="phone", null=True, default=None)

    class Meta:
        db_table = "reporter"
        verbose_name = verbose_name_plural = "报事人"
        constraints = [models.UniqueConstraint(fields=["county", "report"], name="reporter_of_report")]
        indexes = [models.Index(fields=["county", "phone_search"], name="reporter_phone")]


class ProxyRelation(models.TextChoices):
    FAMILY = "family", "家里人"
    NEIGHBOUR = "neighbour", "邻居"
    GRID_WORKER = "grid_worker", "网格员"
    OTHER = "other", "别的人"


class Proxy(CountyModel):
    """代报: who told for somebody else; sealed like the reporter, who is the one it is about."""

    report = CountyForeignKey(Report, models.CASCADE, verbose_name="诉求", related_name="proxies")
    relation = models.CharField("是他什么人", max_length=12, choices=ProxyRelation.choices)
    name_sealed = SealedField("代报人姓名", blank=True)
    phone_sealed = SealedField("代报人电话", blank=True)
    post = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="代报岗位", null=True, related_name="+"
    )

    class Meta:
        db_table = "report_proxy"
        verbose_name = verbose_name_plural = "代报"
        constraints = [models.UniqueConstraint(fields=["county", "report"], name="proxy_of_report")]


class SourcedReport(CountyModel):
    """A report that came by the quick link of a trusted reporter, and the case that it opened."""

    report = CountyForeignKey(Report, models.CASCADE, verbose_name="诉求", related_name="+")
    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="+")
    source = CountyForeignKey("registry.TrustedReporter", models.PROTECT, verbose_name="报事源头", related_name="+")

    class Meta:
        db_table = "sourced_report"
        verbose_name = verbose_name_plural = "报事源头的诉求"
        constraints = [models.UniqueConstraint(fields=["county", "report"], name="sourced_report_once")]
        indexes = [
            models.Index(fields=["county", "source", "-id"], name="sourced_report_of_source"),
            models.Index(fields=["county", "case"], name="sourced_report_of_case"),
        ]


class CaseWords(CountyModel):
    """What a case can be found by; see `search.py`. Its id is the case's own."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="+")
    words = models.TextField("文字")
    marks = ArrayField(models.IntegerField("字对"), verbose_name="字对")
    is_open = models.BooleanField("在办")

    class Meta:
        db_table = "case_words"
        verbose_name = verbose_name_plural = "事件检索"
        indexes = [
            GinIndex(fields=["marks"], name="case_words_marks", gin_pending_list_limit=1024),
            GinIndex(fields=["marks"], name="case_words_open", condition=Q(is_open=True), gin_pending_list_limit=256),
        ]
