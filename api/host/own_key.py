"""What a program's own key may do, and how long it works."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.host.callers import AnyKey
from api.host.named_requests import HostRoute
from api.web.arguments import Use
from domain.host.keys import KeyScope
from store.host import keys

router = APIRouter(route_class=HostRoute, tags=["keys"])


class OwnKey(BaseModel):
    """The key of the request."""

    key_id: str
    name: str = Field(description="Which program it was made for.", examples=["login"])
    scopes: list[KeyScope] = Field(description="What it may do.", examples=[["accounts:write"]])
    calls_per_second: int = Field(description="How often it may call, in each API process.")
    works_until: datetime = Field(description="When it expires, or ends after a rotation.")


@router.get("/key")
def show(services: Use, holder: AnyKey) -> OwnKey:
    """What the key of this request may do, and until when."""
    with services.database.reading() as session:
        key = keys.get(session, holder.key_id)
        return OwnKey(
            key_id=key.key_id,
            name=key.name,
            scopes=sorted(holder.scopes),
            calls_per_second=key.calls_per_second,
            works_until=key.works_until,
        )
