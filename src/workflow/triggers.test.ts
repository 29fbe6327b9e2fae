import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { matchesPatterns } from './filter-pattern.ts';
import type { Trigger } from './model.ts';
import { filterPattern, matchTrigger, type TriggerEvent, type TriggerMatch } from './triggers.ts';

const at = { line: 1, column: 1, length: 1 };

function match(trigger: Omit<Trigger, 'at'>, event: TriggerEvent): TriggerMatch {
  return matchTrigger({ on: [{ ...trigger, at }] }, event);
}

// The cheat sheet of GitHub's documentation, and the corners of it.
const patterns: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['main', ['main'], ['Main', 'main2', 'amain', '']],
  ['feature/*', ['feature/my-branch', 'feature/'], ['feature/beta-a/my-branch', 'feature']],
  ['feature/**', ['feature/beta-a/my-branch', 'feature/x'], ['feature']],
  ['releases/mona-the-octocat', ['releases/mona-the-octocat'], []],
  ['*', ['main', 'releases', '.hidden'], ['all/the/branches']],
  ['**', ['all/the/branches', 'every/tag', ''], []],
  ['*feature', ['mona-feature', 'feature', 'ver-10-feature'], ['a/feature', 'features']],
  ['v2*', ['v2', 'v2.0', 'v2.9'], ['v1', 'v2/x']],
  ['v[12].[0-9]+.[0-9]+', ['v1.10.1', 'v2.0.0'], ['v3.0.0', 'v1.x.0', 'v1.0.']],
  ['*.jsx?', ['page.js', 'page.jsx'], ['page.jsxx', 'src/page.js']],
  ['**.js', ['index.js', 'js/index.js', 'src/js/app.js'], ['index.jsx']],
  ['docs/*', ['docs/README.md'], ['docs/mona/octocat.txt']],
  ['docs/**', ['docs/README.md', 'docs/mona/octocat.txt'], ['mydocs/a']],
  [
    'docs/**/*.md',
    ['docs/README.md', 'docs/mona/hello-world.md', 'docs/a/markdown/file.md'],
    ['docs/a.txt', 'a/docs/b.md'],
  ],
  ['**/docs/**', ['docs/hello.md', 'dir/docs/my-file.txt', 'space/docs/plan/space.doc'], ['docsx/a', 'xdocs/a']],
  ['**/README.md', ['README.md', 'js/README.md', 'a/b/README.md'], ['MYREADME.md', 'README.mdx']],
  ['**/*src/**', ['a/src/app.js', 'my-src/code/js/app.js', 'src/x'], ['src']],
  ['**/*-post.md', ['my-post.md', 'path/their-post.md'], ['post.md']],
  ['**/migrate-*.sql', ['migrate-10909.sql', 'db/migrate-v1.0.sql', 'db/sept/migrate-v1.sql'], ['xmigrate-1.sql']],
  ['Octoc?t', ['Octoct', 'Octot'], ['Octocat']],
  ['ab+', ['ab', 'abbb'], ['a']],
  ['[CB]at', ['Cat', 'Bat'], ['cat', 'at']],
  ['[1-2]00', ['100', '200'], ['300', '1-200']],
  ['[0-9a-z]', ['5', 'g'], ['G', '55']],
  ['[a-z]+', ['abc'], ['', 'abC']],
  ['[ab', ['[ab'], ['a']],
  ['a\\*b', ['a*b'], ['axb']],
  ['v1.0', ['v1.0'], ['v1x0']],
  ['(a|b)$', ['(a|b)$'], ['a']],
  ['+a', ['+a'], ['a']],
  ['?a', ['?a'], ['a']],
  ['', [''], ['a']],
];

for (const [pattern, inside, outside] of patterns) {
  test(`the pattern "${pattern}" matches what it should and nothing else`, () => {
    for (const text of inside) assert.equal(filterPattern(pattern).matches(text), true, text);
    for (const text of outside) assert.equal(filterPattern(pattern).matches(text), false, text);
  });
}

test('in a list the last pattern that matches decides', () => {
  const releases = ['releases/**', '!releases/**-alpha'];
  assert.equal(matchesPatterns(releases, 'releases/10'), true);
  assert.equal(matchesPatterns(releases, 'releases/10-alpha'), false);
  assert.equal(matchesPatterns([...releases, 'releases/11-alpha'], 'releases/11-alpha'), true);
  assert.equal(matchesPatterns(['!main', '**'], 'main'), true);
  assert.equal(matchesPatterns(['!main'], 'dev'), false);
});

test('a pattern made to take long takes none', () => {
  assert.equal(filterPattern(`${'**a'.repeat(200)}b`).matches('a'.repeat(2_000)), false);
});

test('a text without special characters matches itself and only itself', () => {
  const plain = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '-', '(', '$', '^') });
  fc.assert(
    fc.property(plain, plain, (one, other) => {
      assert.equal(filterPattern(one).matches(one), true);
      assert.equal(filterPattern(one).matches(other), one === other);
    }),
  );
});

const push = { event: 'push' } as const;
const main: TriggerEvent = { name: 'push', ref: 'refs/heads/main' };
const tag: TriggerEvent = { name: 'push', ref: 'refs/tags/v1.0' };
const opened: TriggerEvent = { name: 'pull_request', action: 'opened', ref: 'refs/pull/1/merge', baseRef: 'main' };

const matching: readonly (readonly [string, Omit<Trigger, 'at'>, TriggerEvent])[] = [
  ['a push without filters', push, main],
  ['a tag without filters', push, tag],
  ['a branch that is named', { ...push, branches: ['main'] }, main],
  ['a branch that is not left out', { ...push, branchesIgnore: ['dev'] }, main],
  ['a tag that is named', { ...push, tags: ['v*'] }, tag],
  ['a tag beside branch filters, when tags are named too', { ...push, branches: ['main'], tags: ['v*'] }, tag],
  ['a changed path', { ...push, paths: ['src/**'] }, { ...main, changedPaths: ['README.md', 'src/a.ts'] }],
  ['a path that is not ignored', { ...push, pathsIgnore: ['docs/**'] }, { ...main, changedPaths: ['docs/a', 'src/a'] }],
  ['a tag, whatever the paths', { ...push, tags: ['**'], paths: ['src/**'] }, { ...tag, changedPaths: ['docs/a'] }],
  ['an empty commit beside paths-ignore', { ...push, pathsIgnore: ['**'] }, { ...main, changedPaths: [] }],
  ['a pull request that is opened', { event: 'pull_request' }, opened],
  ['a pull request without a type', { event: 'pull_request' }, { name: 'pull_request' }],
  ['a pull request by its base', { event: 'pull_request', branches: ['main'] }, opened],
  [
    'a pull request by its base in full',
    { event: 'pull_request', branches: ['main'] },
    { ...opened, baseRef: 'refs/heads/main' },
  ],
  ['a type that is named', { event: 'issues', types: ['opened'] }, { name: 'issues', action: 'opened' }],
  ['any type where none is named', { event: 'issues' }, { name: 'issues', action: 'labeled' }],
  [
    'a schedule by its line',
    { event: 'schedule', schedules: [{ cron: '0 5 * * *' }] },
    { name: 'schedule', cron: '0 5 * * *' },
  ],
  ['a schedule without a line', { event: 'schedule', schedules: [{ cron: '0 5 * * *' }] }, { name: 'schedule' }],
  ['a dispatch', { event: 'workflow_dispatch' }, { name: 'workflow_dispatch' }],
];

for (const [name, trigger, event] of matching) {
  test(`starts: ${name}`, () => {
    assert.deepEqual(match(trigger, event), { matches: true });
  });
}

const refused: readonly (readonly [Omit<Trigger, 'at'>, TriggerEvent, string])[] = [
  [push, { name: 'release' }, 'release: this workflow does not run on it; it runs on push'],
  [
    { ...push, branches: ['main'] },
    { name: 'push', ref: 'refs/heads/feature/x' },
    'push to feature/x: on.push.branches allows only main',
  ],
  [
    { ...push, branches: ['main', 'dev', 'r/**'] },
    { name: 'push', ref: 'refs/heads/x' },
    'push to x: on.push.branches allows only main, dev and r/**',
  ],
  [{ ...push, branchesIgnore: ['main'] }, main, 'push to main: on.push.branches-ignore leaves out main'],
  [{ ...push, tags: ['v*'] }, main, 'push to main: on.push filters tags only, so no branch starts it'],
  [{ ...push, branches: ['**'] }, tag, 'push to tag v1.0: on.push filters branches only, so no tag starts it'],
  [{ ...push, tagsIgnore: ['v*'] }, tag, 'push to tag v1.0: on.push.tags-ignore leaves out v*'],
  [
    { ...push, paths: ['src/**'] },
    { ...main, changedPaths: ['README.md'] },
    'push: no changed file matches on.push.paths (src/**)',
  ],
  [
    { ...push, pathsIgnore: ['docs/**'] },
    { ...main, changedPaths: ['docs/a'] },
    'push: every changed file is left out by on.push.paths-ignore (docs/**)',
  ],
  [
    { event: 'pull_request' },
    { ...opened, action: 'closed' },
    'pull_request of type closed: by default only opened, synchronize and reopened count',
  ],
  [
    { event: 'pull_request', types: ['closed'] },
    opened,
    'pull_request of type opened: on.pull_request.types allows only closed',
  ],
  [
    { event: 'pull_request', branches: ['main'] },
    { ...opened, baseRef: 'dev' },
    'pull_request into dev: on.pull_request.branches allows only main',
  ],
  [
    { event: 'schedule', schedules: [{ cron: '0 5 * * *' }] },
    { name: 'schedule', cron: '0 6 * * *' },
    'schedule 0 6 * * *: on.schedule has only 0 5 * * *',
  ],
];

for (const [trigger, event, reason] of refused) {
  test(`does not start: ${reason}`, () => {
    assert.deepEqual(match(trigger, event), { matches: false, reason });
  });
}

test('a filter that cannot be decided lets the event through, and says so', () => {
  assert.deepEqual(match({ ...push, branches: ['main'], paths: ['src/**'] }, main), {
    matches: true,
    note: 'the path filters of on.push were not applied: what changed is not known',
  });
  assert.deepEqual(match({ ...push, branches: ['main'] }, { name: 'push' }), {
    matches: true,
    note: 'the branch filters of on.push were not applied: the event names no branch',
  });
  assert.deepEqual(match({ event: 'release', types: ['published'] }, { name: 'release' }), {
    matches: true,
    note: 'on.release.types was not applied: the event does not say its type',
  });
});

test('a workflow with several events names them all', () => {
  const on = ['push', 'pull_request', 'schedule'].map((event) => ({ event, at }));
  assert.deepEqual(matchTrigger({ on }, { name: 'release' }), {
    matches: false,
    reason: 'release: this workflow does not run on it; it runs on push, pull_request and schedule',
  });
});
