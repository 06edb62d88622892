from django.db import models

from yijiaan.core.county import CountyModel
from yijiaan.core.identifiers import uuid7


class StoredFile(CountyModel):
    """One attachment of one subject; its bytes lie in the store under their SHA-256."""

    subject_type = models.CharField("对象类别", max_length=40)
    subject_id = models.UUIDField("对象标识")
    purpose = models.CharField("用途", max_length=20, help_text="before 办前, after 办后, evidence 佐证, voice 录音")
    media_type = models.CharField("类型", max_length=40)
    size = models.PositiveIntegerField("字节数")
    width = models.PositiveIntegerField("宽", default=0)
    height = models.PositiveIntegerField("高", default=0)
    seconds = models.PositiveIntegerField(
        "时长（秒）", default=0, db_default=0, help_text="录音；0：不知道，或不是录音"
    )
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

    @property
    def is_sound(self) -> bool:
        """A recording, not a picture."""
        return self.media_type.startswith("audio/")


class Reason(models.TextChoices):
    TOO_LARGE = "photo_too_large", "文件太大"
    NOT_IMAGE = "photo_not_image", "不是照片"
    TOO_MANY_PIXELS = "photo_too_many_pixels", "尺寸太大"
    BROKEN = "photo_broken", "没有传完整"
    TOO_MANY = "too_many_photos", "张数太多"
    VOICE_TOO_LARGE = "voice_too_large", "录音太大"
    NOT_SOUND = "voice_not_sound", "不是录音"
    VOICE_BROKEN = "voice_broken", "录音没有传完整"
    VOICE_TOO_LONG = "voice_too_long", "录音太长"
    DISK_FULL = "disk_full", "存储空间不足"
    OTHER = "other", "其他"


class RefusedUpload(models.Model):
    """One file that was not taken in: why, how large, who sent it; nothing of the file itself."""

    distribution = "local"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    reason = models.CharField("原因", max_length=30, choices=Reason.choices)
    size = models.PositiveBigIntegerField("字节数")
    sent_by_kind = models.CharField("上传人类别", max_length=10)
    refused_at = models.DateTimeField("时间")

    class Meta:
        db_table = "refused_upload"
        verbose_name = verbose_name_plural = "没有收的附件"
        indexes = [models.Index(fields=["refused_at"], name="refused_upload_at")]


class UploadPart(models.Model):
    """分段上传: a piece of what a phone sends over a bad line, sealed by the phone; gone as soon as the whole has arrived."""

    distribution = "local"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    client_key = models.UUIDField("提交标识")
    number = models.PositiveSmallIntegerField("第几段")
    data = models.BinaryField("内容")
    stored_at = models.DateTimeField("收到时间")

    class Meta:
        db_table = "upload_part"
        verbose_name = verbose_name_plural = "分段上传"
        constraints = [models.UniqueConstraint(fields=["client_key", "number"], name="upload_part_once")]
        indexes = [models.Index(fields=["stored_at"], name="upload_part_at")]
