from datetime import timedelta

from django.db import models

from yijiaan.core import clock


class Heartbeat(models.Model):
    """The last sign of life of a worker process."""

    distribution = "local"

    name = models.CharField("进程", max_length=40, primary_key=True, db_collation="C")
    beaten_at = models.DateTimeField("最近心跳")

    class Meta:
        db_table = "jobs_heartbeat"
        verbose_name = verbose_name_plural = "后台进程心跳"

    def __str__(self) -> str:
        return self.name

    @property
    def age(self) -> timedelta:
        """How long ago the process gave its last sign of life."""
        return clock.now() - self.beaten_at
