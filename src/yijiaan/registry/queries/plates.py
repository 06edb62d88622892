from yijiaan.core.errors import NotFound
from yijiaan.core.identifiers import county_of_token
from yijiaan.core.scope import Actor, ScopedQuerySet
from yijiaan.registry.models import Plate

CODE_LENGTH = 20


def get_plate(actor: Actor, *, code: str) -> Plate:
    """The plate with this code, for anybody who stands before it; NotFound for any other code."""
    code = code.strip().upper()
    county = county_of_token(code) if len(code) == CODE_LENGTH and code.isascii() and code.isalnum() else None
    plate = Plate.objects.filter(county=county, code=code).first() if county else None
    if plate is None:
        raise NotFound
    return plate


def list_plates(actor: Actor, *, area_code: str = "") -> ScopedQuerySet:
    """Plates in the actor's areas, or in one place of them, in the order they were made."""
    plates = Plate.objects.visible_to(actor).filter(county=actor.county)
    if area_code:
        plates = plates.filter(area_code__gte=area_code, area_code__lt=area_code + "~")
    return plates.order_by("area_code", "id")
