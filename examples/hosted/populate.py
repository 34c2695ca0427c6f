"""`python -m examples.hosted.populate`: a few people for this host, or with `--customers N` as many for a crowd."""

from examples.shop.populating import asked_for, populate
from examples.shop.starting import client_for, credentials, place

if __name__ == "__main__":
    here = place("examples-hosted")
    with client_for(here, credentials(here, sends_people=True)) as client:
        populate(here.database, client, asked_for())
