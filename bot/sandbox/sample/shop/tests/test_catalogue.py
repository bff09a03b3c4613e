import json
import tempfile
import unittest
from pathlib import Path

from .. import catalogue
from ..search import search


class CatalogueTest(unittest.TestCase):
    def test_the_catalogue_loads(self) -> None:
        self.assertGreaterEqual(len(catalogue.load()), 6)

    def test_a_product_listed_twice_is_refused(self) -> None:
        row = {"id": 1, "name": "Tea", "description": "", "price": 100, "tags": []}
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "products.json"
            file.write_text(json.dumps([row, row]), encoding="utf-8")
            with self.assertRaisesRegex(ValueError, "listed twice"):
                catalogue.load(file)


class SearchTest(unittest.TestCase):
    def test_every_word_must_match(self) -> None:
        found = search("tea strong", catalogue.load().values())
        self.assertEqual([product.name for product in found], ["Black tea"])

    def test_nothing_asked_nothing_found(self) -> None:
        self.assertEqual(search("  ", catalogue.load().values()), [])
