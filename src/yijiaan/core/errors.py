"""The four errors that say no. `core.web` turns them into pages and problem+json."""


class Refusal(Exception):
    """Base of the four; never raised itself."""


class RuleError(Refusal):
    """A rule refused the deed.

    code is English snake_case for tests and clients, message is one Chinese sentence that says what to do next,
    field names the input it belongs to (None: the whole form).
    """

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


class NotAllowed(Refusal):
    """The actor lacks the permission named."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


class Conflict(Refusal):
    """Somebody was faster, or a client key came again with another body. message is Chinese, code English."""

    def __init__(self, message: str, code: str = "conflict") -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class NotFound(Refusal):
    """No such thing, or outside the viewer's area: we do not tell which."""
