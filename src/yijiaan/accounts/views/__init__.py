from yijiaan.accounts.views.administration import (
    appoint,
    change_person,
    end_post,
    end_sessions,
    new_person,
    people,
    person,
    reset_factor,
    reset_password,
    role,
    roles,
    set_active,
)
from yijiaan.accounts.views.audit import audit, head, looks
from yijiaan.accounts.views.gate import password, posts, sign_in, sign_out
from yijiaan.accounts.views.second_factor import enrol, my_second_factor, second_factor
from yijiaan.accounts.views.sessions import end_others, end_session, sessions

__all__ = [
    "appoint",
    "audit",
    "change_person",
    "end_others",
    "end_post",
    "end_session",
    "end_sessions",
    "enrol",
    "head",
    "looks",
    "my_second_factor",
    "new_person",
    "password",
    "people",
    "person",
    "posts",
    "reset_factor",
    "reset_password",
    "role",
    "roles",
    "second_factor",
    "sessions",
    "set_active",
    "sign_in",
    "sign_out",
]
