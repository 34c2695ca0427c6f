"""`python -m examples.hosted`: serves the host, until it is stopped."""

from examples.hosted.host import HostedWay
from examples.hosted.there_and_back import RelyingParty
from examples.shop.starting import client_for, credentials, place, serve
from offramp_client import LoginHints

if __name__ == "__main__":
    here = place("examples-hosted")
    given = credentials(here, sends_people=True)
    client_id = given.client["client_id"]
    party = RelyingParty(
        issuer=here.offramp,
        client_id=client_id,
        client_secret=given.client["client_secret"],
        redirect_uri=f"{here.origin}/back",
    )
    hints = LoginHints(client_id=client_id, issuer=here.offramp, key=given.signing_key)
    with client_for(here, given) as client:
        way = HostedWay(here.database, offramp=client, origin=here.offramp, party=party, hints=hints)
        serve(here, given, client, way.router)
