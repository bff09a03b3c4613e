"""The address in front of the instances: each request over a fresh connection, in turn."""

import http.client

from starlette.responses import JSONResponse, Response

from bot.sandbox.asgi import Call
from bot.sandbox.service.instance import Instance

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "host", "content-length"}


def forward(call: Call, instance: Instance) -> Response:
    """The instance's answer, with `X-Served-By`; 502 when it gives none."""
    request = call.request
    headers = {name: value for name, value in request.headers.items() if name not in HOP_BY_HOP}
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    connection = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=30)
    try:
        connection.request(request.method, target, body=call.body or None, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return problem(502, f"instance {instance.name} gave no answer: {error}")
    finally:
        connection.close()
    passed = {name: value for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP}
    if request.method == "HEAD":
        passed["Content-Length"] = answer.getheader("Content-Length") or "0"
    return Response(body, answer.status, {**passed, "X-Served-By": instance.name})


def problem(status: int, detail: str) -> JSONResponse:
    """An error of the address itself, as a problem document."""
    return JSONResponse({"status": status, "detail": detail}, status, media_type="application/problem+json")
