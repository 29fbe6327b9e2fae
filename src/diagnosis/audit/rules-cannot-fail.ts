// Checks that cannot fail.
import { step, workflow, type Rule } from './rule.ts';

export const CANNOT_FAIL = {
  AU001: {
    title: 'a command whose failure is hidden by `||`',
    severity: 'gate',
    why: 'Whatever the command finds, the step goes on as if it had succeeded. The day it breaks, nobody is told.',
    bad: step('pytest || true'),
    good: step('pytest'),
  },
  AU002: {
    title: 'a command whose status nobody looks at',
    severity: 'gate',
    why: 'Behind `set +e`, and in shells that run without `-e`, a command that fails is passed over unless its status is read.',
    bad: step('set +e', 'pytest', 'flake8'),
    good: step('set +e', 'pytest', 'status=$?', 'set -e', 'exit "$status"'),
  },
  AU003: {
    title: 'a script that ends well whatever happened',
    severity: 'gate',
    why: 'With `exit 0` or `true` at its end, a script without `-e` succeeds always.',
    bad: { ...step('sh check.sh'), 'check.sh': 'pytest\nexit 0\n' },
    good: { ...step('sh check.sh'), 'check.sh': 'set -e\npytest\nexit 0\n' },
  },
  AU004: {
    title: 'a check in a pipe without `pipefail`',
    severity: 'gate',
    why: "A pipe has the status of its last command. GitHub's default shell for `run` has no `pipefail`: `shell: bash` has it.",
    bad: step('pytest | tee report.txt'),
    good: step('set -o pipefail', 'pytest | tee report.txt'),
  },
  AU005: {
    title: 'a check of which both answers only print',
    severity: 'gate',
    why: 'An `if` that prints one thing or the other has looked, and has decided nothing.',
    bad: step('if pytest; then echo fine; else echo "some tests failed"; fi'),
    good: step('if pytest; then echo fine; else echo "some tests failed"; exit 1; fi'),
  },
  AU006: {
    title: 'Python that catches the failure of a check and prints it',
    severity: 'gate',
    why: 'An exception that is caught and printed leaves the status at 0.',
    bad: step(
      'python - <<EOF',
      'try:',
      '    import app',
      'except Exception as error:',
      '    print("warning", error)',
      'EOF',
    ),
    good: step('python - <<EOF', 'import app', 'EOF'),
  },
  AU007: {
    title: 'a check that is told to `continue-on-error`',
    severity: 'gate',
    why: 'The step is green for everybody who only sees the run. What may fail belongs where its failure is seen: `advisory:` in a pipeline of Gantry, or a job that nothing needs.',
    bad: workflow('      - run: pytest\n        continue-on-error: true'),
    good: workflow('      - run: pytest'),
  },
  AU008: {
    title: 'a job in which nothing can fail',
    severity: 'gate',
    why: 'Every check of the job is hidden, so its green says only that the machine was there.',
    bad: workflow('      - run: pytest || true\n      - run: flake8 || true'),
    good: workflow('      - run: pytest || true\n      - run: flake8'),
  },
  AU009: {
    title: 'a step that only says that all is well',
    severity: 'gate',
    why: 'It prints a success that it has not looked for.',
    bad: workflow('      - name: Health check\n        run: echo "Health check PASSED"'),
    good: workflow('      - name: Health check\n        run: curl --fail http://localhost:8080/health'),
  },
  AU010: {
    title: 'a deployment that runs whatever happened before it',
    severity: 'gate',
    why: '`always()` in the `if:` of a deployment takes every gate away that its `needs:` put up.',
    bad: {
      '.github/workflows/ci.yml':
        'on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: pytest\n  deploy:\n    needs: test\n    if: always()\n    runs-on: ubuntu-latest\n    steps:\n      - run: ./deploy.sh\n',
      'deploy.sh': 'set -e\nkubectl apply -f app.yml\n',
    },
    good: {
      '.github/workflows/ci.yml':
        'on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: pytest\n  deploy:\n    needs: test\n    runs-on: ubuntu-latest\n    steps:\n      - run: ./deploy.sh\n',
      'deploy.sh': 'set -e\nkubectl apply -f app.yml\n',
    },
  },
  AU011: {
    title: 'a job that others need and a path filter may leave out',
    severity: 'risk',
    why: 'A workflow that its path filter leaves out reports nothing, and a job that is skipped counts as a success where it is required.',
    bad: {
      '.github/workflows/ci.yml':
        "on:\n  pull_request:\n    paths: ['src/**']\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: pytest\n",
    },
    good: {
      '.github/workflows/ci.yml':
        'on: pull_request\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: pytest\n',
    },
  },
  AU012: {
    title: 'a scanner whose findings end with 0',
    severity: 'gate',
    why: 'With this option the tool reports and succeeds, whatever it found.',
    bad: step('flake8 --exit-zero src'),
    good: step('flake8 src'),
  },
  AU013: {
    title: 'a test command that is content without tests',
    severity: 'gate',
    why: 'When the tests move or their pattern is wrong, none runs, and the step stays green.',
    bad: step('jest --passWithNoTests'),
    good: step('jest'),
  },
  AU014: {
    title: 'a here-document that writes placeholders as they stand',
    severity: 'risk',
    why: 'With the delimiter in quotes the shell fills nothing in: the file says `$(date)`, not the date.',
    bad: step("cat > manifest.json <<'EOF'", '{ "built": "$(date)" }', 'EOF'),
    good: step('cat > manifest.json <<EOF', '{ "built": "$(date)" }', 'EOF'),
  },
} as const satisfies Readonly<Record<string, Rule>>;
