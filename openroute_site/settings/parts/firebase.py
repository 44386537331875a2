"""The mirror to Firestore; without a project it is off. Google's SDK reads GOOGLE_APPLICATION_CREDENTIALS itself."""

from typing import Any

from openroute_site.settings.environment import env

FIRESTORE_PROJECT = env.str("FIRESTORE_PROJECT", default="")
FIRESTORE_EMULATOR_HOST = env.str("FIRESTORE_EMULATOR_HOST", default="")
FIREBASE_WEB_CONFIG: dict[str, Any] = env.json("FIREBASE_WEB_CONFIG", default={})
