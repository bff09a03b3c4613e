"""Plain pages behind the links on cards: a run, a comparison, a commit, an issue."""

from html import escape

from starlette.responses import HTMLResponse, Response

from bot.sandbox.asgi import Call
from bot.sandbox.github.objects import changes, commits
from bot.sandbox.github.objects import commit as read_commit
from bot.sandbox.github.state import Repository
from bot.sandbox.github.world import World

_STYLE = "body{font:15px system-ui;margin:2rem auto;max-width:60rem}pre{background:#f6f8fa;padding:1rem;overflow:auto}"


def _page(title: str, body: str) -> Response:
    head = f"<!doctype html><meta charset=utf-8><title>{escape(title)}</title><style>{_STYLE}</style>"
    return HTMLResponse(f"{head}<h1>{escape(title)}</h1>{body}", headers={"Content-Security-Policy": _POLICY})


_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def _repo(world: World, call: Call) -> Repository | None:
    params = call.request.path_params
    return world.repositories.get(f"{params['owner']}/{params['repo']}")


def _missing() -> Response:
    return HTMLResponse("<h1>404</h1>This is not the web page you are looking for.", 404)


def run(world: World, call: Call) -> Response:
    repo = _repo(world, call)
    one = next((one for one in repo.runs if one.id == call.request.path_params["run"]), None) if repo else None
    if one is None:
        return _missing()
    parts = [f"<p>{escape(one.branch)} · {one.sha[:7]} · attempt {one.latest.number} · {_ended(one.latest)}</p>"]
    for job in one.latest.jobs:
        log = "\n".join(line.partition(" ")[2] for line in job.log)
        parts.append(f"<h2>{escape(job.name)}: {_ended(job)}</h2><pre>{escape(log)}</pre>")
    return _page(f"{one.plan.name} #{one.number}: {one.title}", "".join(parts))


def _ended(one: object) -> str:
    return escape(str(getattr(one, "conclusion", None) or getattr(one, "status", "")))


def _patches(repo: Repository, base: str | None, head: str) -> str:
    return "".join(
        f"<h3>{escape(change.path)} ({change.status})</h3><pre>{escape(change.patch or '')}</pre>"
        for change in changes(repo.git, base, head)
    )


def compare(world: World, call: Call) -> Response:
    repo, span = _repo(world, call), call.request.path_params["span"]
    base, _, head = span.partition("...")
    ends = (repo.git.commit_of(base), repo.git.commit_of(head)) if repo else (None, None)
    if repo is None or ends[0] is None or ends[1] is None:
        return _missing()
    listed = commits(repo.git, repo.git.shas("--reverse", f"{ends[0]}..{ends[1]}"))
    rows = "".join(f"<li>{one.sha[:7]} {escape(one.message)} ({escape(one.author.name)})</li>" for one in listed)
    return _page(f"Comparing {span}", f"<ol>{rows}</ol>{_patches(repo, ends[0], ends[1])}")


def commit(world: World, call: Call) -> Response:
    repo = _repo(world, call)
    sha = repo.git.commit_of(call.request.path_params["sha"]) if repo else None
    if repo is None or sha is None:
        return _missing()
    one = read_commit(repo.git, sha)
    said = f"<pre>{escape(one.message)}</pre><p>{escape(one.author.name)} · {sha}</p>"
    return _page(one.message.split("\n")[0], said + _patches(repo, one.parents[0] if one.parents else None, sha))


def issue(world: World, call: Call) -> Response:
    repo, number = _repo(world, call), call.request.path_params["number"]
    one = next((one for one in repo.issues if one.number == number), None) if repo else None
    if one is None:
        return _missing()
    said = (
        f"<p>{one.state} · {escape(', '.join(one.labels))} · {escape(one.user)}</p><pre>{escape(one.body or '')}</pre>"
    )
    return _page(f"#{one.number} {one.title}", said)
