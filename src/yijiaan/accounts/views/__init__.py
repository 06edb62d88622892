from yijiaan.accounts.views.gate import password, posts, sign_in, sign_out
from yijiaan.accounts.views.second_factor import enrol, my_second_factor, second_factor
from yijiaan.accounts.views.sessions import end_others, end_session, sessions

__all__ = [
    "end_others",
    "end_session",
    "enrol",
    "my_second_factor",
    "password",
    "posts",
    "second_factor",
    "sessions",
    "sign_in",
    "sign_out",
]
