const assert = require('node:assert');
const { test } = require('node:test');

test('one and one is two', () => assert.equal(1 + 1, 2));
