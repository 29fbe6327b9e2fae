/** What an exported job deploys goes on when the job has ended, and the jobs behind it reach it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { openProjectOf, runTwice } from './on-github.ts';

const COMMAND = resolve(import.meta.dirname, '../../bin/gantry');

/** Reads its page anew each time: a release whose folder is gone has none. */
const APP = `
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            page = open('site/page', 'rb').read()
        except OSError:
            return self.send_error(500)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(page)
http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), Handler).serve_forever()
`;

const PIPELINE = `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    outputs: { url: '\${{ steps.release.outputs.url }}' }
    steps:
      - uses: actions/checkout@v4
      - run: mkdir -p site && echo made for the release > site/page
        consumes: []
        produces: [site]
      - id: release
        uses: gantry/deploy@v1
        with: { command: python3 app.py, bake: 100ms }
  health:
    needs: deploy
    runs-on: ubuntu-latest
    steps:
      - uses: gantry/health@v1
        with: { url: '\${{ needs.deploy.outputs.url }}/', contains: made for the release, consecutive: 1, deadline: 5s }
`;

test('a release outlives the exported job that made it', async () => {
  using project = openProjectOf({ 'gantry.yml': PIPELINE, 'app.py': APP });
  // Where the machine's user keeps things.
  const home = join(project.shared, 'home');
  mkdirSync(home);
  const stop = (cwd: string, env: NodeJS.ProcessEnv): void => {
    mkdirSync(cwd, { recursive: true });
    execFileSync(COMMAND, ['stop'], { cwd, env: { ...process.env, HOME: home, ...env }, stdio: 'pipe' });
  };
  try {
    const { here, onGitHub } = await runTwice(project, [], { HOME: home });
    for (const { jobs, logs } of [here, onGitHub]) {
      const ends = Object.entries(jobs).map(([key, job]) => `${key}: ${job.conclusion}, ${job.verdict ?? 'none'}`);
      assert.deepEqual(ends, ['deploy: success, passed', 'health: success, passed'], logs);
    }
  } finally {
    stop(project.folder, { GANTRY_STATE_DIR: project.stateFolder });
    for (const state of globSync(join(project.stateFolder, '*')))
      stop(join(state, 'work/deploy/project'), { GANTRY_STATE_DIR: undefined, XDG_STATE_HOME: undefined });
  }
});
