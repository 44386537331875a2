"""Sign-in, sessions and API keys. Local accounts go through django-allauth, scoped to one company per request."""

from openroute_site.settings.environment import BASE_DIR, env, secret

IDENTITY_APPS = ["allauth", "allauth.account"]
IDENTITY_MIDDLEWARE = [
    "django.middleware.locale.LocaleMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.identity.middleware.TenantContext",
]
AUTHENTICATION_BACKENDS = ["apps.identity.backends.CompanyBackend"]

# The row of a session is the session: deleting it is the revocation (promise P02). Its key is kept as a hash only.
# The cookie has no age of its own, so that use can prolong a session without sending a new cookie.
SESSION_ENGINE = "apps.identity.session_store"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
OPENROUTE_SESSION_IDLE_S = env.int("SESSION_IDLE_SECONDS", default=2 * 60 * 60)
OPENROUTE_SESSION_MAX_S = env.int("SESSION_MAX_SECONDS", default=24 * 60 * 60)

LOGIN_URL = "/accounts/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/accounts/"

ACCOUNT_ADAPTER = "apps.identity.adapter.CompanyAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # nobody signs up; allauth's checks want the sign-in field named
ACCOUNT_EMAIL_VERIFICATION = "none"  # people are created by their company, which vouches for the address
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_AUTHENTICATED_LOGIN_REDIRECTS = False  # a sign-in is always tried, also over an existing session
ACCOUNT_RATE_LIMITS = {
    "login_failed": "20/m/ip,5/15m/key",  # failed tries; the key is company and e-mail, whether they exist or not
    "change_password": "5/15m/key",
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "apps" / "identity" / "locale"]
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

OPERATOR_PASSWORD = secret("OPERATOR_PASSWORD")  # what `create_operator` gives; empty: it makes one
