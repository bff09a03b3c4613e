import unittest

from .. import checkout
from ..catalogue import Product

PRODUCTS = {1: Product(1, "Tea", "", 1000, ()), 2: Product(2, "Mug", "", 2000, ())}


class TotalTest(unittest.TestCase):
    def test_two_items_cost_their_prices(self) -> None:
        self.assertEqual(checkout.total([1, 2], PRODUCTS), checkout.Total(3000, 0, 3000))

    def test_a_bulk_cart_is_cheaper(self) -> None:
        bulk = checkout.total([1, 1, 2], PRODUCTS)
        self.assertEqual(bulk.discount, 4000 * checkout.BULK_DISCOUNT_PERCENT // 100)
        self.assertEqual(bulk.total, 4000 - bulk.discount)

    def test_an_unknown_product_is_refused(self) -> None:
        with self.assertRaises(checkout.UnknownProduct):
            checkout.total([9], PRODUCTS)


class ShippingTest(unittest.TestCase):
    def test_large_orders_ship_for_nothing(self) -> None:
        self.assertEqual(checkout.shipping(5000, "DE"), 0)

    def test_other_countries_pay_more(self) -> None:
        self.assertGreater(checkout.shipping(100, "NZ"), checkout.shipping(100, "DE"))
