import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanEnvironment } from './clean-env.ts';

test('only who, where, and the ways to the network and to the container engine pass from the host', () => {
  const host = {
    PATH: '/usr/bin:/bin',
    HOME: '/home/ann',
    AWS_SECRET_ACCESS_KEY: 'no',
    GITHUB_TOKEN: 'no',
    NODE_OPTIONS: '--inspect',
    https_proxy: 'http://proxy:3128',
    NO_PROXY: 'localhost',
    PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
    PIP_CERT: '',
    DOCKER_HOST: 'unix:///run/user/1000/docker.sock',
    DOCKER_AUTH_CONFIG: 'no',
  };
  assert.deepEqual(cleanEnvironment(host), {
    PATH: '/usr/bin:/bin',
    HOME: '/home/ann',
    LANG: 'C.UTF-8',
    https_proxy: 'http://proxy:3128',
    NO_PROXY: 'localhost',
    PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
    DOCKER_HOST: 'unix:///run/user/1000/docker.sock',
  });
});

test('what npm puts before PATH for its scripts is not the user’s', () => {
  const path = '/p/node_modules/.bin:/node_modules/.bin:/lib/node-gyp-bin:/home/ann/bin::/usr/bin';
  assert.equal(cleanEnvironment({ PATH: path })['PATH'], '/home/ann/bin:/usr/bin');
});

test('without a PATH there is the system’s, and the host’s language is kept', () => {
  const env = cleanEnvironment({ LANG: 'de_DE.UTF-8' });
  assert.equal(env['PATH'], '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
  assert.equal(env['LANG'], 'de_DE.UTF-8');
});
