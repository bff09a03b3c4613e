"""The process that is measured: the whole bot, and beside it on the same server a bare Bolt app that only acks."""

import sys

import uvicorn
from slack_bolt import Ack, App, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from bot.config import Settings, read_settings
from bot.wiring import build


def bare(secret: str) -> App:
    """What Bolt itself costs: signature, routing, ack."""
    known = AuthorizeResult(enterprise_id=None, team_id=None, bot_token="xoxb-bench")
    app = App(signing_secret=secret, authorize=lambda: known, process_before_response=True)

    def status(ack: Ack) -> None:
        ack("ok")

    app.command("/release")(status)
    return app


def main() -> None:
    settings = read_settings(Settings)
    slipway = build(settings)
    secret = settings.slack_signing_secret
    app = bare(secret.get_secret_value() if secret else "")

    async def ack_only(request: Request) -> Response:
        body = await request.body()
        answer = await run_in_threadpool(
            app.dispatch, BoltRequest(body=body.decode(), headers={k: [v] for k, v in request.headers.items()})
        )
        return Response(answer.body, answer.status, headers=answer.first_headers_without_set_cookie())

    both = Starlette(
        routes=[Route("/bare/slack/events", ack_only, methods=["POST"]), Mount("/", slipway.app)],
        lifespan=slipway.app.router.lifespan_context,
    )
    uvicorn.run(both, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
