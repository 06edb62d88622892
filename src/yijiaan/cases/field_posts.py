"""Posts in the field beside the grid worker, as a table: what each looks after, and what it may report.

A post is known by its permission, never by the name of a role: a county gives the permission to whatever role it likes. Each has the
field home, the work list and the report form of everybody, narrowed to its matters. The clue of a grid prosecutor goes to the
procuratorate alone, sealed as a tip is (DOMAIN 1.3; 人民检察院公益诉讼办案规则: clues are handled by the procuratorate).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from yijiaan.cases import permissions
from yijiaan.cases.models import Kind
from yijiaan.cases.queries import category_table
from yijiaan.core.scope import Actor


@dataclass(frozen=True, slots=True)
class FieldPost:
    """One kind of post. categories: how their codes begin; of a clue they say what it is about and narrow nothing."""

    permission: str
    label: str
    categories: tuple[str, ...]
    kind: str = Kind.HELP.value

    @property
    def list_label(self) -> str:
        """What its work list is called."""
        return f"{self.label}在办"

    @property
    def report_label(self) -> str:
        """What its report is called."""
        return f"报{self.label}" if self.is_confidential else f"上报{self.label}"

    @property
    def is_confidential(self) -> bool:
        """Whether what it reports is seen by its own unit alone."""
        return self.kind == Kind.CLUE.value

    def cases(self, actor: Actor) -> Q:
        """Which cases are its matter."""
        if self.is_confidential:
            return Q(kind=self.kind, owner_id=actor.unit_id)
        mine = [row.id for row in category_table(actor).by_id.values() if row.code.startswith(self.categories)]
        return Q(category__in=mine)


FIELD_POSTS: Sequence[FieldPost] = (
    FieldPost(permissions.TEND_HABITAT, "人居环境", ("05",)),
    FieldPost(permissions.TEND_ORDER, "治安", ("09", "03")),
    FieldPost(permissions.TEND_POLLUTION, "污染", ("0503", "0504", "0502", "0206")),
    FieldPost(permissions.TEND_DISPUTES, "纠纷", ("01",)),
    FieldPost(permissions.FIND_CLUES, "公益诉讼线索", ("05", "10", "02", "07"), Kind.CLUE.value),
)


def field_post_of(actor: Actor) -> FieldPost | None:
    """The kind of post that somebody acts in; None for grid workers and everybody else."""
    return next((post for post in FIELD_POSTS if actor.may(post.permission)), None)
