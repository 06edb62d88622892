from django.db import models

from yijiaan.core.county import CountyModel


class StoredFile(CountyModel):
    """One attachment of one subject; its bytes lie in the store under their SHA-256."""

    subject_type = models.CharField("对象类别", max_length=40)
    subject_id = models.UUIDField("对象标识")
    purpose = models.CharField("用途", max_length=20, help_text="before 办前, after 办后, evidence 佐证")
    media_type = models.CharField("类型", max_length=40)
    size = models.PositiveIntegerField("字节数")
    width = models.PositiveIntegerField("宽", default=0)
    height = models.PositiveIntegerField("高", default=0)
    sha256 = models.CharField("内容哈希", max_length=64)
    source_sha256 = models.CharField("原件哈希", max_length=64)
    added_by_kind = models.CharField("上传人类别", max_length=10)
    added_by_post = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="上传岗位", null=True, related_name="+"
    )
    added_at = models.DateTimeField("上传时间")

    class Meta:
        db_table = "stored_file"
        verbose_name = verbose_name_plural = "附件"
        constraints = [
            models.UniqueConstraint(fields=["county", "subject_id", "source_sha256"], name="stored_file_once"),
        ]
        indexes = [models.Index(fields=["sha256"], name="stored_file_sha256")]
