"""Lets the waiting of a new route or contact begin when the notice of it has reached an independent contact."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from domain.messages.messages import UNDER_WAY, MessageState, Template
from domain.safety.bindings import begins_with_notice
from domain.trust import Way
from store.messages.message_rows import Message
from store.people import accounts, authenticator_apps, contact_changes, contacts, passkeys, recovery_codes
from store.people.authenticator_apps import AuthenticatorApp
from store.people.contacts import ContactRecord
from store.people.passkeys import Passkey
from store.people.recovery_codes import RecoveryCode

_SUBJECTS = {
    Template.PASSKEY_BOUND: "passkey_id",
    Template.RECOVERY_CODES_MADE: "set_id",
    Template.AUTHENTICATOR_APP_BOUND: "app_id",
    Template.EMAIL_CHANGED: "contact_id",
}
"""The notices that tell of something new, and the value that names it."""

_Bound = Passkey | RecoveryCode | AuthenticatorApp | ContactRecord
_GONE_OUT = (MessageState.SENT, MessageState.GATHERED)


def follow(session: Session, message: Message, *, at: datetime) -> None:
    """Set from when the subject of a notice is established, after the notice was sent or its fate became known.

    If the notice has reached no independent contact and cannot any more, the SIM-swap window counts from the binding;
    with another passkey that guards the account, somebody has to confirm. What is established already stays so.
    """
    name = _SUBJECTS.get(Template(message.template)) if message.vouches else None
    account_id, subject_id = message.account_id, message.values.get(name or "")
    if account_id is None or subject_id is None or "cooling_off" not in message.values:
        return
    if accounts.get(session, account_id).disputed_since:
        return  # all waiting begins anew when the dispute ends
    row = _subject(session, account_id, message.template, subject_id)
    if row is None or row.way != Way.NOTICE or (row.established_from and row.established_from <= at):
        return
    siblings = _of_event(session, message)
    from_ = begins_with_notice(
        [sibling.settled_at if arrived(sibling) else None for sibling in siblings],
        cooling_off=_seconds(message, "cooling_off"),
    )
    if from_ and row.established_from:
        # A late report does not undo that the end of a dispute began the waiting anew.
        from_ = max(from_, row.established_from)
    way = Way.NOTICE
    if from_ is None and not any(_is_under_way(sibling) for sibling in siblings):
        is_guarded = passkeys.guards(session, account_id, now=at)
        way = Way.CONFIRMATION if is_guarded else Way.SIM_WINDOW
        # A host may tell of something long after it was bound; before, nobody could hear of it.
        heard_at = max(row.bound_at, message.created_at)
        from_ = None if is_guarded else heard_at + _seconds(message, "sim_swap_window")
    _establish(session, account_id, row, from_=from_, way=way)


def stop_waiting(session: Session, account_id: str, *, at: datetime) -> None:
    """Let nothing of an account become established while a dispute is open; `begin_anew` ends this."""
    for row in _rows(session, account_id):
        if (
            Way(row.way) in (Way.NOTICE, Way.SIM_WINDOW, Way.RECOVERED)
            and row.established_from
            and row.established_from > at
        ):
            _establish(session, account_id, row, from_=None, way=Way(row.way))


def begin_anew(
    session: Session, account_id: str, *, cooling_off: timedelta, sim_swap_window: timedelta, at: datetime
) -> None:
    """Let all waiting of an account begin anew, because a dispute has ended.

    What was told to nobody meanwhile, because its notice came back, waits as if there had been nobody to tell.
    """
    whole = max(cooling_off, sim_swap_window)
    waits = {Way.NOTICE: cooling_off, Way.SIM_WINDOW: sim_swap_window, Way.RECOVERED: whole}
    for row in _rows(session, account_id):
        if row.established_from and row.established_from <= at:
            continue
        way = _way_anew(session, account_id, row, at=at)
        if way and (way in waits or way != row.way):
            from_ = at + max(waits[way], _told_wait(session, account_id, row, way)) if way in waits else None
            _establish(session, account_id, row, from_=from_, way=way)


def _told_wait(session: Session, account_id: str, row: _Bound, way: Way) -> timedelta:
    """How long the notices of something new have promised its owner to wait, whatever the policy is now."""
    name = "sim_swap_window" if way is Way.SIM_WINDOW else "cooling_off"
    sent_notices = _notices_of(session, account_id, row)
    promised = (_seconds(message, name) for message in sent_notices if name in message.values)
    return max(promised, default=timedelta())


def _way_anew(session: Session, account_id: str, row: _Bound, *, at: datetime) -> Way | None:
    """How something becomes established after a dispute; None while its notice is under way, and begins the waiting."""
    if row.way != Way.NOTICE:
        return Way(row.way)
    sent_notices = _notices_of(session, account_id, row)
    if not sent_notices or any(map(arrived, sent_notices)):
        return Way.NOTICE
    if any(map(_is_under_way, sent_notices)):
        return None
    return Way.CONFIRMATION if passkeys.guards(session, account_id, now=at) else Way.SIM_WINDOW


def arrived(message: Message) -> bool:
    """Whether a notice reached its recipient, as far as is known: it went out, and no report says it was missed."""
    return message.state in _GONE_OUT and message.settled_at is not None and not message.is_missed


def _rows(session: Session, account_id: str) -> list[_Bound]:
    account = accounts.get(session, account_id)
    return [
        *passkeys.kept(session, account_id),
        *recovery_codes.other_sets(session, account_id, ""),
        *authenticator_apps.working(session, account_id),
        *(record for record in contacts.history(session, account) if record.ended_at is None),
    ]


def _subject(session: Session, account_id: str, template: str, subject_id: str) -> _Bound | None:
    if template == Template.PASSKEY_BOUND:
        return passkeys.find_kept(session, account_id, subject_id)
    if template == Template.RECOVERY_CODES_MADE:
        return recovery_codes.working_set(session, account_id, subject_id)
    if template == Template.AUTHENTICATOR_APP_BOUND:
        return authenticator_apps.find(session, account_id, subject_id)
    return contacts.get(session, subject_id)


def _establish(
    session: Session,
    account_id: str,
    row: _Bound,
    *,
    from_: datetime | None,
    way: Way,
) -> None:
    match row:
        case Passkey():
            passkeys.establish(session, row, from_=from_, way=way)
        case RecoveryCode():
            recovery_codes.establish(session, account_id, row.set_id, from_=from_, way=way)
        case AuthenticatorApp():
            authenticator_apps.establish(session, row, from_=from_, way=way)
        case ContactRecord():
            contact_changes.establish(session, row, from_=from_, way=way)


def _of_event(session: Session, message: Message) -> Sequence[Message]:
    """The notices of the same event at independent contacts."""
    event = message.key.rpartition(":")[0]
    query = select(Message).where(
        Message.account_id == message.account_id,
        Message.template == message.template,
        col(Message.vouches).is_(True),
        col(Message.key).startswith(f"{event}:", autoescape=True),
    )
    return session.exec(query).all()


def _notices_of(session: Session, account_id: str, row: _Bound) -> list[Message]:
    """The notices at independent contacts that told of a new route or contact."""
    ids = [getattr(row, name) for name in _SUBJECTS.values() if hasattr(row, name)]
    query = select(Message).where(
        Message.account_id == account_id,
        col(Message.vouches).is_(True),
        col(Message.template).in_(_SUBJECTS),
    )
    return [
        message
        for message in session.exec(query)
        if message.values.get(_SUBJECTS[Template(message.template)]) in ids
    ]


def _is_under_way(message: Message) -> bool:
    waits_for_others = message.state == MessageState.GATHERED and message.settled_at is None
    return message.state in UNDER_WAY or waits_for_others


def _seconds(message: Message, name: str) -> timedelta:
    return timedelta(seconds=int(message.values[name]))
