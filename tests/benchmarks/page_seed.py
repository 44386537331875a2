"""Run by `bench_page` inside the server's settings: conversations to read, written straight into the tables."""

import json
from datetime import datetime, timedelta
from os import urandom

from apps.chat.models import Conversation, Message
from apps.core import clock, db
from apps.core.tenancy import use_tenant
from apps.domain.ids import TenantId, uuid7
from apps.tenants import selectors as tenants

QUESTION = "What should the branch in Lisbon know about the new rules, number {n}?"
ANSWER = """## Rules, number {n}

The rules of **section {n}** apply from the first of the month. They say three things:

1. Keep the *original* of each contract for ten years.
2. Report what is late within five days, to `reports@bank.example`.
3. Ask before anything is signed abroad.

| quarter | reports | late |
|---|---|---|
| 1 | 120 | 3 |
| 2 | 98 | 0 |

```python
def is_late(days: int) -> bool:
    return days > 5
```

> Whoever is not sure asks the legal department first.
"""


def conversation(tenant: TenantId, owner: int, title: str, messages: int, at: datetime) -> str:
    """One that alternates between questions and answers; its id."""
    row = Conversation(
        tenant_id=tenant, owner_id=owner, title=title, title_source="person", created_at=at, active_at=at, updated_at=at
    )
    rows: list[Message] = []
    began_ms = int(at.timestamp() * 1000)
    for n in range(messages):
        is_question = n % 2 == 0
        text = (QUESTION if is_question else ANSWER).format(n=n // 2 + 1)
        rows.append(
            Message(
                id=uuid7(now_ms=began_ms + n, randomness=urandom(10)),  # the page reads their order from their ids
                tenant_id=tenant,
                conversation=row,
                parent=rows[-1] if rows else None,
                text=text,
                created_at=at,
                role="user" if is_question else "assistant",
                author_id=owner if is_question else None,
                model="" if is_question else "demo-mini",
                hosting="" if is_question else "commercial",
            )
        )
    row.leaf_id = rows[-1].pk
    row.save()
    Message.objects.for_tenant(tenant).bulk_create(rows, batch_size=200)
    return str(row.pk)


def seed() -> dict[str, object]:
    acme = tenants.tenant_by_slug("acme")
    assert acme is not None
    erin = tenants.person_by_email(acme.id, "erin@acme.example")
    assert erin is not None
    at = clock.now() - timedelta(hours=2)
    with use_tenant(acme.id), db.atomic():
        many = [conversation(acme.id, erin.id, f"Small talk {n}", 20, at - timedelta(minutes=n)) for n in range(50)]
        long = conversation(acme.id, erin.id, "Two hundred messages", 200, at + timedelta(minutes=30))
        huge = conversation(acme.id, erin.id, "A thousand messages", 1000, at + timedelta(minutes=31))
    return {"many": many, "long": long, "huge": huge}


print(json.dumps(seed()))
