"""A dispute as support sees it: what hangs together, what was done about it, and what each outcome will do."""

from dataclasses import dataclass
from datetime import datetime

from domain.safety.disputes import DisputeSubject, Effect, Offshoot
from domain.safety.objections import Outcome
from domain.words import change_words, desk_words
from services.safety import objections, shared_effects
from store import Session
from store.people import passkeys
from store.safety import offshoots
from store.safety.objections import Objection


@dataclass(frozen=True, kw_only=True)
class EffectLine:
    """One thing that the objection did, and what becomes of it by each outcome."""

    thing: str
    done: str
    if_upheld: str
    if_dismissed: str


@dataclass(frozen=True, kw_only=True)
class DisputePicture:
    """One open dispute. `ends_at` is when it ends by itself, and `ends_as` how."""

    tree: Offshoot | None
    effects: tuple[EffectLine, ...]
    ends_at: datetime | None
    ends_as: Outcome

    def outcome_lines(self, outcome: str | None) -> list[str]:
        """What an outcome does, as sentences."""
        if outcome == Outcome.UPHELD:
            return [line.if_upheld for line in self.effects]
        return [line.if_dismissed for line in self.effects]


def view(session: Session, objection: Objection) -> DisputePicture:
    """An open dispute."""
    return DisputePicture(
        tree=offshoots.of_objection(session, objection),
        effects=tuple(_line(session, effect) for effect in shared_effects.read_effects(objection)),
        ends_at=objection.due_at,
        ends_as=objections.announced_outcome(session, objection),
    )


def _line(session: Session, effect: Effect) -> EffectLine:
    device = _device(session, effect)
    return EffectLine(
        thing=device or desk_words.SUBJECTS[effect.subject],
        done=desk_words.DID[effect.did],
        if_upheld=change_words.if_upheld(effect, device),
        if_dismissed=change_words.if_dismissed(effect, device),
    )


def _device(session: Session, effect: Effect) -> str:
    """A passkey by its platform, because the name that its owner gave it is theirs alone."""
    if effect.subject is not DisputeSubject.PASSKEY:
        return ""
    passkey = passkeys.look_up(session, effect.subject_id)
    return desk_words.passkey_on(passkey.platform if passkey else "")
