"""The sample host that has passkeys of its own, and tells Offramp of them."""

import logging
from html import escape
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body, Form, HTTPException, Request, Response
from starlette.background import BackgroundTask

from examples.orchestrated.ways_in import CeremonyFailed, WaysIn
from examples.shop.customers import Customer, ShopDatabase, Visit
from examples.shop.login import COOKIE, Login, with_visit
from examples.shop.pages import form, leads_to, link, page, text
from offramp_client import EventType, Hindrance, Offramp, OfframpError, PromptAnswer

_log = logging.getLogger("shop")
_SCRIPT = (Path(__file__).parent / "passkeys.js").read_text()
_CHALLENGE = "challenge"
Credential = Annotated[dict[str, Any], Body()]


class OrchestratedWay:
    """What is added to the shop's login: an offer after the code, pages for each step, and a sign-in by passkey."""

    def __init__(self, database: ShopDatabase, *, offramp: Offramp, ways_in: WaysIn) -> None:
        self._database, self._offramp, self._ways_in = database, offramp, ways_in
        self._login = Login(database, self)
        self.router = APIRouter()
        self.router.include_router(self._login.router)
        for method, path, do in (
            ("GET", "/secure", self.step),
            ("POST", "/offer", self.answer),
            ("POST", "/codes/new", self.make_codes),
            ("POST", "/codes", self.prove_codes),
            ("GET", "/passkeys.js", self.script),
            ("POST", "/passkeys/new/options", self.new_options),
            ("POST", "/passkeys/new", self.keep),
            ("POST", "/passkeys/use/options", self.use_options),
            ("POST", "/passkeys/use", self.use),
        ):
            self.router.add_api_route(path, do, methods=[method], response_model=None)

    def door(self) -> str:
        """The sign-in page offers the passkey, too."""
        return _ceremony("use", "Sign in with a passkey")

    def without_code(self, customer: Customer) -> Response:
        """Where codes are off, the passkey comes after the password."""
        return page(f"Hello again, {customer.name}", _ceremony("use", "Sign in with a passkey"))

    def signed_in(self, request: Request, visit: Visit) -> Response:
        """Tell Offramp of the sign-in, and go on."""
        with self._database.transaction() as rows:
            told = {"method": visit.method}
            self._database.add_event(rows, EventType.USER_SIGNED_IN, visit.customer_id, told)
        return leads_to(self._next(request, visit))

    def step(self, request: Request, step: str = "") -> Response:
        """The page of a step; letters lead here, too. Offramp's words are shown if it has just asked for this step."""
        visit = self._login.visit(request)
        if visit is None:
            return leads_to("/sign-in")
        if step not in _STEPS:
            return leads_to("/")
        offer = visit.notes.get("offer", {})
        if offer.get("step") != step:
            return page("Sign in without codes", _STEPS[step], link("/", "Not now"))
        later = [form("/offer?answer=skipped", offer["later"])] if offer["skippable"] else []
        cannot = form("/offer?answer=cannot", offer["cannot"])
        return page(offer["title"], text(offer["body"]), _STEPS[step], *later, cannot)

    def answer(self, request: Request, answer: PromptAnswer) -> Response:
        """Tell Offramp that the person cannot, or not now."""
        visit = self._login.visit(request)
        response = leads_to("/")
        if visit is not None:
            response.background = self._answered(visit, answer)
        return response

    def make_codes(self, request: Request) -> Response:
        """Show new recovery codes, this once."""
        visit = self._signed_in_visit(request)
        codes = "".join(f"<li><code>{code}</code></li>" for code in self._ways_in.make_codes(visit))
        check = form("/codes", "I have kept them", code="One of them, to be sure")
        response = page("Your recovery codes", f"<ul>{codes}</ul>", check)
        response.background = self._went(visit, "second_route_ready")
        return response

    def prove_codes(self, request: Request, code: Annotated[str, Form()]) -> Response:
        """Whoever types one of their recovery codes back has kept them."""
        visit = self._signed_in_visit(request)
        if not self._ways_in.prove_codes(visit.customer_id, code):
            return page(
                "That is none of your codes", link("/secure?step=second_route_ready", "New codes"), status=403
            )
        return page("You're all set", text("Your passkey signs you in from now on."), link("/", "Go on"))

    def script(self) -> Response:
        """The script of the ceremonies."""
        return Response(_SCRIPT, media_type="text/javascript")

    def new_options(self, request: Request) -> Response:
        """Begin to make a passkey."""
        visit = self._signed_in_visit(request)
        options, challenge = self._ways_in.new_passkey_options(self._database.customer(visit.customer_id))
        self._database.note(visit, {**visit.notes, _CHALLENGE: challenge})
        return Response(options, media_type="application/json")

    def keep(self, request: Request, credential: Credential) -> Response:
        """Keep the new passkey."""
        visit = self._signed_in_visit(request)
        challenge = self._spend_challenge(visit)
        try:
            self._ways_in.keep_passkey(visit, credential, challenge=challenge)
        except CeremonyFailed as error:
            raise HTTPException(403, str(error)) from error
        return Response(status_code=204, background=self._went(visit, "passkey_enrolled"))

    def use_options(self, request: Request) -> Response:
        """Begin a sign-in by passkey; the challenge is remembered for this browser alone."""
        visit = self._database.visit(request.cookies.get(COOKIE)) or self._database.begin_visit("")
        options, challenge = self._ways_in.passkey_options()
        self._database.note(visit, {**visit.notes, _CHALLENGE: challenge})
        return with_visit(Response(options, media_type="application/json"), visit.token)

    def use(self, request: Request, credential: Credential) -> Response:
        """The passkey has answered: a visit begins anew, and the script is told where it leads."""
        before = self._database.visit(request.cookies.get(COOKIE))
        if before is None:
            raise HTTPException(403)
        try:
            customer_id = self._ways_in.use_passkey(credential, challenge=self._spend_challenge(before))
        except CeremonyFailed as error:
            raise HTTPException(403, str(error)) from error
        self._database.end_visit(before.token)
        answer = self._login.let_in(request, customer_id, method="passkey")
        answer.status_code = 201
        return answer

    def _next(self, request: Request, visit: Visit) -> str:
        """Ask Offramp what to show now. Without an answer in time, nothing is shown."""
        prompt = self._offramp.prompt(visit.customer_id, user_agent=request.headers.get("user-agent"))
        if prompt.words is None:
            return "/"
        shown = {"prompt_id": prompt.prompt_id, "step": prompt.step, "skippable": prompt.skippable}
        self._database.note(visit, {"offer": shown | vars(prompt.words)})
        return f"/secure?step={prompt.step}"

    def _went(self, visit: Visit, step: str) -> BackgroundTask | None:
        """Whoever has done a step has taken the offer, if it was of this step."""
        is_of_step = visit.notes.get("offer", {}).get("step") == step
        return self._answered(visit, PromptAnswer.WENT) if is_of_step else None

    def _answered(self, visit: Visit, answer: PromptAnswer) -> BackgroundTask | None:
        """Forget what was offered at once, and tell Offramp after the response, so that nobody waits for that."""
        self._database.note(visit, {})
        offer = visit.notes.get("offer")
        return BackgroundTask(self._tell_answer, offer["prompt_id"], answer) if offer else None

    def _tell_answer(self, prompt_id: str, answer: PromptAnswer) -> None:
        reason = Hindrance.OTHER if answer is PromptAnswer.CANNOT else None
        try:
            self._offramp.answer_prompt(prompt_id, answer, reason=reason)
        except OfframpError as error:
            _log.warning("Offramp was not told of an answer: %s", error)  # and asks again next time

    def _signed_in_visit(self, request: Request) -> Visit:
        visit = self._login.visit(request)
        if visit is None:
            raise HTTPException(403, "Please sign in.")
        return visit

    def _spend_challenge(self, visit: Visit) -> str:
        challenge = visit.notes.get(_CHALLENGE)
        if not challenge:
            raise HTTPException(403, "nothing was asked of a passkey")
        self._database.note(visit, {name: note for name, note in visit.notes.items() if name != _CHALLENGE})
        return str(challenge)


def _ceremony(name: str, words: str, *, leads: str = "") -> str:
    """A button that runs a ceremony, and leads on: where it says, or where the sign-in leads."""
    return (
        f'<button type="button" data-ceremony="{name}" data-next="{escape(leads)}">{escape(words)}</button>'
        '<p id="trouble" role="alert"></p><script type="module" src="/passkeys.js"></script>'
    )


_STEPS = {
    "passkey_enrolled": _ceremony("new", "Create a passkey", leads="/secure?step=passkey_proven"),
    "passkey_proven": _ceremony("use", "Try your passkey", leads="/secure?step=second_route_ready"),
    "second_route_ready": form("/codes/new", "Make recovery codes"),
}
"""What each step's page lets a person do. An address is verified when somebody becomes a customer."""
