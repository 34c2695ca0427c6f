"""What went wrong when a device was to make or use a passkey, and what helps, for the person who tried it."""

from collections.abc import Mapping

from domain.passkeys import CeremonyFailure

FAILURES: Mapping[CeremonyFailure, str] = {
    CeremonyFailure.ABORTED: "Something else came in between. Nothing is broken; it usually works the next time.",
    CeremonyFailure.CONSTRAINT: "Your device has no screen lock yet. Switch one on in its settings, such as a PIN or a "
    "fingerprint; then it works.",
    CeremonyFailure.INVALID_STATE: "This device is set up already, so there was nothing left to do.",
    CeremonyFailure.NOT_ALLOWED: "It was cancelled, or your device waited too long for you to unlock it. Nothing is "
    "broken.",
    CeremonyFailure.NOT_SUPPORTED: "This device or its browser cannot do it. A newer phone or computer can.",
    CeremonyFailure.SECURITY: "The page was not at its real address. Open it by our app or by a bookmark of your own.",
    CeremonyFailure.TYPE: "The connection was lost on the way.",
    CeremonyFailure.UNKNOWN: "Your device could not finish it. It helps to close the browser and to open it again.",
    CeremonyFailure.OTHER: "Your device has not told us what it was.",
}
