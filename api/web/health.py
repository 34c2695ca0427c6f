"""Whether this process is alive, and whether all it depends on is ready."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.web.arguments import Use
from api.web.problems import COME_AGAIN

router = APIRouter()


@router.get("/healthz")
def alive() -> JSONResponse:
    """Alive."""
    return JSONResponse({"alive": True})


@router.get("/readyz")
def ready(services: Use) -> JSONResponse:
    """Each dependency, by name, and whether it is ready; 503 if one is not."""
    readings = services.readiness()
    everything = all(reading.ready for reading in readings)
    checks = {reading.name: {"ready": reading.ready, "detail": reading.detail} for reading in readings}
    return JSONResponse(
        {"ready": everything, "checks": checks},
        status_code=200 if everything else 503,
        headers={} if everything else COME_AGAIN,
    )
