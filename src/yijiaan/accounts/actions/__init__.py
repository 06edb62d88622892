from yijiaan.accounts.actions.organisation import (
    appoint,
    create_unit,
    create_user,
    end_post,
    issue_token,
    load_default_roles,
    revoke_token,
    set_password,
)
from yijiaan.accounts.actions.sessions import end_other_sessions, end_session

__all__ = [
    "appoint",
    "create_unit",
    "create_user",
    "end_other_sessions",
    "end_post",
    "end_session",
    "issue_token",
    "load_default_roles",
    "revoke_token",
    "set_password",
]
