"""Makes a browser known by a link in an e-mail: a way past wrong codes that strangers have typed.

The link signs nobody in. Text-message codes that are typed in the browser which opens it count apart from then on.
"""

import json

from domain.codes import digest, new_token
from domain.errors import LinkRejected
from services.container import Services
from services.people import claimants, first_answers, guessing
from services.people.contacts import Contact
from services.people.visits import Visit
from services.throttling import require_attempts
from store.people import door_notes, links
from store.people.first_answers import SecretKind
from store.people.links import LinkPurpose


def ask(services: Services, visit: Visit, contact: Contact) -> None:
    """Send a link to the account with this contact, if there is one with a settled address. Raises Throttled."""
    claimant = claimants.of_contact(services, contact)
    require_attempts(services, links_per_account=claimant.subject, links_per_address=visit.place)
    token, now = new_token(), services.clock()
    link = f"{services.site.origin}/sign-in/link?token={token}"
    sealed = services.seal.close(json.dumps({"link": link}))
    with services.database.transaction() as session:
        link_id = digest(token)
        door_notes.link_asked(session, claimant.account_id, link_id=link_id, sealed=sealed, at=now)


def look(services: Services, visit: Visit, token: str) -> None:
    """See whether a link works, without using it up. Raises LinkRejected.

    A browser that has just used the link may look at it once more.
    """
    secret = first_answers.sent(services, SecretKind.BROWSER_LINK, visit.door_id, token)
    if first_answers.recall(services, secret) is not None:
        return
    with services.database.reading() as session:
        links.look(session, token, LinkPurpose.KNOW_BROWSER, now=services.clock())


def use(services: Services, visit: Visit, token: str) -> str:
    """Let the link's account know this browser; returns the token that the browser keeps. Raises LinkRejected.

    A browser that sends the link twice within a minute is given one token both times.
    """
    secret = first_answers.sent(services, SecretKind.BROWSER_LINK, visit.door_id, token)
    now = services.clock()
    with services.database.transaction() as session:
        try:
            link = links.use(session, token, LinkPurpose.KNOW_BROWSER, now=now)
        except LinkRejected:
            if first := first_answers.find(session, services, secret):
                return first
            raise
        browser_token = guessing.know_browser(session, visit, link.account_id, at=now)
        first_answers.keep(session, services, secret, browser_token)
    return browser_token
