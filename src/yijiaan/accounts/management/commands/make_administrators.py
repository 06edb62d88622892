from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from yijiaan.accounts import actions
from yijiaan.accounts.models import Post, Role, Seat, Unit, UnitKind
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import system

NAMES = {Seat.SYSTEM: "system-admin", Seat.SECURITY: "security-admin", Seat.AUDIT: "auditor"}


class Command(BaseCommand):
    help = "Make the first accounts of the three administrators of a county, those that are missing, each with a password for one sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--county", default=settings.HOME_AREA[:6], help="six digits (default: of YIJIAAN_HOME_AREA)"
        )

    @transaction.atomic
    def handle(self, *, county: str, **options: Any) -> None:
        actor = system("command make-administrators", county)
        actions.load_default_roles(actor=actor)
        try:
            unit = Unit.objects.filter(area_id=county, kind=UnitKind.COUNTY_CENTRE, is_active=True).first()
            unit = unit or actions.create_unit(
                actor=actor, name="区级综治中心", kind=UnitKind.COUNTY_CENTRE, area_code=county
            )
            for role in Role.objects.exclude(seat="").order_by("code"):
                held = Post.objects.on(clock.local_day()).filter(seat=role.seat, unit__area__code__startswith=county)
                if held.exists():
                    self.stdout.write(f"{role.name}\t已经有人")
                    continue
                self._make(actor, role, unit, county)
        except RuleError as error:
            raise CommandError(error.message) from error

    def _make(self, actor: Any, role: Role, unit: Unit, county: str) -> None:
        user = actions.create_user(actor=actor, username=f"{NAMES[Seat(role.seat)]}-{county}", name=role.name)
        actions.appoint(
            actor=actor,
            user=user,
            unit=unit,
            role=role.code,
            area_codes=[county],
            starts_on=clock.local_day(),
            title=role.name,
        )
        password = actions.reset_password(actor=actor, user_id=user.id)
        self.stdout.write(f"{role.name}\t{user.username}\t首次密码 {password}（登录后必须改，并设手机验证码）")
