"""What sop.yaml has to say of this world, under sop.yaml's own names."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.sandbox.people import Person

FEATURES = {
    "catalogue": ["shop/catalogue.py", "data/**"],
    "checkout": ["shop/checkout.py"],
    "search": ["shop/search.py"],
    "pages": ["shop/pages.py"],
    "app": ["shop/app.py", "shop/__init__.py"],
    "tests": ["shop/tests/**"],
    "docs": ["docs/**", "README.md"],
    "database": ["migrations/**"],
    "delivery": ["bin/**", ".github/**"],
}
IRREVERSIBLE_PATHS = ["migrations/**", "data/**"]
PROBES = [
    {"name": "products", "path": "/products", "ignore": ["request_id", "served_at"], "feature": "catalogue"},
    {"name": "product", "path": "/products/3", "feature": "catalogue"},
    {"name": "cart", "path": "/cart/total?items=1,1,2", "feature": "checkout"},
    {
        "name": "quote",
        "path": "/checkout/quote",
        "method": "POST",
        "safe": True,
        "body": {"items": [1, 1, 2], "country": "DE"},
        "ignore": ["quote_id"],
        "feature": "checkout",
    },
    {"name": "search", "path": "/search?q=tea", "feature": "search"},
    {"name": "account", "path": "/account", "compare": "status", "feature": "app"},
]


def service(repository: str, branch: str, production_url: str) -> dict[str, Any]:
    """An entry of `services`, but for its channel, which Slack's side knows."""
    return {
        "name": "shop",
        "repository": repository,
        "branch": branch,
        "features": list(FEATURES),
        "ci": {"workflows": ["deploy.yml"], "deploy_jobs": ["deploy"], "environment": "production"},
        "production": {"url": production_url, "version": {"path": "/version", "field": "commit"}},
        "local": {"build": "bin/build", "run": "bin/run", "ready": "/healthz"},
        "probes": PROBES,
    }


def people(everyone: Sequence[Person], keys: Mapping[str, str]) -> list[dict[str, Any]]:
    """`people`; `keys` are public SSH keys by GitHub login."""
    return [
        {
            "slack": person.slack_id,
            "github": person.login,
            "name": person.name,
            "emails": [person.email],
            "signing_keys": [keys[person.login]] if person.login in keys else [],
        }
        for person in everyone
    ]
