"""Keeps the forms that members send before they step up: sealed, in the address of the page to return to.

A form is only filled in again: the member presses its button, and sees before what it will do.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from domain.staff.staff import STEP_UP_LIFETIME
from services.container import Services

_LONGEST = 8_000
"""Characters of a sealed form; servers refuse addresses that are much longer. A longer form comes back empty."""


_OF_THE_TIME = 100
"""Characters that the time adds to a sealed form, at most."""


@dataclass(frozen=True, kw_only=True)
class KeptForm:
    """A form that was sent too early: where it goes, what its button says, and what was typed or chosen in it.

    `is_confirmed`: the member has stepped up since.
    """

    action: str
    button: str = ""
    typed: dict[str, list[str]] = field(default_factory=dict)
    is_confirmed: bool = False

    def chosen(self, name: str) -> list[str]:
        """Every value of a field."""
        return self.typed.get(name, [])

    def value(self, name: str, default: str = "") -> str:
        """The value of a field."""
        return next(iter(self.chosen(name)), default)

    def values(self) -> dict[str, str]:
        """The first value of each field."""
        return {name: self.value(name) for name in self.typed}


NOTHING_SENT = KeptForm(action="")
"""What a page has that keeps no form."""


async def _sent(request: Request) -> KeptForm:
    form = await request.form()
    texts = {name: [text for text in form.getlist(name) if isinstance(text, str)] for name in form}
    return KeptForm(action=request.url.path, typed=texts)


SentForm = Annotated[KeptForm, Depends(_sent)]
"""What this request has sent, as an argument of a route or of a dependency."""


def address(services: Services, page: str, form: KeptForm, *, session_id: str) -> str:
    """The address of a page that shows this form filled in, to this session alone, and not for long."""
    kept = {
        "at": services.clock().isoformat(),
        "for": [session_id, page],
        "action": form.action,
        "button": form.button,
    }
    sealed = _seal(services, kept | {"typed": form.typed})
    return f"{page}?draft={sealed if len(sealed) <= _LONGEST else _seal(services, kept | {'typed': {}})}"


def is_short(services: Services, page: str, form: KeptForm, *, session_id: str) -> bool:
    """Whether an address can keep all of a form."""
    kept: dict[str, object] = {
        "for": [session_id, page],
        "action": form.action,
        "button": form.button,
        "typed": form.typed,
    }
    return len(_seal(services, kept)) <= _LONGEST - _OF_THE_TIME


def read(services: Services, page: str, draft: str, *, session_id: str, is_confirmed: bool) -> KeptForm:
    """The form that an address keeps; NOTHING_SENT if it is too old, or of another session or page."""
    try:
        kept = json.loads(services.seal.open(draft.encode()))
    except ValueError:
        return NOTHING_SENT
    # Other secrets are sealed with the same key, but only a kept form names its session and page.
    if not isinstance(kept, dict) or kept.get("for") != [session_id, page]:
        return NOTHING_SENT
    if services.clock() - datetime.fromisoformat(kept["at"]) > STEP_UP_LIFETIME:
        return NOTHING_SENT
    return KeptForm(
        action=kept["action"], button=kept["button"], typed=kept["typed"], is_confirmed=is_confirmed
    )


def form_kept_for(request: Request) -> KeptForm:
    """The form that the address of this request keeps; without one, a form that nobody has sent."""
    kept: KeptForm = request.state.kept_form
    return kept


def _seal(services: Services, kept: dict[str, object]) -> str:
    return services.seal.close(json.dumps(kept, ensure_ascii=False)).decode()
