"""Runs all checks over the companies of an installation, at one moment and in bounded memory."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from apps.audit import selectors as trail
from apps.audit import services as audit
from apps.audit.chaincheck import Report
from apps.budgets import selectors as budgets
from apps.budgets.values import Money
from apps.chat import selectors as chat
from apps.chat.values import MessageFacts
from apps.core.reading import one_moment
from apps.domain.ids import INSTALLATION, TenantId, TurnId
from apps.operations.verifying import jobs, messages, owners, periods
from apps.operations.verifying.bills import Bills
from apps.operations.verifying.findings import Finding, Violation
from apps.operations.verifying.turns import Case, answered, attempted, booked, recorded, settled
from apps.turns import selectors as turns
from apps.turns.selectors import TurnFacts

PER_TURN: Final[Mapping[str, Callable[[Case], Iterator[str]]]] = {
    "turns in the audit trail": recorded,
    "attempts": attempted,
    "reservations": settled,
    "ledger": booked,
    "answers": answered,
}


@dataclass(frozen=True, slots=True)
class Company:
    """Whom to look at, and how output names it."""

    id: TenantId
    slug: str


def verify(companies: Sequence[Company], *, now: datetime, bills: Bills | None, whole: bool) -> Iterator[Finding]:
    """Every check on every company, each finding as soon as it is known.

    Args:
        whole: these are all companies, so that a bill for none of their turns is a violation.
    """
    for company in companies:  # a chain is verified as it grows; its verifier knows what is written meanwhile
        yield _chain(company)
    with one_moment():
        alive = owners.heartbeats()
        for company in companies:
            yield from _company(company, now, alive, bills)
    if bills is not None:
        finding = Finding("all", "bills", "bills", bills.count)
        finding.add(bills.twice)
        finding.add(bills.unknown() if whole else ())
        yield finding


def _chain(company: Company) -> Finding:
    report = audit.check(tenant=company.id)
    if not report.intact:  # a checkpoint that was signed while the last entries were read is no finding
        report = audit.check(tenant=company.id)
    return _chain_finding(company, report)


def _chain_finding(company: Company, report: Report) -> Finding:
    finding = Finding(company.slug, "audit chain", "entries", report.entries)
    finding.add(Violation(problem.where, f"{problem.detail} [{problem.code}]") for problem in report.problems)
    finding.count += report.uncounted
    return finding


def _company(company: Company, now: datetime, alive: Mapping[UUID, datetime], bills: Bills | None) -> Iterator[Finding]:
    if company.id != INSTALLATION:
        yield from _turns(company, now, alive, bills)
        yield _orphans(company)
        for check, what, look in (
            ("budget periods", "periods", periods.check),
            ("messages", "messages", messages.check_messages),
            ("labels of conversations", "conversations", messages.check_conversations),
            ("outbox", "documents", messages.check_outbox),
        ):
            finding = Finding(company.slug, check, what)
            look(company.id, finding)
            yield finding
    finding = Finding(company.slug, "jobs", "jobs")
    jobs.check(company.id, finding, now)
    yield finding


def _turns(company: Company, now: datetime, alive: Mapping[UUID, datetime], bills: Bills | None) -> Iterator[Finding]:
    """One pass over the turns feeds every check that concerns a turn."""
    found = {check: Finding(company.slug, check, "turns") for check in (*PER_TURN, "open turns")}
    if bills is not None:
        found["ledger against bills"] = Finding(company.slug, "ledger against bills", "turns")
    for batch in turns.facts(company.id):
        for case in _cases(company.id, batch):
            subject = f"turn {case.turn.id}"
            told = {check: look(case) for check, look in PER_TURN.items()}
            told["open turns"] = _open(company.id, case.turn, now, alive)
            if bills is not None:
                told["ledger against bills"] = bills.compare(case)
            for check, sentences in told.items():
                found[check].looked += 1
                found[check].add(Violation(subject, sentence) for sentence in sentences)
    yield from found.values()


def _open(tenant: TenantId, turn: TurnFacts, now: datetime, alive: Mapping[UUID, datetime]) -> Iterator[str]:
    if turn.is_open and (sentence := owners.abandoned(turn, tenant, alive, now)):
        yield sentence


def _cases(tenant: TenantId, batch: Sequence[TurnFacts]) -> Iterator[Case]:
    ids = [turn.id for turn in batch]
    money, kinds = budgets.money_of(tenant, ids), trail.kinds_of(tenant, [str(turn) for turn in ids], noun="turn")
    said, talks = _messages(tenant, ids), {turn.conversation for turn in batch if turn.conversation is not None}
    owned = chat.owners_of(talks)
    for turn in batch:
        yield Case(
            turn=turn,
            money=money.get(turn.id, Money()),
            kinds=kinds[str(turn.id)],
            messages=said.get(turn.id, ()),
            conversation_exists=turn.conversation is not None and owned.get(turn.conversation) == tenant,
        )


def _messages(tenant: TenantId, ids: Collection[TurnId]) -> Mapping[TurnId, Sequence[MessageFacts]]:
    found: dict[TurnId, list[MessageFacts]] = {}
    for batch in chat.message_facts(tenant, ids):
        for message in batch:
            if message.turn is not None:
                found.setdefault(message.turn, []).append(message)
    return found


def _orphans(company: Company) -> Finding:
    """Reservations, entries and attempts whose turn the company does not have."""
    finding = Finding(company.slug, "rows without a turn", "batches")
    for named in (budgets.turns_with_money(company.id), turns.turns_with_attempts(company.id)):
        for batch in named:
            finding.looked += 1
            missing = sorted(batch - turns.known(company.id, batch))
            finding.add(
                Violation(f"turn {turn}", "Money or attempts are kept of it, and there is no such turn.")
                for turn in missing
            )
    return finding
