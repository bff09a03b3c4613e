"""The sample repository by itself: its scripts do what they say."""

import json
import os
import subprocess
from pathlib import Path

import pytest


def run(checkout: Path, script: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([checkout / script], env={**os.environ, **env}, capture_output=True, text=True)


def dirty(checkout: Path) -> str:
    status = subprocess.run(["git", "status", "--porcelain"], cwd=checkout, capture_output=True, text=True, check=True)
    return status.stdout


def test_the_build_stamps_the_commit_and_leaves_the_tree_clean(checkout: Path) -> None:
    done = run(checkout, "bin/build")
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=checkout, capture_output=True, text=True, check=True)
    assert done.returncode == 0, done.stderr
    assert json.loads((checkout / "build/build.json").read_text()) == {
        "version": "1.4.0",
        "commit": head.stdout.strip(),
    }
    assert run(checkout, "bin/test").returncode == 0
    assert run(checkout, "bin/smoke").returncode == 0
    assert dirty(checkout) == ""


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("shop/search.py", "def broken(:\n", "build failed: shop/search.py:"),
        ("data/products.json", "[", "build failed: data/products.json: "),
        (
            "data/products.json",
            '[{"id": 1, "name": "x", "description": "", "price": 0, "tags": []}]',
            "has the price 0",
        ),
    ],
)
def test_the_build_fails_when_the_code_or_the_catalogue_is_broken(
    checkout: Path, file: str, text: str, said: str
) -> None:
    path = checkout / file
    path.write_text(path.read_text() + text if file.endswith(".py") else text)
    done = run(checkout, "bin/build")
    assert done.returncode == 1
    assert said in done.stderr


def test_an_offline_supplier_fails_the_tests(checkout: Path) -> None:
    done = run(checkout, "bin/test", SUPPLIER="offline")
    assert done.returncode == 1
    assert "the supplier's stock service does not answer" in done.stderr


def test_an_unbuilt_shop_does_not_run(checkout: Path) -> None:
    done = run(checkout, "bin/run")
    assert done.returncode == 1
    assert "run bin/build first" in done.stderr


def test_a_deploy_without_its_address_names_the_variable(checkout: Path) -> None:
    run(checkout, "bin/build")
    done = run(checkout, "bin/deploy", DEPLOY_URL="")
    assert done.returncode == 1
    assert "deploy failed: DEPLOY_URL is not set in this environment" in done.stderr
