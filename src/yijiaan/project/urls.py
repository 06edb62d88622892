from django.urls import include, path

from yijiaan.cases.intake_views import create_report, create_reports
from yijiaan.project.api import api
from yijiaan.project.health import healthz, readyz

urlpatterns = [
    path("api/v1/reports", create_report, name="create_report"),
    path("api/v1/reports/batch", create_reports, name="create_reports"),
    path("api/v1/", api.urls),
    path("healthz", healthz),
    path("readyz", readyz),
    path("", include("yijiaan.areas.urls")),
    path("", include("yijiaan.engines.files.urls")),
    path("", include("yijiaan.accounts.urls")),
    path("", include("yijiaan.cases.urls")),
    path("", include("yijiaan.portal.urls")),
]

handler404 = "yijiaan.core.web.page_not_found"
handler500 = "yijiaan.core.web.server_error"
