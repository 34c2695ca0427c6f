"""Every router of the application, in one list; a page that is not in it does not exist."""

from fastapi import APIRouter

from api.callbacks import callbacks
from api.console import adoption, cohorts, launches, orders, retiring
from api.desk import approvals, case_acts, case_objections, cases, exempt_list, search, stuck_list
from api.dev import inbox
from api.person import (
    account,
    addresses,
    ceremonies,
    confirmations,
    devices,
    emails,
    lost_devices,
    no_reminders,
    objections,
    passkeys,
    recovery_codes,
    rescue,
    setup,
    sign_in,
    sign_in_links,
    sms_reasons,
)
from api.staff import joining, members, own, provider
from api.staff import sign_in as staff_sign_in
from api.web import health, home, well_known

_PERSON = (
    sign_in,
    sign_in_links,
    passkeys,
    ceremonies,
    recovery_codes,
    rescue,
    emails,
    lost_devices,
    devices,
    setup,
    account,
    addresses,
    confirmations,
    sms_reasons,
    objections,
    no_reminders,
)
_STAFF = (staff_sign_in, provider, joining, own, members)
_CONSOLE = (cohorts, adoption, launches, orders, retiring)
_DESK = (search, exempt_list, stuck_list, cases, case_acts, case_objections, approvals)
_DEVELOPMENT = (inbox,)


def routers(*, is_development: bool) -> list[APIRouter]:
    """The routers, in the order in which paths are matched."""
    pages = (home, health, well_known, *_PERSON, callbacks, *_STAFF, *_CONSOLE, *_DESK)
    return [page.router for page in (*pages, *(_DEVELOPMENT if is_development else ()))]
