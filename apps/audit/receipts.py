"""Signed receipts: a record that its owner can show to somebody who trusts only the installation's public key."""

from collections.abc import Mapping
from typing import Any

from apps.audit import canonical, signing


def sign(record: Mapping[str, Any]) -> dict[str, Any]:
    """A receipt over a JSON-like record of a turn; `audit_verify --receipt` checks it offline.

    Raises `ValueError` or `TypeError` when the record is not JSON.
    """
    signer = signing.signer()
    signature = signer.sign(canonical.receipt_text(record=record, key_id=signer.key_id))
    return {
        "type": "openroute.receipt",
        "format": canonical.FORMAT,
        "key_id": signer.key_id,
        "record": dict(record),
        "signature": signature,
    }
