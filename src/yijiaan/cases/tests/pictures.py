"""Pictures that people send, good and bad."""

import io
import struct
import zlib

from PIL import Image


def jpeg(width: int = 640, height: int = 480, colour: str = "teal", **more) -> bytes:
    """A plain JPEG."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG", **more)
    return out.getvalue()


def with_position() -> bytes:
    """A JPEG whose EXIF tells camera and place."""
    exif = Image.Exif()
    exif[0x010F] = "Huawei"
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(0x8825).update({1: "N", 2: (35.0, 38.0, 24.0), 3: "E", 4: (116.0, 39.0, 0.0)})
    return jpeg(exif=exif)


def bomb(side: int = 20_000) -> bytes:
    """A PNG of a few hundred bytes that says it is enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


BAD = {
    "PDF named .jpg": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "photo_not_image"),
    "empty": (b"", "photo_not_image"),
    "HTML": (b"<html><script>alert(1)</script></html>", "photo_not_image"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "photo_not_image"),
    "GIF": (b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff;", "photo_not_image"),
    "20 MB": (b"\xff\xd8\xff\xe0" + b"a" * 20 * 1024 * 1024, "photo_too_large"),
    "cut off": (jpeg(1200, 900, quality=95)[:4000], "photo_broken"),
    "bomb of 400 million pixels": (bomb(), "photo_too_many_pixels"),
    "bomb of 49 million pixels": (bomb(7000), "photo_too_many_pixels"),
}
