from yijiaan.accounts.views.gate import password, posts, sign_in, sign_out
from yijiaan.accounts.views.sessions import end_others, end_session, sessions

__all__ = ["end_others", "end_session", "password", "posts", "sessions", "sign_in", "sign_out"]
