"""`offramp exemptions grant`, `renew`, `review` and `end`: by the rules of the desk, on the machine itself."""

from dataclasses import replace

from domain.desk.acts import Act, ActRefused
from domain.desk.exemptions import Basis
from domain.staff.staff import Author, Role
from offramp.clock import clock
from offramp.commands.case import on_this_machine
from offramp.commands.exemptions import account_of
from offramp.config.settings import Settings
from offramp.opening import opened_database, runnable_settings
from offramp.views.terminal import out
from services.staff import exemption_bases
from store import Session
from store.acts import doing, refusals
from store.acts.orders import ActOrder
from store.people import exemptions


def author(by: str, with_member: str = "") -> Author:
    """Who works on the machine, with the colleague who agrees, if it takes one."""
    return replace(on_this_machine(by), together_with=with_member.strip())


def grant(external_id: str, who: Author, *, basis: str, days: int, evidence: str, reason: str) -> None:
    """Exempt somebody. Raises Unknown, BadReason, ActRefused."""
    settings = runnable_settings()
    order = _order(Act.EXEMPT, who, reason, basis=_basis(settings, basis), days=days, evidence=evidence)
    _do(settings, external_id, order)
    out.print(f"exempted {external_id} for {days} days", markup=False)


def renew(external_id: str, who: Author, *, basis: str, days: int, evidence: str, reason: str) -> None:
    """Renew an exemption, on the same basis if none is named. Raises Unknown, BadReason, ActRefused."""
    settings = runnable_settings()
    with opened_database(settings) as database, database.reading() as session:
        code = basis or _present_basis(session, external_id)
    ground = _basis(settings, code) if code else None
    order = _order(Act.RENEW_EXEMPTION, who, reason, basis=ground, days=days, evidence=evidence)
    _do(settings, external_id, order)
    out.print(f"renewed the exemption of {external_id} for {days} days", markup=False)


def review(external_id: str, who: Author, *, reason: str) -> None:
    """Note a review. Raises Unknown, BadReason, ActRefused."""
    _do(runnable_settings(), external_id, _order(Act.REVIEW_EXEMPTION, who, reason))
    out.print(f"noted for {external_id}", markup=False)


def end(external_id: str, who: Author, *, reason: str) -> None:
    """End an exemption. Raises Unknown, BadReason, ActRefused."""
    _do(runnable_settings(), external_id, _order(Act.END_EXEMPTION, who, reason))
    out.print(f"ended the exemption of {external_id}", markup=False)


def _order(
    act: Act, who: Author, reason: str, *, basis: Basis | None = None, days: int = 0, evidence: str = ""
) -> ActOrder:
    return ActOrder(
        act=act,
        account_id="",
        author=who,
        role=Role.ADMIN,
        reason=reason,
        days=days,
        basis=basis,
        evidence=evidence,
    )


def _do(settings: Settings, external_id: str, order: ActOrder) -> None:
    with opened_database(settings) as database:
        with database.reading() as session:
            account_id = account_of(session, external_id).account_id
        whole, now = replace(order, account_id=account_id), clock()
        with refusals.acting(database, whole, at=now) as session:
            doing.perform_here(session, whole, at=now)


def _basis(settings: Settings, code: str) -> Basis:
    bases = exemption_bases.load(settings.exemption_bases)
    basis = bases.find(code)
    if basis is None:
        raise ActRefused(f"There is no basis {code}; there are {', '.join(other.code for other in bases)}.")
    return basis


def _present_basis(session: Session, external_id: str) -> str:
    row = exemptions.find_open(session, account_of(session, external_id).account_id)
    return row.basis if row else ""
