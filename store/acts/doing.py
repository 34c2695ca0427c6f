"""Carries orders out: locks the account, checks the rule, does it, and writes down who did it and why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from domain.desk.act_rules import Doer, require_allowed, takes_two
from domain.desk.acts import EXEMPTING, Act, ActRefused, ConsoleOnly
from domain.desk.exemptions import Bases, clean_evidence
from domain.desk.extensions import extension_after, longest_extension
from domain.journal import EventKind
from domain.staff.approvals import Decision, Hand
from domain.staff.reasons import clean_reason
from domain.staff.staff import AuditKind, Author, Role
from store.acts import again, corrections, decisions, endings, exemptions, rests, subjects
from store.acts.orders import ActOrder, Deed, write_down
from store.messages import caps, contact_faults
from store.people import accounts
from store.safety import rescues
from store.staff import audit, staff_requests
from store.staff.staff_requests import StaffRequest


def perform(session: Session, order: ActOrder, *, at: datetime) -> str | None:
    """Carry out an order, or request it of a second member: returns that request's id. Raises Unknown, Refused."""
    order = _cleaned(order)
    deed = _checked(session, order, at=at)
    if require_whole := _WHOLE.get(order.act):
        require_whole(deed)
    if _takes_two(deed):
        return _ask(session, deed)
    DEEDS[order.act](session, deed)
    _audit(session, deed, AuditKind.CASE_ACTED_ON)
    return None


def perform_as_two(session: Session, order: ActOrder, *, at: datetime) -> None:
    """Carry out an order whose author names the other member, on the machine itself. Raises Unknown, Refused."""
    if order.author.together_with in ("", order.author.mark):
        raise ActRefused("This takes two members of staff.")
    deed = _checked(session, _cleaned(order), at=at)
    DEEDS[order.act](session, deed)
    _audit(session, deed, AuditKind.CASE_ACTED_ON)


def perform_here(session: Session, order: ActOrder, *, at: datetime) -> None:
    """Carry out an order on the machine itself, whose author names a colleague where it takes two. Raises as above."""
    if order.author.together_with:
        perform_as_two(session, order, at=at)
    elif _takes_two(_checked(session, order, at=at)):
        raise ActRefused("This takes two members of staff: name the other one with --with.")
    else:
        perform(session, order, at=at)


def approve(
    session: Session,
    request_id: str,
    author: Author,
    hand: Hand,
    *,
    role: Role,
    at: datetime,
    rescue_delay: timedelta,
    bases: Bases,
) -> None:
    """Approve a request for an act as the second member, and carry it out. Raises Unknown, ApprovalRefused, ActRefused.

    The rule of the act is asked anew: much can have happened since it was asked for.
    """
    request = decisions.decide(session, request_id, author, hand, Decision.APPROVED, at=at)
    deed = _checked(session, _requested(request, author, role, bases), at=at)
    if deed.order.act is Act.ASK_FOR_RESCUE:
        rescues.open_(session, request, at=at, delay=rescue_delay, by=hand.staff_id)
    elif (
        deed.order.act is not Act.EXPORT
    ):  # what was allowed is written out when the member who asked fetches it
        DEEDS[deed.order.act](session, deed)


def _requested(request: StaffRequest, author: Author, role: Role, bases: Bases) -> ActOrder:
    return ActOrder(
        act=Act(request.act),
        account_id=request.account_id,
        author=decisions.both(author, request),
        role=role,
        reason=request.reason,
        days=request.days,
        basis=bases.find(request.rest),
        evidence=request.evidence,
        target=request.target,
    )


def _checked(session: Session, order: ActOrder, *, at: datetime) -> Deed:
    account = accounts.lock(session, order.account_id)
    if order.act is Act.SEND_AGAIN:
        caps.take_turn(session, contact_faults.contacts(account).values())
    subject = subjects.read(session, order.account_id, now=at)
    doer = Doer(role=order.role, is_by_key=order.author.key_id is not None)
    require_allowed(order.act, subject, doer, at, target=order.target)
    return Deed(order=order, subject=subject, at=at)


def _cleaned(order: ActOrder) -> ActOrder:
    return replace(order, reason=clean_reason(order.reason), evidence=clean_evidence(order.evidence))


def _takes_two(deed: Deed) -> bool:
    """Whether an order takes a second member: for what it does, for how long, or on which basis."""
    act, basis = deed.order.act, deed.order.basis
    by_basis = act in EXEMPTING and basis is not None and basis.takes_two
    return takes_two(act, deed.subject) or by_basis or _is_long(deed)


def _basis(order: ActOrder) -> str | None:
    return order.basis.code if order.basis else None


def _is_long(deed: Deed) -> bool:
    """Whether an order gives more time than one member gives alone."""
    order = deed.order
    if order.act is not Act.EXTEND:
        return False
    by = timedelta(days=order.days)
    return extension_after(deed.subject, by, deed.at) > longest_extension(order.role)


def _ask(session: Session, deed: Deed) -> str:
    order = deed.order
    if order.author.key_id:
        raise ConsoleOnly("This takes a second member of staff, so it is asked for at the console.")
    if order.hand is None:
        raise ActRefused(
            "This takes two members of staff, and nobody has joined yet. `offramp staff invite` invites them."
        )
    request = staff_requests.ask(
        session,
        order.hand,
        order.act,
        order.account_id,
        reason=order.reason,
        at=deed.at,
        days=order.days,
        rest=_basis(order),
        evidence=order.evidence,
        target=order.target,
    )
    request_id = request.request_id
    if order.act is Act.ASK_FOR_RESCUE:
        write_down(session, deed, EventKind.RESCUE_ASKED, request_id=request_id)
    _audit(session, deed, AuditKind.ASKED_FOR, request_id=request_id)
    return request_id


def _audit(session: Session, deed: Deed, kind: AuditKind, **detail: str) -> None:
    order = deed.order
    details = {"days": order.days, "rest": _basis(order), "target": order.target}
    filled: dict[str, Any] = {name: value for name, value in details.items() if value}
    audit.append(
        session,
        order.author,
        kind,
        at=deed.at,
        account_id=order.account_id,
        reason=order.reason,
        act=order.act,
        **filled,
        **detail,
    )


DEEDS: dict[Act, Callable[[Session, Deed], None]] = {
    Act.SEND_AGAIN: again.send,
    Act.PAUSE: rests.pause,
    Act.RESUME: rests.resume,
    Act.EXTEND: rests.extend,
    Act.END_EXTENSION: rests.end_extension,
    Act.EXEMPT: exemptions.exempt,
    Act.RENEW_EXEMPTION: exemptions.renew,
    Act.REVIEW_EXEMPTION: exemptions.review,
    Act.END_EXEMPTION: exemptions.end,
    Act.MARK_CONTACT_WRONG: corrections.mark_contact_wrong,
    Act.UNMARK_CONTACT: corrections.unmark_contact,
    Act.RESTORE_SMS: corrections.restore_sms,
    Act.REMOVE_DEVICE: corrections.remove_device,
    Act.LIFT_HOLD: corrections.lift_hold,
    Act.ASK_HOST_AGAIN: again.ask_host,
    Act.NOTE: corrections.note,
    Act.ERASE: endings.erase,
}

_WHOLE: dict[Act, Callable[[Deed], object]] = {
    Act.EXTEND: rests.require_extension,
    Act.EXEMPT: exemptions.require_exemption,
    Act.RENEW_EXEMPTION: exemptions.require_exemption,
    Act.REMOVE_DEVICE: corrections.require_device,
    Act.LIFT_HOLD: corrections.require_device,
    Act.ERASE: endings.require_wish,
}
"""What an order has to say, so that a colleague can approve it as it stands."""
