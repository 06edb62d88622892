from django.urls import include, path

from yijiaan.project.api import api
from yijiaan.project.health import healthz, readyz

# POST /api/v1/reports and /reports/batch are answered by the middleware cases.intake_views.FastDoor
urlpatterns = [
    path("api/v1/hotline/", include("yijiaan.connectors.hotline.urls")),
    path("open311/v2/", include("yijiaan.connectors.open311.urls")),
    path("ogc/", include("yijiaan.connectors.ogc.urls")),
    path("api/v1/sms/", include("yijiaan.connectors.sms.urls")),
    path("api/v1/", api.urls),
    path("healthz", healthz),
    path("readyz", readyz),
    path("", include("yijiaan.areas.urls")),
    path("", include("yijiaan.engines.files.urls")),
    path("", include("yijiaan.accounts.urls")),
    path("", include("yijiaan.registry.urls")),
    path("", include("yijiaan.knowledge.urls")),
    path("", include("yijiaan.cases.urls")),
    path("", include("yijiaan.safety.urls")),
    path("", include("yijiaan.patrols.urls")),
    path("", include("yijiaan.oneform.urls")),
    path("", include("yijiaan.connectors.urls")),
    path("", include("yijiaan.portal.urls")),
    path("", include("yijiaan.operations.urls")),
]

handler404 = "yijiaan.core.web.page_not_found"
handler500 = "yijiaan.core.web.server_error"
