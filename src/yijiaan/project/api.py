"""/api/v1: the routers of the apps, and the hand-made description of the two intake paths, which are plain views."""

from typing import Any

from ninja import NinjaAPI

from yijiaan.cases.api import cases, public
from yijiaan.core.web import ninja_handlers

REPORT_IN: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["text", "client_key"],
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": 2000, "description": "原话"},
        "client_key": {"type": "string", "format": "uuid", "description": "提交方生成，重发时不变"},
        "kind": {"type": "string", "enum": ["help", "complaint", "enquiry", "suggestion", "praise", "tip"]},
        "category": {"type": "string", "description": "小类代码，见 /categories"},
        "lon": {"type": "number"},
        "lat": {"type": "number"},
        "crs": {"type": "string", "enum": ["wgs84", "cgcs2000", "gcj02", "bd09"], "default": "cgcs2000"},
        "place": {"type": "string", "maxLength": 120},
        "plate": {"type": "string"},
        "reporter": {
            "type": "object",
            "properties": {"name": {"type": "string", "maxLength": 30}, "phone": {"type": "string"}},
        },
        "happened_at": {"type": "string", "format": "date-time"},
        "wish": {"type": "string", "maxLength": 200},
        "answers": {
            "type": "object",
            "description": "类别要问的（见 /categories 的 questions）：问题代码 → 答案。日期写 2026-11-23，照片题写随后上传的张数",
            "additionalProperties": True,
        },
    },
}
RECEIPT_OUT: dict[str, Any] = {
    "type": "object",
    "required": ["number", "tracking_code", "query_code", "status", "grid", "promised_at"],
    "properties": {
        "number": {"type": "string", "description": "编号，如 XY202611230041"},
        "tracking_code": {"type": "string", "description": "打开进度页的码"},
        "query_code": {"type": "string", "description": "六位数字，与编号一起查进度"},
        "status": {"type": "string"},
        "grid": {"type": "string", "description": "网格；定不到网格时是镇名"},
        "promised_at": {"type": "string", "format": "date-time", "description": "最晚首次联系时间"},
    },
}
PROBLEM = {
    "description": "没有受理，说明见 detail",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


INTAKE_PATHS: dict[str, Any] = {
    "/api/v1/reports": {
        "post": {
            "operationId": "create_report",
            "summary": "报一件事",
            "description": "不登录也能报；合作方带 Bearer 令牌。同一 client_key 再次提交，回答第一次的结果（200）。",
            "tags": ["诉求"],
            "security": [{}, {"PartnerToken": []}],
            "requestBody": {"required": True, **_json(REPORT_IN)},
            "responses": {
                "201": {"description": "已收到", **_json(RECEIPT_OUT)},
                "200": {"description": "重复提交，第一次的结果", **_json(RECEIPT_OUT)},
                "401": PROBLEM,
                "409": PROBLEM,
                "422": PROBLEM,
                "429": PROBLEM,
            },
        }
    },
    "/api/v1/reports/batch": {
        "post": {
            "operationId": "create_reports",
            "summary": "一次报多件",
            "description": "最多 500 件；逐件回答，次序不变；一件不对不影响其他。",
            "tags": ["诉求"],
            "security": [{}, {"PartnerToken": []}],
            "requestBody": {
                "required": True,
                **_json(
                    {
                        "type": "object",
                        "required": ["reports"],
                        "properties": {"reports": {"type": "array", "maxItems": 500, "items": REPORT_IN}},
                    }
                ),
            },
            "responses": {
                "200": {
                    "description": "每件的结果",
                    **_json(
                        {
                            "type": "object",
                            "properties": {
                                "results": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "properties": {
                                            "status": {"type": "integer"},
                                            "body": {
                                                "oneOf": [RECEIPT_OUT, {"$ref": "#/components/schemas/ProblemOut"}]
                                            },
                                        },
                                    },
                                }
                            },
                        }
                    ),
                },
                "401": PROBLEM,
                "422": PROBLEM,
                "429": PROBLEM,
            },
        }
    },
}

api = NinjaAPI(
    title="驿家安 API",
    version="1",
    description="诉求登记、查进度，以及工作人员对事件的动作。只增不改。",
    docs_url=None,
    urls_namespace="api",
    openapi_extra={
        "components": {"securitySchemes": {"PartnerToken": {"type": "http", "scheme": "bearer"}}},
    },
)
api.add_router("", public)
api.add_router("/cases", cases)
ninja_handlers(api)

_generated = api.get_openapi_schema


def _with_intake(*args: Any, **kwargs: Any) -> Any:
    schema = _generated(*args, **kwargs)
    schema["paths"] = {**INTAKE_PATHS, **schema["paths"]}
    return schema


api.get_openapi_schema = _with_intake  # type: ignore[method-assign]
