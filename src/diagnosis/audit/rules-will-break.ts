// What will break, or misleads.
import { step, workflow, type Rule } from './rule.ts';

export const WILL_BREAK = {
  AU101: {
    title: 'a package that the release no longer has',
    severity: 'risk',
    why: 'apt ends with 100 and "has no installation candidate". A base image or runner that floats brings it about without a change of yours.',
    bad: step('sudo apt-get install -y libgl1-mesa-glx'),
    good: step('sudo apt-get install -y libgl1'),
  },
  AU102: {
    title: 'an image that starts a file which is not there',
    severity: 'risk',
    why: 'The build succeeds, and the container ends at once.',
    bad: { Dockerfile: 'FROM python:3.12-slim\nCOPY . .\nUSER app\nCMD ["python", "main.py"]\n', 'app.py': '' },
    good: { Dockerfile: 'FROM python:3.12-slim\nCOPY . .\nUSER app\nCMD ["python", "app.py"]\n', 'app.py': '' },
  },
  AU103: {
    title: 'a script that names a file which is not there',
    severity: 'risk',
    why: 'The file was moved, or never was in the repository.',
    bad: { ...step('python main.py'), 'app.py': '' },
    good: { ...step('python app.py'), 'app.py': '' },
  },
  AU104: {
    title: 'a build of a stage that does not exist',
    severity: 'risk',
    why: 'The engine refuses it; behind a mask nobody sees that nothing was built.',
    bad: {
      ...step('docker build --target prod .'),
      Dockerfile: 'FROM alpine:3.20 AS build\nFROM alpine:3.20 AS production\n',
    },
    good: {
      ...step('docker build --target production .'),
      Dockerfile: 'FROM alpine:3.20 AS build\nFROM alpine:3.20 AS production\n',
    },
  },
  AU105: {
    title: 'an option that the tool does not have',
    severity: 'risk',
    why: 'The command fails with "unknown flag" whatever the project looks like.',
    bad: step('docker build --dry-run .'),
    good: step('docker build --check .'),
  },
  AU106: {
    title: 'a cache that the builder cannot export',
    severity: 'risk',
    why: 'The engine\'s own builder (the "docker" driver) has no cache export but the inline one.',
    bad: step('docker build --cache-to type=gha .'),
    good: workflow(
      '      - uses: docker/setup-buildx-action@e468171a9de216ec08956ac3ada2f0791b6bd435\n      - run: docker buildx build --cache-to type=gha .',
    ),
  },
  AU107: {
    title: "somebody else's action without a commit",
    severity: 'risk',
    why: 'A tag or branch can be moved, and has been, to code that reads the secrets of every workflow that uses it.',
    bad: workflow('      - uses: someone/deploy@v1'),
    good: workflow('      - uses: someone/deploy@8f4b7f84864484a7bf31766abe9204da3cbe65b3 # v1'),
  },
  AU108: {
    title: 'something that was retired',
    severity: 'risk',
    why: 'Versions of actions, workflow commands and machines that GitHub has turned off fail, or wait for ever.',
    bad: workflow('      - uses: actions/upload-artifact@v3\n        with: { name: x, path: x }'),
    good: workflow('      - uses: actions/upload-artifact@v4\n        with: { name: x, path: x }'),
  },
  AU109: {
    title: 'pins of one package that contradict each other',
    severity: 'risk',
    why: 'Installed together they cannot be satisfied; installed one after the other, the last one wins.',
    bad: { 'requirements.txt': 'flask==3.0.0\n', 'requirements-dev.txt': 'Flask==2.3.0\n' },
    good: { 'requirements.txt': 'flask==3.0.0\n', 'requirements-dev.txt': 'Flask==3.0.0\n' },
  },
  AU110: {
    title: 'files put together of which one does not end its last line',
    severity: 'risk',
    why: 'Its last line and the first one of the next file become one line, which neither meant.',
    bad: { ...step('cat base.txt extra.txt > all.txt'), 'base.txt': 'flask', 'extra.txt': 'redis\n' },
    good: { ...step('cat base.txt extra.txt > all.txt'), 'base.txt': 'flask\n', 'extra.txt': 'redis\n' },
  },
  AU111: {
    title: 'a secret in the repository',
    severity: 'risk',
    why: 'Everybody who can read the repository has it, and its history keeps it.',
    bad: { '.env': 'DATABASE_PASSWORD=hunter2hunter2\n' },
    good: { '.env.example': 'DATABASE_PASSWORD=hunter2hunter2\n' },
  },
  AU112: {
    title: "a stranger's text in a script",
    severity: 'risk',
    why: 'An expression is put into the script before the shell reads it: a title such as `"; curl … | sh; "` is a command.',
    bad: step('echo "${{ github.event.pull_request.title }}"'),
    good: workflow('      - run: echo "$TITLE"\n        env: { TITLE: "${{ github.event.pull_request.title }}" }'),
  },
  AU113: {
    title: 'the right to change everything',
    severity: 'risk',
    why: 'Any action and any dependency that runs in a job has the rights of its token.',
    bad: workflow('      - run: make', '    permissions: write-all\n'),
    good: workflow('      - run: make', '    permissions: { contents: read }\n'),
  },
} as const satisfies Readonly<Record<string, Rule>>;
