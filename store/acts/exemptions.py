"""Grants, renews, reviews and ends exemptions: the register, what journeys read, and the journal in one transaction."""

from datetime import timedelta

from sqlmodel import Session

from domain.desk.acts import ActRefused
from domain.desk.exemptions import ExemptionEnd, clean_evidence, require_granted
from domain.facts import SmsState
from domain.journal import Actor, EventKind
from store.acts.orders import ActOrder, Deed, signed, write_down
from store.journeys import sms
from store.people import accounts, exemptions
from store.people.exemptions import Exemption, Grant


def exempt(session: Session, deed: Deed) -> None:
    """Send no reminders, and keep text-message codes on, until the exemption ends."""
    _grant(session, deed, EventKind.EXEMPTED)


def renew(session: Session, deed: Deed) -> None:
    """Let another exemption take the place of the one that lasts, by all the rules of its basis."""
    _grant(session, deed, EventKind.EXEMPTION_RENEWED)


def review(session: Session, deed: Deed) -> None:
    """Note that an exemption was looked at and stays; it ends when it would have ended."""
    row = _open(session, deed)
    exemptions.note_review(session, row, at=deed.at)
    write_down(session, deed, EventKind.EXEMPTION_REVIEWED, exemption_id=row.exemption_id)


def end(session: Session, deed: Deed) -> None:
    """End an exemption: the journey goes on."""
    account = accounts.get(session, deed.order.account_id)
    by = deed.order.author.mark
    exemption_id = exemptions.end(session, account, ExemptionEnd.ENDED, at=deed.at, by=by)
    write_down(session, deed, EventKind.EXEMPTION_ENDED, exemption_id=exemption_id)


def require_exemption(deed: Deed) -> Grant:
    """What is granted. Raises ActRefused if the basis, the length or the evidence is missing or not allowed."""
    order = deed.order
    evidence = clean_evidence(order.evidence)
    basis = require_granted(order.basis, order.days, evidence)
    asked_by, approved_by = _who(order)
    return Grant(
        basis=basis,
        reason=order.reason,
        evidence=evidence,
        asked_by=asked_by,
        approved_by=approved_by,
        expires_at=deed.at + timedelta(days=order.days),
    )


def _grant(session: Session, deed: Deed, kind: EventKind) -> None:
    grant = require_exemption(deed)
    if deed.subject.facts.sms is not SmsState.ON:
        sms.restore(
            session,
            deed.order.account_id,
            at=deed.at,
            actor=Actor.STAFF,
            reason="exempted",
            **signed(deed.order),
        )
    account = accounts.get(session, deed.order.account_id)
    account.stuck_since = account.stuck_reason = None
    row = exemptions.add(session, account, grant, at=deed.at)
    said = {"days": deed.order.days, "rest": grant.basis.code, "exemption_id": row.exemption_id}
    write_down(session, deed, kind, **said)


def _who(order: ActOrder) -> tuple[str, str | None]:
    """Who asked, and who approved it, if it took two: then the author is who approves."""
    author = order.author
    return (author.together_with, author.mark) if author.together_with else (author.mark, None)


def _open(session: Session, deed: Deed) -> Exemption:
    row = exemptions.find_open(session, deed.order.account_id)
    if row is None or row.expires_at <= deed.at:
        raise ActRefused("They are not exempt.")
    return row
