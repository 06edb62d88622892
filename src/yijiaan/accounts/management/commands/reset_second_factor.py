from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from yijiaan.accounts.actions import reset_second_factor
from yijiaan.accounts.signin import find_user
from yijiaan.core.scope import system


class Command(BaseCommand):
    help = "Take away the second factor of a user who lost it; the next sign-in sets it up anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, **options: Any) -> None:
        user = find_user(options["username"])
        if user is None:
            raise CommandError(f"没有这个用户：{options['username']}")
        if reset_second_factor(actor=system("command reset-second-factor"), user_id=user.id):
            self.stdout.write(f"已重置 {user.username} 的手机验证码，登录着的都已退出；下次登录时重新设置")
        else:
            self.stdout.write(f"{user.username} 没有设过手机验证码；登录着的都已退出")
