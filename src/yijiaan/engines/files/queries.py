from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet

from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.engines.files import providers
from yijiaan.engines.files.models import Reason, RefusedUpload, StoredFile


def list_files_of(actor: Actor, *, county: str, subject_ids: Iterable[UUID]) -> QuerySet[StoredFile]:
    """Attachments of some subjects, oldest first. The caller has made sure that the actor may see the subjects."""
    return StoredFile.objects.filter(county=county, subject_id__in=list(subject_ids)).order_by("added_at", "id")


def get_file(actor: Actor, *, county: str, file_id: UUID) -> StoredFile:
    """One attachment that the actor may open; NotFound otherwise."""
    file = StoredFile.objects.filter(county=county, id=file_id).first()
    if file is None or not providers.may_open(
        actor, county=county, subject_type=file.subject_type, subject_id=file.subject_id
    ):
        raise NotFound
    return file


def count_refused(actor: Actor, *, since: datetime) -> dict[str, int]:
    """How many files were refused since a moment, by the reason in words, most first."""
    rows = RefusedUpload.objects.filter(refused_at__gte=since).values_list("reason").annotate(count=Count("id"))
    return {str(Reason(reason).label): count for reason, count in sorted(rows, key=lambda row: -row[1])}
