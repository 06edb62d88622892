"""The folder of bytes: one file per content hash, written whole or not at all."""

import errno
import os
import tempfile
from pathlib import Path

from django.conf import settings

from yijiaan.core.errors import RuleError

PICTURE, SOUND = "jpg", "sound"


def path_of(sha256: str, thumb: bool = False, suffix: str = PICTURE) -> Path:
    """Where the bytes of a hash lie."""
    return Path(settings.MEDIA_ROOT) / relative_path(sha256, thumb, suffix)


def relative_path(sha256: str, thumb: bool = False, suffix: str = PICTURE) -> str:
    """The place below MEDIA_ROOT, for the proxy that serves it."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}{'.thumb' if thumb else ''}.{suffix}"


def write(sha256: str, data: bytes, thumb: bool = False, suffix: str = PICTURE) -> None:
    """Put bytes under their hash and onto the disk; bytes already there stay. RuleError disk_full when there is no room."""
    target = path_of(sha256, thumb, suffix)
    if target.exists():
        os.utime(target)  # the sweep of orphans goes by age: these bytes are wanted again from now on
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as half:
            try:
                half.write(data)
                half.flush()
                os.fsync(half.fileno())
                Path(half.name).chmod(0o640)
                Path(half.name).rename(target)
            except BaseException:
                Path(half.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise RuleError("disk_full", "服务器存储空间不足，照片和录音没有存上，文字可以先提交", "photo") from error
        raise
