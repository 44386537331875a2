"""How many failed sign-ins are left, and when a lock ends. The counting itself is allauth's, in the cache.

The key of an account is company and e-mail as they were typed, so that a lock looks the same whether they exist or not.
"""

import math
import time
from typing import Final

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest

from apps.core.crypto import keyed_hash

APP: Final = "allauth.account"
FAILED: Final = "login_failed"


def account_key(company: str, email: str) -> str:
    """What identifies an account for counting."""
    return f"{company.lower()}:{email.strip().lower()}"


def locked_for_s(request: HttpRequest, key: str) -> int:
    """Seconds until a try counts again; 0 when it does now. At most 15 minutes, by the configured rates."""
    now, wait = time.time(), 0.0
    for rate in ratelimit.get_rates(app=APP, action=FAILED):
        stored = ratelimit.get_cache_key(request, app=APP, action=FAILED, rate=rate, key=key)
        living = [at for at in cache.get(stored, []) if at > now - rate.duration]  # the newest first
        if len(living) >= rate.amount:
            wait = max(wait, living[rate.amount - 1] + rate.duration - now)
    return math.ceil(wait)


def is_new_lock(key: str, seconds: int) -> bool:
    """True once per lock, for its record."""
    return bool(cache.add(f"openroute:lock:{keyed_hash('login', key)}", True, seconds))
