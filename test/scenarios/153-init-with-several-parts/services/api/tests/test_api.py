import unittest


class ApiTest(unittest.TestCase):
    def test_nothing(self):
        pass
