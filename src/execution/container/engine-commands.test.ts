import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitWords } from '#base/split-words.ts';
import { insideEnvironment, toHost, toInside } from './container-paths.ts';
import { createContainer, environmentArguments, execIn } from './engine-commands.ts';

const mounts = [
  { host: '/work/job/p', inside: '/__w/p/p' },
  { host: '/work/job/_temp', inside: '/__w/_temp' },
  { host: '/work/job/_temp/_github_home', inside: '/github/home' },
];

test('a container is created with its labels, its network, ports on loopback, and the command behind the image', () => {
  const args = createContainer({
    name: 'c',
    image: 'redis:7',
    labels: { job: 'r/j', owner: 'h:1:2' },
    network: 'n',
    alias: 'redis',
    ports: ['6379', '8080:80', '0.0.0.0:1:1'],
    env: ['--env', 'A'],
    mounts: [{ host: '/h', inside: '/i', readOnly: true }],
    volumes: ['v:/v'],
    options: ['--cpus', '1'],
    entrypoint: 'tail',
    command: ['-f', '/dev/null'],
  });
  const expected =
    'create --name c --label gantry.job=r/j --label gantry.owner=h:1:2 --network n --network-alias redis' +
    ' --publish 127.0.0.1::6379 --publish 127.0.0.1:8080:80 --publish 0.0.0.0:1:1 --env A --volume /h:/i:ro' +
    ' --volume v:/v --cpus 1 --entrypoint tail redis:7 -f /dev/null';
  assert.deepEqual(args, expected.split(' '));
});

test('values of variables are no arguments, but for those that the command itself would obey', () => {
  const { args, env } = environmentArguments({ TOKEN: 'secret', PATH: '/inside', DOCKER_HOST: 'elsewhere' });
  assert.deepEqual(args, ['--env', 'TOKEN', '--env', 'PATH=/inside', '--env', 'DOCKER_HOST=elsewhere']);
  assert.deepEqual(env, { TOKEN: 'secret' });
  assert.deepEqual(execIn({ container: 'c', workdir: '/w', env: args.slice(0, 2), argv: ['sh', '-e', 'x'] }), [
    'exec',
    '--workdir',
    '/w',
    '--env',
    'TOKEN',
    'c',
    'sh',
    '-e',
    'x',
  ]);
});

test('a path is renamed by its innermost folder, and only at a boundary', () => {
  assert.equal(toInside(mounts, '/work/job/p/a'), '/__w/p/p/a');
  assert.equal(toInside(mounts, '/work/job/p-other'), '/work/job/p-other');
  assert.equal(toInside(mounts, '/work/job/_temp/_github_home/x'), '/github/home/x');
  assert.equal(toHost(mounts, '/__w/p/p/a'), '/work/job/p/a');
});

test('the environment inside has nothing of the machine, and the folders that steps have added to PATH', () => {
  const machine = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', USER: 'me' };
  const env = { ...machine, PATH: '/work/job/p/tools:/usr/bin:/bin', GITHUB_WORKSPACE: '/work/job/p', USER: 'other' };
  assert.deepEqual(insideEnvironment(env, { mounts, machine, path: '/img/bin' }), {
    HOME: '/github/home',
    USER: 'other',
    GITHUB_WORKSPACE: '/__w/p/p',
    PATH: '/__w/p/p/tools:/img/bin',
  });
});

test('words are split as a shell does it', () => {
  const split = (text: string): readonly string[] | string => {
    const words = splitWords(text);
    return words.ok ? words.value : words.error;
  };
  assert.deepEqual(split(`--health-cmd "a \\"b\\" c"  -v 'x y'z e\\ f ''`), [
    '--health-cmd',
    'a "b" c',
    '-v',
    'x yz',
    'e f',
    '',
  ]);
  assert.deepEqual(split('  '), []);
  assert.equal(split(`a "b`), 'a quote or a backslash is not closed: "b');
});
