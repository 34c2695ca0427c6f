"""The shop's login as it was before Offramp: a password, then a code by text message.

What a way of working with Offramp adds to it are the three `Extras`.
"""

import secrets
from collections.abc import Callable
from typing import Annotated, Protocol

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse

from examples.shop.customers import Customer, ShopDatabase, Visit
from examples.shop.pages import form, leads_to, link, page, text

COOKIE = "shop_visit"  # cookies know no ports, so its name must not be one of Offramp's
Field = Annotated[str, Form()]


class Extras(Protocol):
    """What is added to the login."""

    def door(self) -> str:
        """HTML below the form of the sign-in page."""

    def without_code(self, customer: Customer) -> Response:
        """What comes after the password where codes are off."""

    def signed_in(self, request: Request, visit: Visit) -> Response:
        """Where a sign-in leads."""


class Login:
    """Signs customers in and out."""

    def __init__(self, database: ShopDatabase, extras: Extras) -> None:
        self._database = database
        self._extras = extras
        self.router = APIRouter()
        routes: tuple[tuple[str, str, Callable[..., Response]], ...] = (
            ("GET", "/", self.home),
            ("GET", "/sign-in", self.door),
            ("POST", "/sign-in", self.password),
            ("POST", "/sign-in/code", self.code),
            ("POST", "/sign-out", self.sign_out),
            ("GET", "/dev/texts", self.texts),
            ("GET", "/dev/customers", self.customers),
        )
        for method, path, do in routes:
            self.router.add_api_route(path, do, methods=[method], response_model=None)

    def home(self, request: Request) -> Response:
        """The page behind the login."""
        visit = self.visit(request)
        if visit is None:
            return leads_to("/sign-in")
        customer = self._database.customer(visit.customer_id)
        standing = "on" if customer.sms_enabled else "off"
        return page(
            f"Hello, {customer.name}",
            text(f"Codes by text message are {standing}."),
            form("/sign-out", "Sign out"),
        )

    def door(self) -> Response:
        """The sign-in page."""
        fields = form("/sign-in", "Sign in", email="E-mail", password="Password")  # noqa: S106 (a label)
        return page("Sign in", fields, self._extras.door(), link("/dev/texts", "Text messages (development)"))

    def password(self, email: Field, password: Field) -> Response:
        """After the password, a code goes out, unless codes are off."""
        customer = self._database.with_password(email, password)
        if customer is None:
            return page(
                "Sign in", text("Address or password are wrong."), link("/sign-in", "Again"), status=403
            )
        if not customer.sms_enabled:
            return self._extras.without_code(customer)
        code = f"{secrets.randbelow(10**6):06}"
        self._database.text(customer.phone, f"{code} is your code for The Shop.")
        visit = self._database.begin_visit(customer.customer_id, code=code)
        answer = page("Your code", form("/sign-in/code", "Sign in", code="The code that we have sent you"))
        return with_visit(answer, visit.token)

    def code(self, request: Request, code: Field) -> Response:
        """After the right code, a visit begins anew, by a token that nobody knew before."""
        before = self._database.visit(request.cookies.get(COOKIE))
        if before is None or not self._database.use_code(before, code):
            return page("Sign in", text("That code is wrong or used."), link("/sign-in", "Again"), status=403)
        self._database.end_visit(before.token)
        return self.let_in(request, before.customer_id, method="sms")

    def let_in(self, request: Request, customer_id: str, *, method: str) -> Response:
        """Begin a visit of somebody who has shown who they are."""
        visit = self._database.begin_visit(customer_id, method=method)
        return with_visit(self._extras.signed_in(request, visit), visit.token)

    def sign_out(self, request: Request) -> Response:
        """End the visit."""
        self._database.end_visit(request.cookies.get(COOKIE))
        return leads_to("/sign-in")

    def texts(self) -> Response:
        """Every text message, instead of a provider."""
        return page(
            "Text messages", *(text(f"To {phone}: {words}") for phone, words in self._database.texts())
        )

    def customers(self) -> Response:
        """Everybody, as the shop's database has them, for `offramp crowd --host`."""
        return JSONResponse([vars(customer) for customer in self._database.customers()])

    def visit(self, request: Request) -> Visit | None:
        """The visit of a request whose owner has signed in."""
        visit = self._database.visit(request.cookies.get(COOKIE))
        return visit if visit and visit.method else None


def with_visit(response: Response, token: str) -> Response:
    """Give the browser the token of its visit."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax")
    return response
