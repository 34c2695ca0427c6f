"""Every router of the application, in one list; a page that is not in it does not exist."""

from fastapi import APIRouter

from api.callbacks import callbacks
from api.console import (
    adoption,
    archives,
    cohort_edits,
    cohort_people,
    cohorts,
    comparisons,
    end_dates,
    evidence,
    exports,
    guard,
    launches,
    orders,
    passed_over,
    pause_all,
    slice_holds,
    switches,
    webhooks,
)
from api.console import home as console_home
from api.desk import (
    approvals,
    case_acts,
    case_evidence,
    case_objections,
    cases,
    exempt_list,
    search,
    single_loss_list,
    stuck_list,
)
from api.dev import inbox
from api.openid import authorize, metadata, tokens
from api.person import (
    account,
    addresses,
    authenticator_apps,
    ceremonies,
    check_ups,
    confirmations,
    devices,
    emails,
    losses,
    lost_devices,
    no_reminders,
    objections,
    passkeys,
    recovery_codes,
    rescue,
    setup,
    sign_in,
    sign_in_links,
    sms_proofs,
    sms_reasons,
)
from api.recovery import proofs, questions, requests
from api.staff import audit_list, host_keys, joining, members, own, provider
from api.staff import sign_in as staff_sign_in
from api.web import health, home, refusals, well_known
from domain.host.ceremonies import Ceremonies

_LETTERS = (objections, no_reminders)
"""Where links in letters act without a sign-in. Nobody but Offramp can do what they ask for, so they always work."""

_PERSON = (
    sign_in,
    sign_in_links,
    passkeys,
    ceremonies,
    recovery_codes,
    authenticator_apps,
    rescue,
    requests,
    proofs,
    questions,
    emails,
    losses,
    lost_devices,
    devices,
    setup,
    account,
    check_ups,
    addresses,
    confirmations,
    sms_proofs,
    sms_reasons,
)
_STAFF = (staff_sign_in, provider, joining, own, members, host_keys, audit_list)
_CONSOLE = (
    console_home,
    cohorts,
    comparisons,
    cohort_edits,
    archives,
    cohort_people,
    evidence,
    exports,
    adoption,
    end_dates,
    launches,
    orders,
    slice_holds,
    passed_over,
    pause_all,
    guard,
    switches,
    webhooks,
)
_DESK = (
    search,
    exempt_list,
    single_loss_list,
    stuck_list,
    cases,
    case_acts,
    case_evidence,
    case_objections,
    approvals,
)
_OPENID = (metadata, authorize, tokens)
_DEVELOPMENT = (inbox,)


def routers(*, is_development: bool, way: Ceremonies = Ceremonies.HOSTED) -> list[APIRouter]:
    """The routers, in the order in which paths are matched; where the host runs the ceremonies, no page of people's."""
    always = (home, health, well_known, refusals, *_LETTERS, callbacks, *_STAFF, *_CONSOLE, *_DESK)
    hosted = [page.router for page in (*_PERSON, *_OPENID)] + [objections.within]
    others = [page.router for page in (*always, *(_DEVELOPMENT if is_development else ()))]
    return others + (hosted if way is Ceremonies.HOSTED else [])
