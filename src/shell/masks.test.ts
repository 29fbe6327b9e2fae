import assert from 'node:assert/strict';
import test from 'node:test';
import { findMasks, type Options } from './masks.ts';
import { readShell, sourceOf, withoutTemplates } from './shell-text.ts';

const ERREXIT: Options = { errexit: true, pipefail: false };
const STRICT: Options = { errexit: true, pipefail: true };
const NONE: Options = { errexit: false, pipefail: false };

/** `kind: command < what hides it`, with a `?` behind the kind when the command only asks, and `~` when it cleans up. */
function masksOf(script: string, options: Options): readonly string[] {
  const shell = readShell(script);
  assert.ok(shell, `${script} is no script`);
  return findMasks(shell, options).map((mask) => {
    const mark = `${mask.work.length === 0 ? '?' : ''}${mask.cleanup ? '~' : ''}`;
    return `${mask.kind}${mark}: ${sourceOf(shell, mask.command)} < ${sourceOf(shell, mask.by)}`;
  });
}

const scripts: readonly (readonly [script: string, masks: readonly string[], options?: Options])[] = [
  ['pytest || true', ['or: pytest < true']],
  ['pytest || :', ['or: pytest < :']],
  ['pytest || echo "continuing"', ['or: pytest < echo "continuing"']],
  ['pytest || exit 0', ['or: pytest < exit 0']],
  ['pytest || exit 256', ['or: pytest < exit 256']],
  ['pytest || { echo a; echo b; }', ['or: pytest < { echo a; echo b; }']],
  ['pytest || { cleanup; true; }', ['or: pytest < { cleanup; true; }']],
  ['pytest || (echo a >&2)', ['or: pytest < (echo a >&2)']],
  ['pytest ||\n  echo next', ['or: pytest < echo next']],
  ['make && make test || echo no', ['or: make && make test < echo no']],
  ['[ -f x ] && make || true', ['or: [ -f x ] && make < true']],
  ['sudo -E env A=1 make || true', ['or: sudo -E env A=1 make < true']],
  ['f() { make || true; }', ['or: make < true']],
  ['for x in a b; do make $x || true; done', ['or: make $x < true']],
  ['x=$(make || true)', ['or: make < true']],
  ['cat <<EOF || true\n|| true\nEOF', ['or?: cat <<EOF < true']],
  ['curl -f a || wget b || true', ['or: curl -f a || wget b < true']],
  // Its failure goes on.
  ['pytest || exit 1', []],
  ['pytest || exit', []],
  ['pytest || exit $code', []],
  ['pytest || { echo failed; exit 1; }', []],
  ['pytest || (echo failed; false)', []],
  ['pytest || rc=$?', []],
  ['pytest || { rc=$?; echo "$rc"; }', []],
  ['pytest || return 2', []],
  ['pytest || die "no tests"', []],
  // Another way to the same end.
  ['curl -f a || wget b', []],
  ['version=$(git describe) || version=none', []],
  ['mkdir x || cd x', []],
  // A question.
  ['grep -q x y || true', ['or?: grep -q x y < true']],
  ['command -v jq || echo "no jq"', ['or?: command -v jq < echo "no jq"']],
  ['[ -d x ] || true', ['or?: [ -d x ] < true']],
  ['[[ a == b ]] && echo same || echo other', ['or?: [[ a == b ]] && echo same < echo other']],
  ['(( n > 1 )) || :', ['or?: (( n > 1 )) < :']],
  ['git diff --quiet || true', ['or?: git diff --quiet < true']],
  // Only text.
  ['echo "pytest || true"', []],
  ["echo 'a' # pytest || true", []],
  ['[[ -f a || -f b ]]', []],
  ['(( a || b ))', []],
  // Pipes.
  ['pytest | tee log', ['pipe: pytest < tee log']],
  ['pytest | tee log', [], STRICT],
  ['set -o pipefail\npytest | tee log', []],
  ['set -euo pipefail; pytest | tee log', []],
  ['set -o pipefail; set +o pipefail; a | b', ['pipe: a < b']],
  ['a | b | c', ['pipe: a < b', 'pipe: b < c']],
  ['echo x | make', ['pipe?: echo x < make']],
  // Without -e.
  ['make\nmake test', ['unchecked: make < make'], NONE],
  ['make; exit 0', ['exit: make < exit 0'], NONE],
  ['make; true', ['exit: make < true'], NONE],
  ['make', [], NONE],
  ['make\nrc=$?\necho x', [], NONE],
  ['make\nif [ $? -ne 0 ]; then exit 1; fi', [], NONE],
  ['set -e\nmake\nmake test', [], NONE],
  ['set +e\nmake\nset -e\nmake test', ['unchecked: make < set +e']],
  ['set +e\nmake\nrc=$?\nset -e\nexit $rc', []],
  ['set +e\nmake\nmake test', ['unchecked: make < set +e']],
  ['make; exit 0', []],
  ['(set +e; make; make test)\nmake all', ['unchecked: make < set +e']],
  ['set +e\necho a\nls\nexit 0', ['exit: ls < exit 0']],
  // A check that tells either way.
  ['if make; then echo ok; else echo warn; fi', ['branches: make < echo warn']],
  ['if make; then echo ok; else echo warn; exit 1; fi', []],
  ['if make; then echo ok; fi', []],
  ['if make; then deploy; else echo warn; fi', []],
  ['if [ -f x ]; then echo ok; else echo "no x"; fi', ['branches?: [ -f x ] < echo "no x"']],
  ['if make; then echo here=true >> "$GITHUB_OUTPUT"; else echo no; fi', []],
  // Behind the script's back.
  ['serve &\nmake test', ['background: serve < serve &']],
  ['serve &\nmake test\nwait', []],
  ['serve &\npid=$!\nmake test', []],
  // What cleans up.
  ['cleanup() { rm -r x || true; }\ntrap cleanup EXIT\nmake', ['or~: rm -r x < true']],
  ["trap 'rm -r x || true' EXIT\nmake", []],
];

for (const [script, masks, options = ERREXIT] of scripts) {
  const how = `${options.errexit ? '-e' : 'no -e'}${options.pipefail ? ' pipefail' : ''}`;
  test(`${JSON.stringify(script)} (${how}): ${masks.length === 0 ? 'nothing is hidden' : masks.join(', ')}`, () => {
    assert.deepEqual(masksOf(script, options), masks);
  });
}

test('what is no script is not read', () => {
  assert.equal(readShell('if make; then'), undefined);
});

test('templates become words, and every offset stays', () => {
  const script = "echo ${{ github.ref }} && make ${{ inputs.a || 'b' }} || true";
  assert.equal(withoutTemplates(script).length, script.length);
  assert.deepEqual(masksOf(withoutTemplates(script), ERREXIT).length, 1);
});

test('lines and columns count from 1', () => {
  const shell = readShell('a\n  b || true\n');
  assert.ok(shell);
  const [mask] = findMasks(shell, ERREXIT);
  assert.ok(mask);
  assert.deepEqual(shell.at(mask.command.pos), { line: 2, column: 3 });
});
