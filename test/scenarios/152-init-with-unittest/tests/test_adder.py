import unittest

from adder import add


class AdderTest(unittest.TestCase):
    def test_one_and_one_is_two(self):
        self.assertEqual(add(1, 1), 2)
