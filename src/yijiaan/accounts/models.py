from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value

from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind, ScopedQuerySet
from yijiaan.core.sealed import SealedField, SearchHashField


class UnitKind(models.TextChoices):
    COUNTY_CENTRE = "county_centre", "区级综治中心"
    TOWN_CENTRE = "town_centre", "镇网格化服务中心"
    VILLAGE = "village", "村（社区）"
    POLICE = "police", "派出所"
    TRAFFIC_POLICE = "traffic_police", "交警中队"
    JUSTICE = "justice", "司法所"
    ENFORCEMENT = "enforcement", "综合执法"
    MARKET = "market", "市场监管所"
    POWER = "power", "供电所"
    WATER = "water", "供水站"
    CONSTRUCTION = "construction", "城建办"
    AGRICULTURE = "agriculture", "农业办"
    ENVIRONMENT = "environment", "环保所"
    HEALTH = "health", "卫生院"
    CIVIL_AFFAIRS = "civil_affairs", "民政办"
    EMERGENCY = "emergency", "应急办"
    EDUCATION = "education", "中心校"
    PETITION = "petition", "信访办"
    DISCIPLINE = "discipline", "纪委"
    PROCURATORATE = "procuratorate", "检察院"
    TOWN_OFFICE = "town_office", "党政办"
    DEPARTMENT = "department", "区级部门"


class Seat(models.TextChoices):
    """Which of the three administrators, who are kept apart, somebody is."""

    SYSTEM = "system", "系统管理员"
    SECURITY = "security", "安全管理员"
    AUDIT = "audit", "审计管理员"


class ByAreaQuerySet(ScopedQuerySet):
    """Rows of the organisation: seen inside one's areas and in one's own unit."""

    area_column = "area_id"
    unit_column = "id"

    def visible_to(self, actor: Actor) -> "ByAreaQuerySet":
        """What lies inside the actor's areas, and his own unit."""
        if actor.kind is ActorKind.SYSTEM:
            return self.filter()
        return self.filter(actor.area_filter(self.area_column) | Q(**{self.unit_column: actor.unit_id}))


class Unit(models.Model):
    """A body that can own a case: centre, station, village, department."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    name = models.CharField("名称", max_length=60)
    kind = models.CharField("类别", max_length=20, choices=UnitKind.choices)
    area = models.ForeignKey("areas.Area", models.PROTECT, verbose_name="所在区划", related_name="units")
    phone = models.CharField("对外电话", max_length=20, blank=True)
    is_active = models.BooleanField("在用", default=True)

    objects = ByAreaQuerySet.as_manager()

    class Meta:
        db_table = "unit"
        verbose_name = verbose_name_plural = "单位"
        constraints = [
            models.UniqueConstraint(fields=["area", "name"], name="unit_name_once"),
            models.UniqueConstraint(
                fields=["area"],
                condition=Q(kind__in=["town_centre", "county_centre"], is_active=True),
                name="unit_one_centre",
            ),
        ]
        indexes = [models.Index(fields=["kind", "area"], name="unit_of_kind")]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a user by sign-in name, whatever its case."""
        return self.get(username=(username or "").lower())


class UserQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "UserQuerySet":
        """Those who hold or held a post in a unit that the actor sees; an administrator also those without any post yet."""
        if actor.kind is ActorKind.SYSTEM:
            return self.filter()
        here = Post.objects.filter(user_id=OuterRef("id"), unit__in=Unit.objects.visible_to(actor))
        wanted = Q(Exists(here))
        if actor.may("accounts.manage") or actor.may("accounts.appoint"):
            wanted |= ~Q(Exists(Post.objects.filter(user_id=OuterRef("id"))))
        return self.filter(wanted)


class User(AbstractBaseUser):
    """A person who signs in. Sign-ins are kept in a local table, so the row has no hot column."""

    distribution = "reference"

    last_login = None
    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    username = models.CharField("登录名", max_length=30, unique=True, db_collation="C")
    name = models.CharField("姓名", max_length=30)
    password = models.CharField("密码", max_length=128)
    phone_sealed = SealedField("手机号", blank=True)
    phone_search = SearchHashField("手机号检索", purpose="phone", null=True, default=None, unique=True)
    is_active = models.BooleanField("在用", default=True)
    must_change_password = models.BooleanField("须改密码", default=False)

    USERNAME_FIELD = "username"
    objects = UserManager.from_queryset(UserQuerySet)()

    class Meta:
        db_table = "account_user"
        verbose_name = verbose_name_plural = "用户"


class Role(models.Model):
    """A named set of permissions; data, so that a county can change it."""

    distribution = "reference"

    code = models.CharField("代码", max_length=30, primary_key=True, db_collation="C")
    name = models.CharField("名称", max_length=30)
    permissions = ArrayField(models.CharField("权限", max_length=60), verbose_name="权限", default=list)
    offered = ArrayField(
        models.CharField("权限", max_length=60),
        verbose_name="提供过的权限",
        default=list,
        help_text="更新只添这里没有的，改掉的不再添回",
    )
    landing = models.CharField("进入页面", max_length=30, help_text="网址名，如 cases:list")
    sees_area = models.BooleanField("看辖区", default=True, help_text="否：只看派给本单位的")
    needs_second_factor = models.BooleanField("须手机验证码", default=False)
    seat = models.CharField(
        "三员", max_length=10, choices=Seat.choices, blank=True, help_text="空：不是管理员；一个角色的三员不变"
    )

    class Meta:
        db_table = "role"
        verbose_name = verbose_name_plural = "角色"

    def __str__(self) -> str:
        return self.name


class PostQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "PostQuerySet":
        """Posts of the units that the actor sees."""
        return self.filter(unit__in=Unit.objects.visible_to(actor))

    def on(self, day: date) -> "PostQuerySet":
        """Posts in force on a day, of users and units in use."""
        return self.filter(user__is_active=True, unit__is_active=True, starts_on__lte=day).filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=day)
        )


class Post(models.Model):
    """A role that a user holds in a unit, over areas, for a time."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.PROTECT, verbose_name="用户", related_name="posts")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="单位", related_name="posts")
    role = models.ForeignKey(Role, models.PROTECT, verbose_name="角色", related_name="posts")
    title = models.CharField("职务", max_length=30, blank=True)
    substitute_for = models.ForeignKey(
        "self", models.PROTECT, verbose_name="代谁的岗", null=True, related_name="substitutes"
    )
    starts_on = models.DateField("开始日")
    ends_on = models.DateField("结束日", null=True, help_text="含当日；空：至今")
    seat = models.CharField("三员", max_length=10, choices=Seat.choices, blank=True, help_text="照抄角色的")

    objects = PostQuerySet.as_manager()

    class Meta:
        db_table = "post"
        verbose_name = verbose_name_plural = "岗位"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="post_period"
            ),
            ExclusionConstraint(
                name="post_one_seat",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("seat", RangeOperators.NOT_EQUAL),
                    (
                        Func("starts_on", "ends_on", Value("[]"), function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(seat__gt=""),
                violation_error_message="系统、安全、审计三个管理员不能是同一个人",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit.name} {self.title or self.role.name} {self.user.name}"

    def is_held_on(self, day: date) -> bool:
        """Whether somebody holds the post on a day; `on` asks the same of many."""
        return self.user.is_active and self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)


class PostArea(models.Model):
    """One area that a post covers."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey(Post, models.CASCADE, verbose_name="岗位", related_name="areas")
    area = models.ForeignKey("areas.Area", models.PROTECT, verbose_name="区划", related_name="+")

    class Meta:
        db_table = "post_area"
        verbose_name = verbose_name_plural = "岗位辖区"
        constraints = [models.UniqueConstraint(fields=["post", "area"], name="post_area_once")]


class PartnerToken(models.Model):
    """A Bearer token of an outside system: hashed at rest, bound to an area and a channel, revocable."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    name = models.CharField("名称", max_length=60)
    token_hash = SearchHashField("令牌哈希", purpose="partner_token", unique=True)
    area = models.ForeignKey("areas.Area", models.PROTECT, verbose_name="区划", related_name="+")
    channel = models.CharField("渠道", max_length=20)
    created_at = models.DateTimeField("签发时间")
    revoked_at = models.DateTimeField("吊销时间", null=True)

    objects = ByAreaQuerySet.as_manager()

    class Meta:
        db_table = "partner_token"
        verbose_name = verbose_name_plural = "对接令牌"


class DutyDayQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "DutyDayQuerySet":
        """Those of units that the actor sees."""
        return self.filter(unit__in=Unit.objects.visible_to(actor))


class DutyDay(models.Model):
    """Who answers for a unit from the morning of a day to the next morning, and where he is rung."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="单位", related_name="+")
    on = models.DateField("日期")
    name = models.CharField("值班人", max_length=30)
    phone_sealed = SealedField("值班电话", blank=True)

    objects = DutyDayQuerySet.as_manager()

    class Meta:
        db_table = "duty_day"
        verbose_name = verbose_name_plural = "值班"
        constraints = [models.UniqueConstraint(fields=["unit", "on"], name="duty_day_once")]


class SignedInQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "SignedInQuerySet":
        """One's own."""
        return self.filter(user_id=actor.user_id)


class SignedIn(models.Model):
    """One browser that signed in; ending it deletes the session, which ends it at once."""

    distribution = "local"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    session_hash = SearchHashField("会话检索", purpose="session", unique=True)
    session_sealed = SealedField("会话")
    user = models.ForeignKey(User, models.CASCADE, verbose_name="用户", related_name="+")
    post = models.ForeignKey(Post, models.CASCADE, verbose_name="岗位", null=True, related_name="+")
    address = models.GenericIPAddressField("地址", null=True)
    device = models.CharField("设备", max_length=40)
    began_at = models.DateTimeField("登录时间")
    seen_at = models.DateTimeField("最近使用", help_text="每五分钟至多记一次")
    ended_at = models.DateTimeField("退出时间", null=True)

    objects = SignedInQuerySet.as_manager()

    class Meta:
        db_table = "signed_in"
        verbose_name = verbose_name_plural = "登录会话"
        indexes = [
            models.Index(fields=["user", "-seen_at"], condition=Q(ended_at__isnull=True), name="signed_in_open"),
        ]


class SecondFactor(models.Model):
    """A user's authenticator (RFC 6238): its secret, and the last step whose code was taken."""

    distribution = "local"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField(User, models.CASCADE, verbose_name="用户", related_name="+")
    secret_sealed = SealedField("密钥")
    last_step = models.BigIntegerField("已用步", default=0)
    confirmed_at = models.DateTimeField("启用时间", null=True, help_text="空：还没有填过第一个验证码")

    class Meta:
        db_table = "second_factor"
        verbose_name = verbose_name_plural = "手机验证码"


class RecoveryCode(models.Model):
    """One code that passes once in place of the authenticator; only its keyed hash is kept."""

    distribution = "local"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, verbose_name="用户", related_name="+")
    code_hash = SearchHashField("恢复码检索", purpose="recovery_code")
    used_at = models.DateTimeField("使用时间", null=True)

    class Meta:
        db_table = "recovery_code"
        verbose_name = verbose_name_plural = "恢复码"
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_once")]


class SignIn(models.Model):
    """One try to sign in; lock-out counts these."""

    distribution = "local"

    id = models.BigAutoField("序号", primary_key=True)
    login_hash = SearchHashField("登录名检索", purpose="login")
    user = models.ForeignKey(User, models.CASCADE, verbose_name="用户", null=True, related_name="+")
    address = models.GenericIPAddressField("地址", null=True)
    tried_at = models.DateTimeField("时间")
    is_success = models.BooleanField("成功")

    class Meta:
        db_table = "sign_in"
        verbose_name = verbose_name_plural = "登录记录"
        indexes = [
            models.Index(fields=["login_hash", "-tried_at"], name="sign_in_of_login"),
            models.Index(fields=["address", "-tried_at"], name="sign_in_of_address"),
        ]


class DoorUse(models.Model):
    """Until when the use of one public door by one address or one device is spoken for."""

    distribution = "local"

    key_hash = SearchHashField("来处检索", primary_key=True)
    spoken_until = models.DateTimeField("用到")

    class Meta:
        db_table = "door_use"
        verbose_name = verbose_name_plural = "公开入口使用"
