"""The door of GeoReport v2. Reading is open to everybody, writing needs a key."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt

from yijiaan.accounts.access import count_key
from yijiaan.accounts.queries import get_centre
from yijiaan.areas.models import Area
from yijiaan.cases.models import Category
from yijiaan.connectors.actions import Filing, add_update, file_request
from yijiaan.connectors.models import Open311Key
from yijiaan.connectors.open311 import public
from yijiaan.connectors.open311.reading import Wrong, attributes_of, search_of
from yijiaan.connectors.open311.shapes import answer, errors
from yijiaan.connectors.queries import key_in_use
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, Refusal
from yijiaan.core.scope import Actor, system
from yijiaan.core.web import describe

MOST_PICTURES = 6
MOST_BYTES = 40 * 1024 * 1024
FORMATS = ("json", "xml")
View = Callable[..., HttpResponse]


def door(*methods: str) -> Callable[[View], View]:
    """What every address has in common: its format, its methods, and errors as the specification writes them."""

    def wrap(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def opened(request: HttpRequest, form: str, **values: Any) -> HttpResponse:
            if form not in FORMATS:
                return errors("json", 404, "format must be json or xml")
            if request.method == "OPTIONS":
                response = HttpResponse(status=204)
                response["Access-Control-Allow-Origin"] = "*"
                response["Access-Control-Allow-Methods"] = ", ".join(methods)
                return response
            if request.method not in (*methods, "HEAD" if "GET" in methods else ""):
                response = errors(form, 405, f"use {' or '.join(methods)}")
                response["Allow"] = ", ".join(methods)
                return response
            if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
                return errors(form, 413, "at most 40 MB at once")
            try:
                return view(request, form, **values)
            except Wrong as error:
                refused = errors(form, error.status, error.description)
                if error.wait:
                    refused["Retry-After"] = str(error.wait)
                return refused
            except (RequestDataTooBig, TooManyFieldsSent, MultiPartParserError, UnicodeDecodeError):
                return errors(form, 400, "the body cannot be read")

        return opened

    return wrap


def _sent(request: HttpRequest) -> dict[str, list[str]]:
    """All that was sent, body before address."""
    found = {name: list(values) for name, values in request.GET.lists()}
    return found | {name: list(values) for name, values in request.POST.lists()}


def _words(request: HttpRequest, name: str) -> str:
    values = _sent(request).get(name) or [""]
    return values[-1].replace("\0", "").strip()


def _jurisdiction(request: HttpRequest) -> tuple[Actor, Area]:
    """The place asked for; without one that of the installation. 404 for a place that we do not serve."""
    code = _words(request, "jurisdiction_id") or settings.HOME_AREA[:6]
    try:
        area = public.get_jurisdiction(system("open311"), code=code)
        get_centre(system("open311"), area_code=area.code)
    except NotFound as error:
        raise Wrong("jurisdiction_id provided was not found", 404) from error
    return system("open311", area.code[:6]), area


def _key(request: HttpRequest, area: Area) -> Open311Key:
    """The key that was sent. 403 without a good one for this place, 429 when it was used too often."""
    try:
        row = key_in_use(system("open311"), key=_words(request, "api_key"))
    except NotFound as error:
        raise Wrong("api_key missing or invalid", 403) from error
    if not area.code.startswith(row.area_id):
        raise Wrong("this api_key is not for this jurisdiction_id", 403)
    wait = count_key("open311", str(row.id), most=max(row.hourly_limit // 6, 1))
    if wait:
        raise Wrong(f"too many requests with this api_key; try again in {wait} seconds", 429, wait)
    return row


def _service(actor: Actor, code: str) -> Category:
    try:
        return public.get_service(actor, code=code)
    except NotFound as error:
        raise Wrong("service_code was not found", 404) from error


@door("GET")
def discovery(request: HttpRequest, form: str) -> HttpResponse:
    """What is offered, and where."""
    base = request.build_absolute_uri("/open311/v2")
    body = {
        "changeset": "2026-11-28T00:00:00+08:00",
        "contact": "12345",
        "key_service": "Keys are given by the administrator of the installation.",
        "endpoints": [
            {
                "specification": "http://wiki.open311.org/GeoReport_v2",
                "url": base,
                "changeset": "2026-11-28T00:00:00+08:00",
                "type": "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }
    return answer(form, "discovery", body)


@door("GET")
def services(request: HttpRequest, form: str) -> HttpResponse:
    """What can be reported."""
    actor, _ = _jurisdiction(request)
    found = public.service_json(actor, categories=public.list_services(actor))
    return answer(form, "services", found)


@door("GET")
def definition(request: HttpRequest, form: str, service_code: str) -> HttpResponse:
    """What is asked about one kind."""
    actor, _ = _jurisdiction(request)
    found = public.definition_json(actor, category=_service(actor, service_code))
    return answer(form, "service_definition", found)


@door("GET", "POST")
def requests(request: HttpRequest, form: str) -> HttpResponse:
    """GET: reports that are public. POST: file one."""
    if request.method == "POST":
        return _file(request, form)
    actor, area = _jurisdiction(request)
    search = search_of({name: values[-1] for name, values in _sent(request).items()}, clock.now())
    found = public.search_reports(actor, area_code=area.code, search=search)
    body = [public.request_json(actor, told=told, with_events=search.with_events) for told in found]
    return answer(form, "service_requests", body)


@door("GET")
def one(request: HttpRequest, form: str, request_number: str) -> HttpResponse:
    """One report that is public; several by commas."""
    actor, area = _jurisdiction(request)
    asked = {name: values[-1] for name, values in _sent(request).items()}
    search = search_of(asked | {"service_request_id": request_number}, clock.now())
    found = public.search_reports(actor, area_code=area.code, search=search)
    if not found:
        raise Wrong("service_request_id provided was not found", 404)
    body = [public.request_json(actor, told=told, with_events=search.with_events) for told in found]
    return answer(form, "service_requests", body)


@door("GET")
def token(request: HttpRequest, form: str, request_number: str) -> HttpResponse:
    """We give the id at once, so a token is the id itself."""
    actor, area = _jurisdiction(request)
    try:
        told = public.get_public(actor, area_code=area.code, number=request_number)
    except NotFound as error:
        raise Wrong("token provided was not found", 404) from error
    number = told.report.number
    return answer(form, "service_requests", [{"service_request_id": number, "token": number}])


def _number(request: HttpRequest, name: str) -> float | None:
    text = _words(request, name)
    if not text:
        return None
    try:
        return float(text)
    except ValueError as error:
        raise Wrong(f"{name} must be a number") from error


def _file(request: HttpRequest, form: str) -> HttpResponse:
    actor, area = _jurisdiction(request)
    key = _key(request, area)
    code = _words(request, "service_code")
    if not code:
        raise Wrong("service_code was not provided")
    service = _service(actor, code)
    pictures = tuple(file.read() for file in request.FILES.getlist("media")[:MOST_PICTURES])
    filing = Filing(
        service_code=service.code,
        text=_words(request, "description") or service.name,
        lon=_number(request, "long"),
        lat=_number(request, "lat"),
        place=_words(request, "address_string"),
        area_code=_place(request, area),
        name=f"{_words(request, 'last_name')}{_words(request, 'first_name')}",
        phone=_words(request, "phone"),
        answers=_answers(actor, service, attributes_of(_sent(request)), len(pictures)),
        client_key=_words(request, "x_client_key")[:100],
    )
    if filing.lat is None and filing.lon is None and not filing.place and not filing.area_code:
        raise Wrong("a location is required: lat and long, address_string or address_id")
    try:
        filed = file_request(actor=actor, key=key, door=area.code[:9], filing=filing, pictures=pictures)
    except Refusal as error:
        return _refused(form, error)
    body = [{"service_request_id": filed.report.number, "service_notice": filed.notice or None, "account_id": None}]
    return answer(form, "service_requests", body, 201 if filed.is_new else 200)


def _place(request: HttpRequest, area: Area) -> str:
    """address_id is the code of a village or a grid inside the place, as our own answers give it."""
    code = _words(request, "address_id")
    if code and not code.startswith(area.code):
        raise Wrong("address_id was not found in this jurisdiction_id", 404)
    return code or (area.code if len(area.code) > 9 else "")  # noqa: PLR2004


def _answers(actor: Actor, service: Category, attributes: dict[str, list[str]], pictures: int) -> dict[str, Any]:
    """Attributes as answers: many values of a list, else the last one said; a picture that is asked for comes as `media`."""
    asked = {line["code"]: line["datatype"] for line in public.definition_json(actor, category=service)["attributes"]}
    unknown = [code for code in attributes if code not in asked]
    if unknown:
        raise Wrong(f"attribute {unknown[0]} is not asked for this service_code")
    photos = dict.fromkeys(public.photo_questions(actor, category=service), pictures) if pictures else {}
    return photos | {
        code: values if asked[code] == "multivaluelist" else values[-1] for code, values in attributes.items() if values
    }


def _refused(form: str, error: Refusal) -> HttpResponse:
    status, _, message, at = describe(error)
    return errors(form, 400 if status == 422 else status, f"{at}: {message}" if at else message)  # noqa: PLR2004


@door("GET", "POST")
def updates(request: HttpRequest, form: str) -> HttpResponse:
    """The extension: GET what happened to reports, POST something more about one that the same key filed."""
    actor, area = _jurisdiction(request)
    if request.method == "GET":
        search = search_of({name: values[-1] for name, values in _sent(request).items()}, clock.now())
        return answer(form, "service_request_updates", public.list_updates(actor, area_code=area.code, search=search))
    key = _key(request, area)
    number = _words(request, "service_request_id")
    if not number:
        raise Wrong("service_request_id was not provided")
    if not _words(request, "description"):
        raise Wrong("description was not provided")
    try:
        told = public.get_public(actor, area_code=area.code, number=number)
        update = _words(request, "update_id")
        is_new = add_update(
            actor=actor, key=key, report=told.report, text=_words(request, "description"), client_key=update
        )
    except NotFound as error:
        raise Wrong("service_request_id provided was not found among those of this api_key", 404) from error
    except Refusal as error:
        return _refused(form, error)
    body = [{"update_id": update or None, "service_request_id": told.report.number}]
    return answer(form, "service_request_updates", body, 201 if is_new else 200)
