"""`python -m examples.orchestrated`: serves the host, until it is stopped."""

from examples.orchestrated.host import OrchestratedWay
from examples.orchestrated.ways_in import WaysIn
from examples.shop.starting import client_for, credentials, place, serve

if __name__ == "__main__":
    here = place("examples-orchestrated")
    given = credentials(here, sends_people=False)
    ways_in = WaysIn(here.database, origin=here.origin, rp_id="localhost")
    with client_for(here, given) as client:
        way = OrchestratedWay(here.database, offramp=client, ways_in=ways_in)
        serve(here, given, client, way.router)
