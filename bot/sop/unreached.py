"""What kept the other side from answering, in words for people: never the name of an exception's class."""

WAYS = {
    "timed out": "no answer in time",
    "timeout": "no answer in time",
    "refused": "the connection was refused",
    "reset": "the connection was broken off",
    "closed connection": "the connection was broken off",
    "remote end closed": "the connection was broken off",
    "disconnected": "the connection was broken off",
    "broken pipe": "the connection was broken off",
    "name or service not known": "its name could not be found",
    "name resolution": "its name could not be found",
    "nodename": "its name could not be found",
    "certificate": "its certificate is not trusted",
    "unreachable": "the network does not reach it",
    "too many": "it answered with errors only",
}
DEEP = 5  # an SDK wraps what the network said


def why(error: BaseException) -> str:
    """Of the error, or of what it was raised from; the most general words where none is known."""
    seen: BaseException | None = error
    for _ in range(DEEP):
        if seen is None:
            break
        said = f"{type(seen).__name__} {seen}".lower()
        found = next((words for sign, words in WAYS.items() if sign in said), None)
        if found is not None:
            return found
        seen = seen.__cause__ or seen.__context__
    return "the connection failed"
