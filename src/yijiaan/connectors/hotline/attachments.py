"""Pictures of what was done, put into the message when it is sent."""

import base64
from typing import Any

from yijiaan.connectors.models import OutboundMessage
from yijiaan.core.scope import system
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.files.queries import read_bytes

MOST = 6


def with_photos(message: OutboundMessage) -> dict[str, Any]:
    """The body, with the pictures taken after the work where it tells of an outcome."""
    body = message.body
    if message.event != "finished":
        return body
    case_id = message.report.case_id
    files = StoredFile.objects.filter(
        county=message.county, subject_id=case_id, purpose="after", media_type="image/jpeg"
    ).order_by("-added_at")[:MOST]
    pictures = []
    for file in files:
        raw = read_bytes(system("push", message.county), file=file)
        if raw is not None:
            pictures.append(
                {
                    "name": f"{file.sha256[:12]}.jpg",
                    "media_type": file.media_type,
                    "content_base64": base64.b64encode(raw).decode(),
                }
            )
    return body | {"attachments": pictures} if pictures else body
