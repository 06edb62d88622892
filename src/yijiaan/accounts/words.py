"""How the journal's verbs and subjects of this app are called."""

from collections.abc import Iterable
from uuid import UUID

from yijiaan.accounts.models import Post, Unit, User
from yijiaan.accounts.queries import list_users
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.providers import Subject, name_subject, name_verbs

VERBS = {
    "accounts.unit_created": "加单位",
    "accounts.unit_changed": "改单位",
    "accounts.unit_stopped": "停用单位",
    "accounts.unit_restarted": "启用单位",
    "accounts.duty_set": "排值班",
    "accounts.duty_cleared": "去掉值班",
    "accounts.user_created": "开账号",
    "accounts.user_changed": "改姓名、手机号",
    "accounts.user_disabled": "停用账号",
    "accounts.user_enabled": "恢复账号",
    "accounts.password_set": "改自己的密码",
    "accounts.password_reset": "发一次性密码",
    "accounts.appointed": "定岗位",
    "accounts.post_ended": "结束岗位",
    "accounts.areas_followed": "岗位辖区随网格调整",
    "accounts.role_changed": "改角色权限",
    "accounts.token_issued": "签发对接令牌",
    "accounts.token_revoked": "吊销对接令牌",
    "accounts.sessions_ended": "结束登录",
    "accounts.second_factor_set": "设手机验证码",
    "accounts.second_factor_reset": "重置手机验证码",
    "accounts.recovery_code_used": "用恢复码",
    "accounts.recovery_codes_renewed": "换恢复码",
    "accounts.admin_session_begun": "开始管理",
    "journal.person_erased": "依法删除个人信息",
}


def name_deeds() -> None:
    """Tell the journal."""
    name_verbs(VERBS)
    name_subject("accounts.user", Subject("账号", _find_users, _user_names))
    name_subject("accounts.post", Subject("岗位", None, _post_names))
    name_subject("accounts.unit", Subject("单位", None, _unit_names))
    name_subject("accounts.dutyday", Subject("值班"))
    name_subject("accounts.role", Subject("角色"))
    name_subject("accounts.partnertoken", Subject("对接令牌"))
    name_subject("journal.personkey", Subject("个人密钥"))


def _find_users(actor: Actor, *, text: str) -> list[UUID]:
    return list(list_users(actor).filter(username=text.lower()).values_list("id", flat=True))


def _user_names(actor: Actor, *, county: str, ids: Iterable[UUID]) -> dict[UUID, str]:
    return dict(User.objects.filter(id__in=list(ids)).values_list("id", "username"))


def _post_names(actor: Actor, *, county: str, ids: Iterable[UUID]) -> dict[UUID, str]:
    posts = Post.objects.filter(id__in=list(ids)).select_related("unit", "role", "user")
    return {post.id: f"{post.unit.name} {post.title or post.role.name} {post.user.name}" for post in posts}


def _unit_names(actor: Actor, *, county: str, ids: Iterable[UUID]) -> dict[UUID, str]:
    return dict(Unit.objects.filter(id__in=list(ids)).values_list("id", "name"))
