from typing import Any

from django.core.management.base import BaseCommand

from yijiaan.accounts.actions import load_default_roles
from yijiaan.core.scope import system


class Command(BaseCommand):
    help = (
        "Make the shipped roles that are missing and give the others what an update has brought; what was edited stays."
    )

    def handle(self, **options: Any) -> None:
        count = load_default_roles(actor=system("command load-roles"))
        if options["verbosity"]:
            self.stdout.write(f"角色：新增或补充 {count} 个")
