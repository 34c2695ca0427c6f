"""Packs of evidence as files that the browser, or a program, saves."""

from fastapi.responses import StreamingResponse

from services.evidence.handing_out import PackFile

MEDIA_TYPE = "application/zip"


def download(pack: PackFile) -> StreamingResponse:
    """A pack, sent part by part."""
    return StreamingResponse(
        pack.parts(),
        media_type=MEDIA_TYPE,
        headers={
            "content-disposition": f'attachment; filename="{pack.name}"',
            "content-length": str(pack.size),
        },
    )
