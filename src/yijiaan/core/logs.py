"""Log records as JSON lines without personal data."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from yijiaan.core import web

# longer numbers first; no digit on either side, so a case number or a time in ms is left alone
_ID = re.compile(r"(?<![0-9A-Za-z])([1-9]\d{5})\d{8}(\d{3}[\dXx])(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9A-Za-z])((?:(?:00)?86[- ]?)?1[3-9]\d)[- ]?\d{4}[- ]?(\d{4})(?![0-9A-Za-z])")
# a tracking code opens the progress of a report: as secret as a password
_CODE = re.compile(r"(?<![0-9A-Za-z])([A-Z2-7]{4})[A-Z2-7]{16}(?![0-9A-Za-z])")
# PostgreSQL quotes the row that broke a rule, pydantic the input
_QUOTED = re.compile(r"(?m)^(\s*(?:DETAIL|CONTEXT|HINT):).*(?:\n.+)*")  # to the next empty line
_INPUT = re.compile(r"(?m)(input_value=|Failing row contains |Key \([^)]*\)=)\S.*?(?=, input_type=|$)")


def masked(text: str) -> str:
    """The text with mobile numbers, identity numbers, tracking codes and quoted rows made unreadable."""
    text = _INPUT.sub(r"\1…", _QUOTED.sub(r"\1 …", text))
    text = _MOBILE.sub(r"\1****\2", _ID.sub(r"\1********\2", text))
    return _CODE.sub(r"\1****************", text)


class JsonLine(logging.Formatter):
    """One line per record: time, level, logger, message, request, status, exception."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        # Django speaks of an answer when the request's context is over, and hands the request along
        request = getattr(record, "request", None)
        if identity := web.request_id() or getattr(request, "identity", None):
            line["request"] = str(identity)
        if status := getattr(record, "status_code", None):
            line["status"] = status
        if record.exc_info:
            line["exception"] = masked(self.formatException(record.exc_info))
        if record.stack_info:
            line["stack"] = masked(record.stack_info)
        return json.dumps(line, ensure_ascii=False)
