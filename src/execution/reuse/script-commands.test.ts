import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandsOf } from './script-commands.ts';

const CASES: readonly (readonly [script: string, commands: readonly string[]])[] = [
  ['npm ci && npm test', ['npm']],
  ['PYTHONPATH=. python -m pytest | tee log; make -j2 || gcc x.c', ['python', 'tee', 'make', 'gcc']],
  ['if command -v node > /dev/null; then node a.js; else ./b.sh; fi', ['node', './b.sh']],
  ['for x in a b; do sort "$x"; done', ['sort']],
  ['x=$(git describe) && echo "$x" | (cat; wc -l)', ['git', 'cat', 'wc']],
  ['sudo -E apt-get install x # npm\n# pip install', ['apt-get']],
  ['python3 \\\n  -c "print(1)"\n.venv/bin/pip install x', ['python3', '.venv/bin/pip']],
  ["cat > f <<'EOF'\nruby x\nEOF\nperl y", ['cat', 'perl']],
  ['cd src\nexport A=1\n"quoted" x\n$UNKNOWN y', ['quoted']],
  ['', []],
];

for (const [script, commands] of CASES)
  test(`the commands of: ${script.replaceAll('\n', ' ⏎ ') || 'nothing'}`, () => {
    assert.deepEqual(commandsOf(script), commands);
  });
