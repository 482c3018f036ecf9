"""FastAPI that sends the same bytes to everybody who shows the token, as bench/server.py starts it with uvicorn.

ANSWER names the file of the bytes, TOKEN the token.
"""

import os
from pathlib import Path

from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.responses import Response

BODY = Path(os.environ["ANSWER"]).read_bytes()
BEARER = f"Bearer {os.environ['TOKEN']}"
app = FastAPI()


async def known(authorization: str = Header("")) -> None:
    if authorization != BEARER:
        raise HTTPException(401)


@app.get("/api/v1/recommendations", dependencies=[Depends(known)])
async def recommendations() -> Response:
    return Response(BODY, media_type="application/json")
