import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createFormSearch } from './form-search.ts';

const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.array(fc.integer({ min: 97, max: 99 }), { minLength, maxLength }).map((values) => Uint8Array.from(values));

test('every form is found wherever it stands, and so is the earliest unfinished one', () => {
  fc.assert(
    fc.property(fc.array(bytes(4, 9), { maxLength: 5 }), bytes(0, 60), (forms, block) => {
      const text = Buffer.from(block).toString();
      const words = forms.map((form) => Buffer.from(form).toString());
      const spans: { start: number; end: number }[] = [];
      let open: number | undefined;
      for (let start = 0; start < text.length; start++) {
        const lengths = words.filter((word) => text.startsWith(word, start)).map((word) => word.length);
        if (lengths.length > 0) spans.push({ start, end: start + Math.max(...lengths) });
        const rest = text.slice(start);
        if (rest.length >= 4 && words.some((word) => word.length > rest.length && word.startsWith(rest)))
          open ??= start;
      }
      const search = createFormSearch(forms);
      assert.deepEqual(search.find(block), spans);
      assert.equal(search.unfinished(block, 4), open);
    }),
    { numRuns: 2_000 },
  );
});
