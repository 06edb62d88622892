"""All settings, from the environment through typed readers. `docs/deployment.md` lists the variables."""

from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from yijiaan.project import environment as env

PACKAGE = Path(__file__).resolve().parents[1]
ROOT = PACKAGE.parents[1]
VAR = env.path("YIJIAAN_VAR", ROOT / "var")  # database, files, keys of this installation
DEBUG = env.flag("YIJIAAN_DEBUG")
TESTING = env.flag("YIJIAAN_TESTING")
KEYS_FILE = env.path("YIJIAAN_KEYS_FILE", VAR / "keys.json")  # sealing keys, 0600, made at first run

FOR_TESTS = "only-for-tests"
SECRET_KEY = env.secret("YIJIAAN_SECRET_KEY", VAR / "secret_key") or (FOR_TESTS if TESTING or DEBUG else "")
if env.text("YIJIAAN_SECRET_KEY") == FOR_TESTS and not (TESTING or DEBUG):
    raise ImproperlyConfigured("YIJIAAN_SECRET_KEY is the one of the tests: everybody knows it")
if not SECRET_KEY:
    raise ImproperlyConfigured("no secret key: set YIJIAAN_SECRET_KEY, or start once with ./run, which makes one")

ALLOWED_HOSTS = env.words("YIJIAAN_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("YIJIAAN_ORIGINS")
HTTPS = env.flag("YIJIAAN_HTTPS")
FRAME_ANCESTORS = env.words("YIJIAAN_FRAME_ANCESTORS")  # government apps that may embed the phone pages
DEMO_PERCENT = env.number("YIJIAAN_DEMO_PERCENT", 100, 1, 100)  # of the demo's cases; land and people are always whole
HOME_AREA = env.text("YIJIAAN_HOME_AREA", "370812102")  # the area of a report that comes by no other door
ACCEL_PREFIX = env.text("YIJIAAN_ACCEL_PREFIX")  # internal location of the proxy that serves stored files
METRICS_TOKEN = env.secret(
    "YIJIAAN_METRICS_TOKEN", VAR / "metrics_token"
)  # empty: this machine alone may read /metrics
PROXIES = env.networks("YIJIAAN_PROXIES")  # who may say in X-Forwarded-For where a request comes from
PRIVATE_TARGETS = env.networks("YIJIAAN_PRIVATE_TARGETS")  # private networks that SMS and webhooks may be sent into
BACKUP_FOLDER = env.path("YIJIAAN_BACKUP_FOLDER", VAR / "backups")
BACKUP_NIGHTLY = env.number("YIJIAAN_BACKUP_NIGHTLY", 0, 0, 366)  # how many nightly backups to keep; 0: make none
BACKUP_PASSPHRASE = env.secret("YIJIAAN_BACKUP_PASSPHRASE", VAR / "backup_passphrase")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "django_linear_migrations",
    "template_partials",
    "lucide",
    "csp",
    "procrastinate.contrib.django",
    "yijiaan.ui",
    "yijiaan.engines.jobs",
    "yijiaan.engines.journal",
    "yijiaan.engines.worktime",
    "yijiaan.engines.todos",
    "yijiaan.engines.numbering",
    "yijiaan.engines.files",
    "yijiaan.engines.notices",
    "yijiaan.engines.texts",
    "yijiaan.engines.tabular",
    "yijiaan.engines.checklists",
    "yijiaan.areas",
    "yijiaan.accounts",
    "yijiaan.registry",
    "yijiaan.knowledge",
    "yijiaan.cases",
    "yijiaan.safety",
    "yijiaan.patrols",
    "yijiaan.oneform",
    "yijiaan.insight",
    "yijiaan.connectors",
    "yijiaan.portal",
    "yijiaan.operations",
    "yijiaan.demo",
]
MIDDLEWARE = [
    "yijiaan.operations.counters.CountRequests",
    "yijiaan.project.proxies.RealAddress",
    "yijiaan.core.web.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "yijiaan.core.web.BoundsMiddleware",
    "yijiaan.cases.intake_views.FastDoor",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "yijiaan.portal.outbox.SealedDoor",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "yijiaan.accounts.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "yijiaan.accounts.doors.PublicDoors",
    "yijiaan.accounts.step_up.StepUpMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "yijiaan.core.web.RefusalMiddleware",
]
ROOT_URLCONF = "yijiaan.project.urls"
WSGI_APPLICATION = "yijiaan.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["django.templatetags.static", "yijiaan.ui.templatetags.kit"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "yijiaan.ui.context.shell",
            ],
        },
    }
]

_database = {
    "ENGINE": "yijiaan.core.postgresql",
    "DISABLE_SERVER_SIDE_CURSORS": True,
    **env.database("DATABASE_URL"),
}
_options = {"server_side_binding": True, "prepare_threshold": 5, "application_name": "yijiaan", **_database["OPTIONS"]}  # type: ignore[dict-item]
if not TESTING:
    _threads = env.number("YIJIAAN_THREADS", 8, 1, 64)
    _options["pool"] = {
        "min_size": 1,
        "max_size": _threads + 2,
        "timeout": 20,
        "max_idle": 120,
    }
_database["OPTIONS"] = _options
# "numbers" is a second connection to the same database: blocks of numbers are taken outside the deed's transaction
DATABASES = {
    "default": _database,
    "numbers": {**_database, "TEST": {"MIRROR": "default"}},
}
DATABASE_ROUTERS = ["yijiaan.engines.numbering.router.OneDatabase"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"  # each app's jobs.py

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["yijiaan.accounts.signin.NameOrPhone"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "yijiaan.accounts.signin.NotTheName"},
]
# PBKDF2 rounds cost seconds in a suite that signs in hundreds of times
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher" if TESTING else "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
VERIFY_SAMPLE_PERCENT = env.number("YIJIAAN_VERIFY_SAMPLE_PERCENT", 0 if TESTING else 10, most=100)  # of finished cases
# ask for the password once more when it was not given within ten minutes: what is sealed, and settings of the administrators
STEP_UP_VIEWS = [
    "cases:call_phone",
    "cases:see_reporter",
    "cases:see_source",
    "accounts:new_person",
    "accounts:change_person",
    "accounts:appoint",
    "accounts:end_post",
    "accounts:reset_factor",
    "accounts:reset_password",
    "accounts:set_active",
    "accounts:end_sessions",
    "accounts:role",
    "portal:calendar",
    "portal:choose_preset",
    "portal:add_preset",
    "portal:new_setting",
    "portal:setting",
    "portal:setting_deed",
    "operations:set_retention",
    "connectors:sms_settings",
    "connectors:webhook_edit",
    "connectors:open311_edit",
]
# per cent of the limits below; 0 switches them off
PUBLIC_LIMITS = env.number("YIJIAAN_PUBLIC_LIMITS", 0 if TESTING else 100, 0, 100_000_000)
# how often one may send something at a public door within ten minutes: an address (a village may stand behind it), a device
PUBLIC_DOORS = {
    "cases:report": (300, 12),
    "cases:source_report": (300, 12),
    "portal:plate_call_back": (300, 12),
    "portal:plate_called": (600, 30),
    "cases:find": (300, 20),
    "operations:new_opinion": (300, 12),
    "operations:opinion_by_code": (300, 12),
    "cases:rate": (300, 12),
    "cases:add_photos": (300, 20),
    "cases:withdraw": (300, 12),
    "cases:urge_own": (300, 12),
    "cases:reopen_own": (300, 12),
    "cases:answer_own": (300, 12),
    "cases:reply_own": (300, 12),
    "cases:appeal_own": (300, 12),
    "portal:outbox_piece": (6000, 900),
    "portal:outbox_sync": (600, 60),
    "api:add_photo": (600, 0),
    "api:rate": (300, 0),
    "api:withdraw": (300, 0),
    "api:urge_own": (300, 0),
    "api:reopen_own": (300, 0),
    "api:answer_own": (300, 0),
    "api:appeal_own": (300, 0),
    "api:create_report": (300, 0),  # without a token
}
LOGIN_URL = "/signin/"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "yijiaan.portal.views.csrf_failure"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": FRAME_ANCESTORS or [NONE],
    }
}

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

FORM_RENDERER = "yijiaan.ui.drawn_forms.DrawnForms"
EXPORTS = env.path("YIJIAAN_EXPORTS", VAR / "exports")  # lists written for somebody, gone after some days
STATIC_URL = "/static/"
STATIC_ROOT = env.path("YIJIAAN_STATIC_ROOT", VAR / "static")
NODE_MODULES = ROOT / "node_modules"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "yijiaan.ui.assets.NodeFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "yijiaan.ui.assets.Storage"
    },
}
# ours beside whitenoise's own: compressing ten megabytes of type takes longer than everything else, for no browser
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("jpg", "jpeg", "png", "gif", "webp", "zip", "gz", "br", "woff", "woff2", "ttf")
MEDIA_ROOT = env.path("YIJIAAN_FILES", VAR / "files")
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "yijiaan.core.logs.JsonLine"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["out"], "level": env.text("YIJIAAN_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"handlers": [], "propagate": True},
        "procrastinate": {"level": "WARNING"},
    },
}
