"""All settings, in the order of Django's documentation. They come from the environment alone.

`.env.example` lists every variable with its meaning; `make run` needs none of them.
"""

import zoneinfo

# First of all (TZ1): zone rules come from the pinned `tzdata` package, never from the system,
# whose copy may not know that British Columbia stopped changing its clocks in 2026.
zoneinfo.reset_tzpath(to=())

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from cop.core.broker import broker_url, redis_database
from cop.core.logs import logging_config
from cop.core.storage_settings import UPLOAD_HANDLERS, file_storage

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")
# The state of this checkout: database, uploads, mailbox, logs.
VAR_DIR = Path(env("VAR_DIR", default="") or BASE_DIR / "var")
if not env("DATABASE_URL", default=""):
    # Written by `make run`: the addresses of the embedded services of this checkout.
    environ.Env.read_env(VAR_DIR / "run" / "local.env")

# --- Core ---------------------------------------------------------------------------------
# The one-click sign-in and the local mailbox of `make run`. Never on a server: cop.E010.
LOCAL_MODE = env.bool("LOCAL_MODE", default=False)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is empty. Start with `make run`, which makes its own, or set a long random "
        "value in .env (docs/OPERATING.md)."
    )
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
SITE_NAME = env("SITE_NAME", default="Communities of Practice")
SITE_URL = env("SITE_URL", default="http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
INSTALLED_APPS = [
    "cop.core",
    "outbox",
    "members",
    "surveys",
    "meetings",
    "library",
    "discussions",
    "newsletter",
    "cop",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "cop.desk_app.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]
MIDDLEWARE = [
    "cop.middleware.FrontDoorMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "cop.core.logs.RequestLogMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "members.middleware.LocaleAndZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "members.middleware.StaffSessionMiddleware",
    "members.middleware.MemberViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cop.middleware.PrivatePagesMiddleware",
    "cop.middleware.StorageTroubleMiddleware",
]
ROOT_URLCONF = "cop.urls"
WSGI_APPLICATION = "cop.wsgi.application"
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# The path of Django admin, for whoever wants to hide the door as well as lock it.
DESK_PATH = env("DESK_PATH", default="desk").strip("/")

# --- Databases ----------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default="postgres://cop@localhost/cop")}
DATABASES["default"] |= {
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
    "CONN_HEALTH_CHECKS": True,
    "ATOMIC_REQUESTS": False,
}
DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
    "options",
    # A web request gives up after 10 s; `worker` and `beat` set their own, longer bound.
    f"-c statement_timeout={env.int('STATEMENT_TIMEOUT_MS', default=10_000)}"
    " -c idle_in_transaction_session_timeout=30000 -c lock_timeout=3000 -c timezone=UTC",
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache, sessions, Celery --------------------------------------------------------------
REDIS_URL = env("REDIS_URL", default="redis://localhost:6379")
CACHES = {
    "default": {
        "BACKEND": "cop.core.cache.ForgivingRedisCache",
        "LOCATION": redis_database(REDIS_URL, 1),
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
}
# Sessions live in the database: a flushed cache signs nobody out.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 90 * 24 * 3600
CELERY_BROKER_URL = broker_url(REDIS_URL)

# --- E-mail -------------------------------------------------------------------------------
EMAIL_USE_TLS = EMAIL_USE_SSL = False
vars().update(env.email_url("EMAIL_URL", default="smtp://localhost:2525"))
EMAIL_TIMEOUT = 60
# Who the mail is from, and the postal address that the law asks for under each newsletter.
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
POSTAL_ADDRESS = env("POSTAL_ADDRESS", default="")
# Where mail that cannot be delivered comes back to, and what tells this installation from a copy.
BOUNCE_ADDRESS = env("BOUNCE_ADDRESS", default="")
BOUNCE_MAILBOX_URL = env("BOUNCE_MAILBOX_URL", default="")
# Where the answers of calendars go (accept, decline), and its mailbox.
REPLY_ADDRESS = env("REPLY_ADDRESS", default="")
REPLY_MAILBOX_URL = env("REPLY_MAILBOX_URL", default="")
# provider=secret,...: who may tell us of bounces and complaints (outbox/providers.py).
MAIL_EVENTS = env.dict("MAIL_EVENTS", default={})
ENVIRONMENT_ID = env("ENVIRONMENT_ID", default="")
MAIL_DOMAIN = env("MAIL_DOMAIN", default="") or DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")

# --- Files --------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))()
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(VAR_DIR / "media"))()
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_HANDLERS = UPLOAD_HANDLERS
STORAGE_URL = env("STORAGE_URL", default="")  # see cop/core/storage_settings.py
STORAGES = {
    "default": file_storage(STORAGE_URL),
    "staticfiles": {
        "BACKEND": env(
            "STATICFILES_STORAGE",
            default="django.contrib.staticfiles.storage.StaticFilesStorage",
        )
    },
}
# Serve straight from static/ while developing; a server runs collectstatic in its image.
WHITENOISE_USE_FINDERS = LOCAL_MODE or DEBUG
WHITENOISE_AUTOREFRESH = LOCAL_MODE or DEBUG
# The malware scanner, as host:port of clamd. Empty: files are served as attachments only.
CLAMAV_ADDRESS = env("CLAMAV_ADDRESS", default="")
# The path under which the proxy hands uploads out. Empty, or with a bucket: we do it ourselves.
X_ACCEL_PREFIX = env("X_ACCEL_PREFIX", default="") if not STORAGE_URL else ""

# --- Time and language --------------------------------------------------------------------
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["cop.formats"]

# --- Templates and forms ------------------------------------------------------------------
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cop.context.site",
            ],
            "builtins": ["cop.core.templatetags.cop", "cop.core.templatetags.cop_text"],
        },
        "APP_DIRS": True,
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

# --- People and sign-in -------------------------------------------------------------------
AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{VALIDATORS}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{VALIDATORS}.CommonPasswordValidator"},
    {
        "NAME": f"{VALIDATORS}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "display_name")},
    },
]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "members.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_SIGNUP_FORM_CLASS = "members.signup_fields.SignupFields"
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "website"
ACCOUNT_FORMS = {
    "login": "members.account_forms.PasswordForm",
    "request_login_code": "members.account_forms.RequestCodeForm",
    "signup": "members.account_forms.NewAccountForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 10 * 60
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SITE_URL.startswith("https://") else "http"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOCAL_MODE
# How many proxies stand in front and may be believed about the visitor's address.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
# Staff sessions (ASVS 7.3): minutes without a click, hours in all.
STAFF_IDLE_MINUTES = 30
STAFF_SESSION_HOURS = 12

# --- Security -----------------------------------------------------------------------------
IS_HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Logs and errors ----------------------------------------------------------------------
LOG_LEVEL = env("LOG_LEVEL", default="INFO")
LOGGING_CONFIG = None
logging_config(level=LOG_LEVEL, as_json=not LOCAL_MODE and not DEBUG)
