import django.db.models.deletion
from django.db import migrations, models

import yijiaan.core.county
import yijiaan.core.identifiers
from yijiaan.core.county import CompositeKey


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_wide_roles_need_a_second_factor"),
        ("cases", "0002_returns"),
    ]

    operations = [
        migrations.CreateModel(
            name="GivenCard",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijiaan.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                        verbose_name="编号",
                    ),
                ),
                ("county", models.CharField(editable=False, max_length=6, verbose_name="县区编码")),
                ("todo_id", models.UUIDField(verbose_name="待办")),
                ("duty", models.CharField(max_length=20, verbose_name="事项")),
                (
                    "card",
                    models.CharField(
                        choices=[("", "无"), ("yellow", "黄牌"), ("red", "红牌")], max_length=6, verbose_name="牌"
                    ),
                ),
                ("climbs", models.PositiveSmallIntegerField(default=0, verbose_name="提醒上升次数")),
                ("due_at", models.DateTimeField(verbose_name="到期时间")),
                ("given_at", models.DateTimeField(verbose_name="时间")),
            ],
            options={
                "verbose_name": "黄牌红牌",
                "verbose_name_plural": "黄牌红牌",
                "db_table": "case_card",
            },
        ),
        migrations.CreateModel(
            name="Hop",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijiaan.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                        verbose_name="编号",
                    ),
                ),
                ("county", models.CharField(editable=False, max_length=6, verbose_name="县区编码")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("dispatch", "派单"),
                            ("undo_dispatch", "撤回派单"),
                            ("return_back", "退回"),
                            ("take", "自办"),
                            ("report_up", "提级上报"),
                            ("solve_on_spot", "当场办结"),
                            ("verify", "交核查"),
                            ("verify_fail", "核查不过"),
                            ("callback", "交回访"),
                            ("callback_redo", "退回重办"),
                            ("reopen", "再启动"),
                            ("classify", "改网格"),
                        ],
                        max_length=15,
                        verbose_name="方式",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[("grid", "网格"), ("village", "村"), ("town", "镇"), ("county", "区级部门")],
                        max_length=10,
                        verbose_name="到达层级",
                    ),
                ),
                ("held_seconds", models.BigIntegerField(verbose_name="前一单位持有秒数")),
                ("moved_at", models.DateTimeField(verbose_name="时间")),
            ],
            options={
                "verbose_name": "转手",
                "verbose_name_plural": "转手",
                "db_table": "case_hop",
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijiaan.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                        verbose_name="编号",
                    ),
                ),
                ("county", models.CharField(editable=False, max_length=6, verbose_name="县区编码")),
                (
                    "kind",
                    models.CharField(
                        choices=[("reject", "不予受理"), ("close_explained", "解释结案")],
                        max_length=20,
                        verbose_name="事项",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("emergency_line", "应拨 110、119、120"),
                            ("not_government", "非政府职责"),
                            ("judicial", "涉诉涉仲裁"),
                            ("in_procedure", "已入信访或复议"),
                            ("secret", "涉密涉隐私"),
                            ("discipline", "涉纪检监察"),
                            ("repeat_no_new", "重复且无新情况"),
                            ("abuse", "恶意骚扰"),
                            ("no_content", "无实质内容"),
                            ("other", "其他"),
                        ],
                        max_length=20,
                        verbose_name="原因",
                    ),
                ),
                ("text", models.CharField(max_length=500, verbose_name="说明")),
                ("proposed_at", models.DateTimeField(verbose_name="提出时间")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="复核时间")),
                ("is_agreed", models.BooleanField(default=False, verbose_name="同意")),
                ("answer", models.CharField(blank=True, max_length=300, verbose_name="复核意见")),
            ],
            options={
                "verbose_name": "双人复核",
                "verbose_name_plural": "双人复核",
                "db_table": "case_proposal",
            },
        ),
        migrations.CreateModel(
            name="ReportUp",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijiaan.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                        verbose_name="编号",
                    ),
                ),
                ("county", models.CharField(editable=False, max_length=6, verbose_name="县区编码")),
                ("tried", models.CharField(max_length=500, verbose_name="已经做了什么")),
                (
                    "level",
                    models.CharField(
                        choices=[("grid", "网格"), ("village", "村"), ("town", "镇"), ("county", "区级部门")],
                        max_length=10,
                        verbose_name="上报到",
                    ),
                ),
                ("reported_at", models.DateTimeField(verbose_name="上报时间")),
            ],
            options={
                "verbose_name": "提级上报",
                "verbose_name_plural": "提级上报",
                "db_table": "case_report_up",
            },
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijiaan.core.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                        verbose_name="编号",
                    ),
                ),
                ("county", models.CharField(editable=False, max_length=6, verbose_name="县区编码")),
                ("is_passed", models.BooleanField(verbose_name="核查通过")),
                ("text", models.CharField(blank=True, max_length=500, verbose_name="核查情况")),
                ("verified_at", models.DateTimeField(verbose_name="核查时间")),
            ],
            options={
                "verbose_name": "核查",
                "verbose_name_plural": "核查",
                "db_table": "case_verification",
            },
        ),
        migrations.AddField(
            model_name="case",
            name="card",
            field=models.CharField(
                blank=True,
                choices=[("", "无"), ("yellow", "黄牌"), ("red", "红牌")],
                help_text="当前事项的黄牌或红牌",
                max_length=6,
                verbose_name="牌",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="hop_count",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="转手次数"),
        ),
        migrations.AddField(
            model_name="case",
            name="rework_count",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="核查不过次数"),
        ),
        migrations.AddField(
            model_name="case",
            name="supervision",
            field=models.CharField(
                blank=True,
                choices=[("", "无"), ("urged", "已催办"), ("supervised", "已督办")],
                max_length=10,
                verbose_name="督办",
            ),
        ),
        migrations.AlterField(
            model_name="note",
            name="kind",
            field=models.CharField(
                choices=[
                    ("note", "说明"),
                    ("contact", "联系群众"),
                    ("urge", "催办"),
                    ("supervise", "督办"),
                    ("instruct", "批示"),
                    ("withdraw", "撤回原因"),
                    ("new_facts", "新情况"),
                ],
                max_length=10,
                verbose_name="类别",
            ),
        ),
        migrations.AddField(
            model_name="givencard",
            name="case",
            field=yijiaan.core.county.CountyForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="cards", to="cases.case", verbose_name="事件"
            ),
        ),
        migrations.AddField(
            model_name="givencard",
            name="told",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.unit",
                verbose_name="提醒到",
            ),
        ),
        migrations.AddField(
            model_name="givencard",
            name="unit",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.unit",
                verbose_name="承办单位",
            ),
        ),
        migrations.AddField(
            model_name="hop",
            name="case",
            field=yijiaan.core.county.CountyForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="hops", to="cases.case", verbose_name="事件"
            ),
        ),
        migrations.AddField(
            model_name="hop",
            name="from_unit",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.unit",
                verbose_name="从哪个单位",
            ),
        ),
        migrations.AddField(
            model_name="hop",
            name="to_unit",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.unit",
                verbose_name="到哪个单位",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="case",
            field=yijiaan.core.county.CountyForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="proposals",
                to="cases.case",
                verbose_name="事件",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="decided_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.post",
                verbose_name="复核岗位",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="proposed_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.post",
                verbose_name="提出岗位",
            ),
        ),
        migrations.AddField(
            model_name="reportup",
            name="case",
            field=yijiaan.core.county.CountyForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reports_up",
                to="cases.case",
                verbose_name="事件",
            ),
        ),
        migrations.AddField(
            model_name="reportup",
            name="proposed",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.unit",
                verbose_name="建议单位",
            ),
        ),
        migrations.AddField(
            model_name="reportup",
            name="reported_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.post",
                verbose_name="上报岗位",
            ),
        ),
        migrations.AddField(
            model_name="reportup",
            name="unit",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.unit",
                verbose_name="上报单位",
            ),
        ),
        migrations.AddField(
            model_name="verification",
            name="case",
            field=yijiaan.core.county.CountyForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="verifications",
                to="cases.case",
                verbose_name="事件",
            ),
        ),
        migrations.AddField(
            model_name="verification",
            name="outcome",
            field=yijiaan.core.county.CountyForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="verifications",
                to="cases.outcome",
                verbose_name="办理结果",
            ),
        ),
        migrations.AddField(
            model_name="verification",
            name="verified_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.post",
                verbose_name="核查岗位",
            ),
        ),
        migrations.AddIndex(
            model_name="givencard",
            index=models.Index(fields=["county", "case"], name="card_of_case"),
        ),
        migrations.AddConstraint(
            model_name="givencard",
            constraint=models.UniqueConstraint(fields=("county", "todo_id", "climbs"), name="card_once_a_step"),
        ),
        migrations.AddIndex(
            model_name="hop",
            index=models.Index(fields=["county", "case", "moved_at"], name="hop_of_case"),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(fields=["county", "case", "proposed_at"], name="proposal_of_case"),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decided_at__isnull", True)), fields=("county", "case"), name="proposal_one_open"
            ),
        ),
        migrations.AddIndex(
            model_name="reportup",
            index=models.Index(fields=["county", "case"], name="report_up_of_case"),
        ),
        migrations.AddIndex(
            model_name="verification",
            index=models.Index(fields=["county", "case"], name="verification_of_case"),
        ),
        migrations.AddConstraint(
            model_name="verification",
            constraint=models.UniqueConstraint(fields=("county", "outcome"), name="verification_once_an_outcome"),
        ),
        CompositeKey("GivenCard", (("case_id", ("cases", "Case")),)),
        CompositeKey("Hop", (("case_id", ("cases", "Case")),)),
        CompositeKey("Proposal", (("case_id", ("cases", "Case")),)),
        CompositeKey("ReportUp", (("case_id", ("cases", "Case")),)),
        CompositeKey("Verification", (("case_id", ("cases", "Case")), ("outcome_id", ("cases", "Outcome")))),
    ]
