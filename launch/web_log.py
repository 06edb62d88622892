"""The web server's own few lines as JSON, like those of the application. Loads nothing of it: the server's first process stays small."""

import json
import logging
from datetime import UTC, datetime


class JsonLine(logging.Formatter):
    """One line per record: time, level, logger, message, exception."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": "granian",
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
