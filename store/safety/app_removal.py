"""Takes an authenticator app out of use, whoever decided it: its owner, a successor, or the settling of a dispute."""

from datetime import datetime

from sqlmodel import Session

from domain.journal import Actor, EventKind
from domain.messages.messages import Template
from domain.safety.routes import require_route_without_app
from domain.trust import Bearer
from store.journeys import facts
from store.messages import notices
from store.people import authenticator_apps, journal, lineage, sessions
from store.people.accounts import Account
from store.people.authenticator_apps import AuthenticatorApp


def require_another_way(session: Session, app: AuthenticatorApp) -> None:
    """Raise LastRoute if removing the app leaves no proven way in that lasts."""
    if app.is_working:
        require_route_without_app(facts.read(session, app.account_id))


def carry_out(
    session: Session,
    account: Account,
    app: AuthenticatorApp,
    bearer: Bearer | None,
    /,
    *,
    at: datetime,
    actor: Actor,
    **detail: str,
) -> None:
    """Remove the app, tell the owner, and end its sessions and all that goes back to them.

    `bearer` is the session that removes it, `detail` further fields of the journal entry.
    """
    app_id, gone = app.app_id, lineage.of_app(session, app).session_ids
    if bearer and bearer.session_id:
        gone.discard(bearer.session_id)  # unless it signed in by this very app
    authenticator_apps.remove(
        session,
        app,
        at=at,
        removed_in=bearer.session_id if bearer else None,
        removed_as=bearer.assurance if bearer else None,
    )
    sessions.end_these(session, gone, at=at)
    sessions.end_of_app(session, app_id, at=at)
    kind, account_id = EventKind.AUTHENTICATOR_APP_REMOVED, account.account_id
    journal.append(session, account_id, kind, at=at, actor=actor, app_id=app_id, **detail)
    template, values = Template.AUTHENTICATOR_APP_REMOVED, {"app_id": app_id}
    notices.tell(session, account, template, event=app_id, at=at, values=values, by=bearer)
