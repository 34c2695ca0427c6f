"""The sample host whose people set up passkeys on Offramp's pages."""

import logging

from fastapi import APIRouter, Request, Response
from starlette.background import BackgroundTask

from examples.hosted.there_and_back import NotBack, RelyingParty
from examples.shop.customers import Customer, ShopDatabase, Visit
from examples.shop.login import COOKIE, Login, with_visit
from examples.shop.pages import form, leads_to, link, page, text
from offramp_client import EventType, Hindrance, LoginHints, Offramp, OfframpError, PromptAnswer

_log = logging.getLogger("shop")

# Whoever has signed out here is to show the passkey again, whatever session Offramp still has.
SIGN_IN_BY_PASSKEY = "/oidc/authorize?acr_values=urn:offramp:passkey&prompt=login"


class HostedWay:
    """What Offramp adds to the shop's login: an offer after the code, and a sign-in by passkey instead of it."""

    def __init__(
        self, database: ShopDatabase, *, offramp: Offramp, origin: str, party: RelyingParty, hints: LoginHints
    ) -> None:
        self._database, self._offramp, self._offramp_origin = database, offramp, origin
        self._party, self._hints = party, hints
        self._login = Login(database, self)
        self.router = APIRouter()
        self.router.include_router(self._login.router)
        self.router.add_api_route("/offer", self.offer, response_model=None)
        self.router.add_api_route("/offer", self.answer, methods=["POST"], response_model=None)
        self.router.add_api_route("/passkey", self.to_passkey, response_model=None)
        self.router.add_api_route("/back", self.back, response_model=None)

    def door(self) -> str:
        """The sign-in page offers the passkey, too."""
        return link("/passkey", "Sign in with a passkey")

    def without_code(self, customer: Customer) -> Response:
        """Where codes are off, the passkey comes after the password."""
        return self._send_to_sign_in(login_hint=customer.email)

    def signed_in(self, request: Request, visit: Visit) -> Response:
        """Tell Offramp of the sign-in, and ask it what to show now. Without an answer in time, nothing is shown."""
        with self._database.transaction() as rows:
            told = {"method": visit.method}
            self._database.add_event(rows, EventType.USER_SIGNED_IN, visit.customer_id, told)
        prompt = self._offramp.prompt(visit.customer_id, user_agent=request.headers.get("user-agent"))
        if prompt.words is None:
            return leads_to("/")
        shown = {"prompt_id": prompt.prompt_id, "go_to": prompt.go_to, "skippable": prompt.skippable}
        self._database.note(visit, {"offer": shown | vars(prompt.words)})
        return leads_to("/offer")

    def offer(self, request: Request) -> Response:
        """Show the step, with every answer that it may have."""
        visit = self._login.visit(request)
        if visit is None or "offer" not in visit.notes:
            return leads_to("/")
        offer = visit.notes["offer"]
        answers = {"went": "action", "skipped": "later", "cannot": "cannot"}
        if not offer["skippable"]:
            del answers["skipped"]
        buttons = (form(f"/offer?answer={answer}", offer[word]) for answer, word in answers.items())
        return page(offer["title"], text(offer["body"]), *buttons)

    def answer(self, request: Request, answer: PromptAnswer) -> Response:
        """Go where the answer leads, and tell Offramp afterwards, so that nobody waits for that."""
        visit = self._login.visit(request)
        if visit is None or "offer" not in visit.notes:
            return leads_to("/")
        offer = visit.notes["offer"]
        self._database.note(visit, {})
        response = self._to_set_up(visit, offer["go_to"]) if answer is PromptAnswer.WENT else leads_to("/")
        response.background = BackgroundTask(self._tell_answer, offer["prompt_id"], answer)
        return response

    def to_passkey(self) -> Response:
        """Send somebody who has not signed in yet."""
        return self._send_to_sign_in()

    def back(self, request: Request) -> Response:
        """Somebody is back: to go on where they were, or signed in by passkey."""
        visit = self._database.visit(request.cookies.get(COOKIE))
        if visit is None:
            return leads_to("/sign-in")
        try:
            returned = self._party.back(request.url.query, visit.notes.get("flow"))
        except NotBack as error:
            return page("That did not work", text(str(error)), link("/", "Go on"), status=400)
        self._database.note(visit, {})
        if visit.method is not None:
            return leads_to("/")
        if not returned.by_passkey:
            return page("Please sign in with your passkey", link("/passkey", "Again"), status=403)
        self._database.end_visit(visit.token)
        return self._login.let_in(request, returned.customer_id, method="passkey")

    def _to_set_up(self, visit: Visit, go_to: str) -> Response:
        """Send somebody who has signed in, with the shop's word for it: so nobody signs in twice."""
        token = self._hints.make(visit.customer_id, signed_in_at=visit.since, amr=["pwd", "sms", "mfa"])
        return self._send(visit, go_to, login_hint_token=token)

    def _send_to_sign_in(self, **hints: str) -> Response:
        """Remember the browser before anybody has signed in, so that nobody else can come back in their place."""
        visit = self._database.begin_visit("")
        address = self._offramp_origin + SIGN_IN_BY_PASSKEY
        return with_visit(self._send(visit, address, **hints), visit.token)

    def _send(self, visit: Visit, go_to: str, **parameters: str) -> Response:
        address, flow = self._party.way_there(go_to, **parameters)
        self._database.note(visit, {"flow": flow})
        return leads_to(address)

    def _tell_answer(self, prompt_id: str, answer: PromptAnswer) -> None:
        reason = Hindrance.OTHER if answer is PromptAnswer.CANNOT else None
        try:
            self._offramp.answer_prompt(prompt_id, answer, reason=reason)
        except OfframpError as error:
            _log.warning("Offramp was not told of an answer: %s", error)  # and asks again next time
