"""Verbs of identity: keys, sessions, passwords."""

from apps.identity.rights import grantable_scopes, key_record_is_usable
from apps.identity.secret_values import hash_key
from apps.identity.services.keys import (
    PutKey,
    ScopeNotPermitted,
    issue_api_key,
    put_api_key,
    revoke_api_key,
    rotate_api_key,
)
from apps.identity.services.passwords import change_password, check_strength
from apps.identity.services.sessions import end_all_sessions, end_session, remove_dead_sessions, sessions_of
from apps.identity.services.uses import flush_key_uses, note_key_use, record_refused_key

__all__ = [
    "PutKey",
    "ScopeNotPermitted",
    "change_password",
    "check_strength",
    "end_all_sessions",
    "end_session",
    "flush_key_uses",
    "grantable_scopes",
    "hash_key",
    "issue_api_key",
    "key_record_is_usable",
    "note_key_use",
    "put_api_key",
    "record_refused_key",
    "remove_dead_sessions",
    "revoke_api_key",
    "rotate_api_key",
    "sessions_of",
]
