"""The line to a hotline: one signed POST. Answers say whether it arrived, and why not."""

import json
from urllib.parse import urlsplit

from yijiaan.connectors.hotline.attachments import with_photos
from yijiaan.connectors.hotline.signing import headers
from yijiaan.connectors.line import Reply, call
from yijiaan.connectors.models import Connection, OutboundMessage
from yijiaan.connectors.outbox import Answer


def push(connection: Connection, message: OutboundMessage) -> Answer:
    """Send one message to the address of its connection."""
    body = json.dumps(with_photos(message), ensure_ascii=False).encode()
    parts = urlsplit(connection.push_url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    signed = headers(
        connection.secret_sealed, connection.algorithm, connection.code, method="POST", path=path or "/", body=body
    )
    # the hotline stands in the government's own network: its address is the administrator's word
    return answer_of(
        call(
            connection.push_url,
            body=body,
            headers={"Content-Type": "application/json; charset=utf-8", **signed},
            guarded=False,
        )
    )


def answer_of(reply: Reply) -> Answer:
    """What a reply means for a message that we owe."""
    if reply.is_ok:
        return Answer(is_taken=True, code=reply.status)
    words = f"对方回答 {reply.status}：{reply.text}" if reply.status else reply.words
    return Answer(
        is_taken=False, is_down=reply.is_down and not reply.is_forbidden, words=words[:200], code=reply.status
    )
