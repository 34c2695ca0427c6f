"""The form that asks for a contact and a long code, and the answer to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form, Request
from fastapi.responses import Response

from api.web import remarks, visitors
from api.web.admissions import enter
from api.web.regions import BrowserRegion
from domain.errors import BadContact, CodeRejected
from services.container import Services
from services.people.admission import Admission
from services.people.contacts import Contact, read_contact
from services.people.visits import Visit


@dataclass(frozen=True, kw_only=True)
class CodeForm:
    """What was typed. A number without a country code is read as one of the browser's region."""

    identifier: str
    code: str
    region: str | None


def _form(
    region: BrowserRegion,
    identifier: Annotated[str, Form(max_length=320)] = "",
    code: Annotated[str, Form(max_length=64)] = "",
) -> CodeForm:
    return CodeForm(identifier=identifier, code=code, region=region)


TypedCode = Annotated[CodeForm, Depends(_form)]
"""The form, as an argument of a route."""


def code_form(request: Request, services: Services, visit: Visit, template: str) -> Response:
    """The page of the form; after a mistake, with the kind of mistake and the contact that was typed."""
    return visitors.at_door(remarks.page(request, template, error=None, typed=""), services, visit)


def enter_by_form(
    request: Request,
    services: Services,
    form: CodeForm,
    enter_by: Callable[[Contact, str], Admission],
) -> Response:
    """Let somebody in by what they typed. After any mistake they see the form again."""
    try:
        contact = read_contact(form.identifier.strip(), form.region)
        return enter(services, enter_by(contact, form.code))
    except (BadContact, CodeRejected) as error:
        kind = "contact" if isinstance(error, BadContact) else "code"
        return remarks.back_to(services, request.url.path, status=400, error=kind, typed=form.identifier)
