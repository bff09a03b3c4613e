"""Whatever an SDK raises, people read what happened and never the name of a class."""

import pytest
import requests
from slack_sdk.errors import SlackClientError

from bot.sop.unreached import why


class StrangeError(Exception):
    pass


def wrapped(inner: Exception) -> Exception:
    try:
        raise StrangeError("something else") from inner
    except StrangeError as e:
        return e


@pytest.mark.parametrize(
    "error, words",
    [
        (TimeoutError(), "no answer in time"),
        (requests.ReadTimeout("HTTPSConnectionPool: Read timed out. (read timeout=10)"), "no answer in time"),
        (requests.ConnectionError("[Errno 111] Connection refused"), "the connection was refused"),
        (requests.exceptions.RetryError("Max retries: too many 503 error responses"), "it answered with errors only"),
        (requests.exceptions.SSLError("certificate verify failed"), "its certificate is not trusted"),
        (requests.ConnectionError("[Errno -2] Name or service not known"), "its name could not be found"),
        (ConnectionResetError(104, "Connection reset by peer"), "the connection was broken off"),
        (wrapped(ConnectionRefusedError()), "the connection was refused"),
        (SlackClientError("odd"), "the connection failed"),
        (wrapped(StrangeError("deeper")), "the connection failed"),
    ],
)
def test_what_people_read(error: Exception, words: str) -> None:
    assert why(error) == words
