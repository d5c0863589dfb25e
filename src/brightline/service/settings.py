"""Django's settings. Everything that differs between installations is read from the environment or the data folder.

BRIGHTLINE_HOME  the data folder (see `home`)
DATABASE_URL     postgres://…, when the rows are kept in PostgreSQL
BRIGHTLINE_HOSTS the names under which the application is reached, separated by commas; localhost unless given
BRIGHTLINE_HTTPS 1 when it stands behind TLS: cookies and redirects then insist on it
BRIGHTLINE_DEMO  1 for invented requests and sign-in without a password; refused together with anything but loopback
BRIGHTLINE_PROXIES how many proxies of our own write X-Forwarded-For; 1 with BRIGHTLINE_HTTPS, else 0, unless given
BRIGHTLINE_OIDC  a JSON object for single sign-on: provider_id, name, client_id, secret, server_url; "second_factor": true when
                 the provider asks for one, so that we need not; "sign_in_at": […] origins other than that of server_url
BRIGHTLINE_EMAIL_BACKEND, BRIGHTLINE_EMAIL_FROM  Django's backend for e-mail, and the sender; none is sent unless given
BRIGHTLINE_AUDIT a folder with the report of an audit, shown to those who may see reports
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF

from brightline.service.home import home

HOME = home()
HERE = Path(__file__).parent
DEBUG = False
DEMO = os.environ.get("BRIGHTLINE_DEMO") == "1"
HTTPS = os.environ.get("BRIGHTLINE_HTTPS") == "1"
AUDIT = os.environ.get("BRIGHTLINE_AUDIT") or None
SECRET_KEY = HOME.secret("secret")
ALLOWED_HOSTS = [
    h.strip() for h in os.environ.get("BRIGHTLINE_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if h.strip()
]
CSRF_TRUSTED_ORIGINS = [f"https://{h}" for h in ALLOWED_HOSTS] if HTTPS else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "ninja",
    "brightline.service.record",
    "brightline.service.look",
    "brightline.service.people",
    "brightline.service.hooks",
    "brightline.service.gate",
]
MIDDLEWARE = [
    "brightline.service.look.faults.FaultsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "brightline.service.people.guard.GuardMiddleware",
]
API_MIDDLEWARE = [  # of the addresses under /api/, see `wsgi`
    "brightline.service.look.faults.FaultsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "brightline.service.people.guard.GuardMiddleware",
]
ROOT_URLCONF = "brightline.service.urls"
WSGI_APPLICATION = "brightline.service.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "look" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "brightline.service.look.context.everywhere",
            ],
        },
    }
]

# --- rows --------------------------------------------------------------------------------------------------------------

if os.environ.get("DATABASE_URL"):
    DATABASES = {"default": dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=None)}
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # statements that come again and again are planned once for each connection
    DATABASES["default"].setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=3)
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(HOME.database),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # FULL: what a COMMIT has answered survives a loss of power
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-16000; PRAGMA secure_delete=ON",
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "look_cache",
        # lock-outs are counted here: with Django's 300 entries a flood of addresses would push them out
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
USE_TZ = True
TIME_ZONE = "America/New_York"

# --- languages -----------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [str(HOME.words)]
FORMAT_MODULE_PATH = "brightline.service.look.formats"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True

# --- files that do not change ------------------------------------------------------------------------------------------------

CSRF_FAILURE_VIEW = "brightline.service.look.faults.stale_form"
STATIC_URL = "/static/"
STATIC_ROOT = None  # they are served from where they lie
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # no upload is ever written to a file
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
MOST_UPLOAD = 25 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # of a form without its files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400
DATA_UPLOAD_MAX_NUMBER_FILES = 5
FILE_UPLOAD_HANDLERS = ["brightline.service.look.uploads.Limited"]

# --- people --------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "brightline.service.people.adapter.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "brightline.service.people.adapter.SocialAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an administrator enters the addresses
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_RATE_LIMITS = {"login_failed": "5/10m/key,30/10m/ip", "login": "60/m/ip"}
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=72).total_seconds())  # of the links of invitations too
# behind a proxy every request comes from its address: the one that it saw is the last of X-Forwarded-For
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("BRIGHTLINE_PROXIES") or HTTPS)
MFA_ADAPTER = "brightline.service.people.adapter.MfaAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an administrator enters the addresses
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # of 30 seconds, for clocks that differ; no code works twice
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Brightline"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
OIDC_SECOND_FACTOR = False
OIDC_ORIGINS: list[str] = []  # where the form to sign in may lead; a browser asks the policy about redirects too
if os.environ.get("BRIGHTLINE_OIDC"):
    _oidc = json.loads(os.environ["BRIGHTLINE_OIDC"])
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": _oidc["provider_id"],
                "name": _oidc.get("name", _oidc["provider_id"]),
                "client_id": _oidc["client_id"],
                "secret": _oidc["secret"],
                "settings": {"server_url": _oidc["server_url"]},
            }
        ],
    }
    OIDC_SECOND_FACTOR = _oidc.get("second_factor") is True
    _server = urlsplit(_oidc["server_url"])
    OIDC_ORIGINS = [f"{_server.scheme}://{_server.netloc}", *_oidc.get("sign_in_at", [])]
SOCIALACCOUNT_AUTO_SIGNUP = False
EMAIL_BACKEND = os.environ.get("BRIGHTLINE_EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
DEFAULT_FROM_EMAIL = os.environ.get("BRIGHTLINE_EMAIL_FROM", "brightline@localhost")
SESSION_COOKIE_AGE = int(timedelta(hours=10).total_seconds())
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
IDLE = timedelta(minutes=30)

# --- headers ----------------------------------------------------------------------------------------------------------------

SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked on loopback, by what watches the process
SECURE_HSTS_SECONDS = 63072000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *OIDC_ORIGINS],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # a query or the name of a page could hold what is personal: neither is logged
    "loggers": {"django.request": {"level": "CRITICAL"}, "django.security": {"level": "CRITICAL"}},
}
