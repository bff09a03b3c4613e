import os
import unittest


class SupplierTest(unittest.TestCase):
    def test_the_supplier_answers(self) -> None:
        supplier = os.environ.get("SUPPLIER") or "warehouse"
        self.assertNotEqual(supplier, "offline", "the supplier's stock service does not answer")
