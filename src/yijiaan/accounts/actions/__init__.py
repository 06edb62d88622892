from yijiaan.accounts.actions.administering import (
    change_role,
    change_user,
    end_sessions_for,
    note_admin_session,
    reset_password,
    set_user_active,
)
from yijiaan.accounts.actions.duties import clear_duty, set_duty
from yijiaan.accounts.actions.organisation import (
    appoint,
    create_user,
    end_post,
    issue_token,
    load_default_roles,
    revoke_token,
    set_password,
)
from yijiaan.accounts.actions.redrawn import follow_redraw
from yijiaan.accounts.actions.second_factor import (
    begin_second_factor,
    confirm_second_factor,
    renew_recovery_codes,
    reset_second_factor,
    set_second_factor,
    use_second_factor,
)
from yijiaan.accounts.actions.sessions import end_other_sessions, end_session
from yijiaan.accounts.actions.units import change_unit, create_unit, set_unit_active

__all__ = [
    "appoint",
    "begin_second_factor",
    "change_role",
    "change_unit",
    "change_user",
    "clear_duty",
    "confirm_second_factor",
    "create_unit",
    "create_user",
    "end_other_sessions",
    "end_post",
    "end_session",
    "end_sessions_for",
    "follow_redraw",
    "issue_token",
    "load_default_roles",
    "note_admin_session",
    "renew_recovery_codes",
    "reset_password",
    "reset_second_factor",
    "revoke_token",
    "set_duty",
    "set_password",
    "set_unit_active",
    "set_second_factor",
    "set_user_active",
    "use_second_factor",
]
