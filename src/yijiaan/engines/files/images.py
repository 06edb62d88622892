"""Reading pictures that strangers send: type by content, bounds before decoding, and nothing of the original kept but the picture."""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from yijiaan.core.errors import RuleError

MOST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = 160_000_000  # a JPEG is decoded at reduced scale, so this costs little memory
MOST_PIXELS_OTHER = 40_000_000  # PNG and WebP are decoded whole: 160 MB at the most
LONGEST_SIDE = 2560
THUMB_SIDE = 320
TOO_MANY_PIXELS = "照片尺寸太大，请在手机上缩小后再传"
FORMATS = ("JPEG", "PNG", "WEBP")  # MPO of some phones is opened by the JPEG reader


@dataclass(frozen=True, slots=True)
class Picture:
    data: bytes  # JPEG
    thumb: bytes  # JPEG
    width: int
    height: int


def read_picture(raw: bytes, field: str = "photo") -> Picture:
    """Decode and encode anew. RuleError photo_too_large, photo_not_image, photo_too_many_pixels or photo_broken at `field`."""
    if len(raw) > MOST_BYTES:
        raise RuleError(
            "photo_too_large", f"照片有 {len(raw) // 1048576} MB，最多 15 MB，请换一张或在手机上压缩后再传", field
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(raw), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise RuleError("photo_too_many_pixels", TOO_MANY_PIXELS, field) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise RuleError("photo_not_image", "这个文件不是照片，请传 JPG、PNG 或 WebP 图片", field) from error
    pixels = image.width * image.height
    if pixels > (MOST_PIXELS if image.format in {"JPEG", "MPO"} else MOST_PIXELS_OTHER):
        raise RuleError("photo_too_many_pixels", TOO_MANY_PIXELS, field)
    try:
        if image.format in {"JPEG", "MPO"}:
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        picture = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise RuleError("photo_broken", "照片没有传完整，打不开，请重新选一次", field) from error
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    data = _jpeg(picture, 82)
    width, height = picture.size
    picture.thumbnail((THUMB_SIDE, THUMB_SIDE))
    return Picture(data, _jpeg(picture, 75), width, height)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
