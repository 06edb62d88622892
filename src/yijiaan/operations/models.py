from django.db import models


class Backup(models.Model):
    """One copy of database, files and keys that was made or tried."""

    distribution = "local"

    id = models.BigAutoField("序号", primary_key=True)
    began_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间", null=True, help_text="空：还在做，或者中途断了")
    name = models.CharField("文件名", max_length=200)
    size = models.BigIntegerField("字节数", default=0)
    sha256 = models.CharField("内容哈希", max_length=64, blank=True)
    is_sealed = models.BooleanField("加了口令", default=False)
    is_nightly = models.BooleanField("每夜自动", default=False)
    problem = models.CharField("没有做成的原因", max_length=200, blank=True)

    class Meta:
        db_table = "operations_backup"
        verbose_name = verbose_name_plural = "备份"
        indexes = [models.Index(fields=["-began_at"], name="operations_backup_newest")]


class Retention(models.Model):
    """How long one kind of record is kept here, where that is not the preset."""

    distribution = "reference"

    kind = models.CharField("资料种类", max_length=40, primary_key=True, db_collation="C")
    days = models.PositiveIntegerField("保存天数", null=True, help_text="空：一直保存")

    class Meta:
        db_table = "operations_retention"
        verbose_name = verbose_name_plural = "保存期限"


class Purge(models.Model):
    """One line of the deletion log: what kind, how many, from before when; nothing of what stood in them."""

    distribution = "local"

    id = models.BigAutoField("序号", primary_key=True)
    kind = models.CharField("资料种类", max_length=40)
    count = models.PositiveIntegerField("删除数")
    before = models.DateTimeField("早于")
    purged_at = models.DateTimeField("删除时间")

    class Meta:
        db_table = "operations_purge"
        verbose_name = verbose_name_plural = "删除记录"
