// The five ways a run can end, as the reports' tests show them.
import type { RunScript } from './report-runs.ts';

const CHECKOUT = { name: 'actions/checkout@v4', durationMs: 120 };

export const PASSED: RunScript = {
  endsAtMs: 12_340,
  jobs: [
    {
      key: 'test',
      name: 'Comprehensive testing',
      steps: [
        CHECKOUT,
        { name: 'Unit tests', id: 'unit', durationMs: 2_040, exitCode: 0, tests: { total: 24, failed: 0, skipped: 2 } },
      ],
      ends: { atMs: 2_300, conclusion: 'success' },
    },
    {
      key: 'deploy',
      name: 'Deploy to production',
      startsAtMs: 2_300,
      steps: [
        {
          name: 'gantry/deploy@v1',
          durationMs: 9_900,
          release: {
            kind: 'live',
            environment: 'production',
            version: '2026.11.23-2',
            address: 'http://127.0.0.1:8080',
            previous: '2026.11.23-1',
          },
        },
      ],
      ends: { atMs: 12_300, conclusion: 'success' },
    },
  ],
};

export const DEGRADED: RunScript = {
  endsAtMs: 75_000,
  jobs: [
    {
      key: 'test',
      name: 'Comprehensive testing',
      steps: [
        CHECKOUT,
        {
          name: 'Install Python dependencies',
          durationMs: 61_000,
          ledger: [
            {
              what: 'fallback',
              where: 'Comprehensive testing / Install Python dependencies',
              wanted: 'pip install -r requirements.txt',
              used: 'Core packages only',
              why: 'exit code 1: no matching distribution found for opencv-python-headless==4.10.0.84, and the index that was asked is the only one there is',
              loss: 'no solar image analysis',
              until: '2027-03-01',
            },
          ],
        },
        {
          name: 'flake8',
          durationMs: 800,
          outcome: 'failure',
          exitCode: 1,
          why: 'exit code 1',
          ledger: [
            {
              what: 'advisory',
              where: 'Comprehensive testing / flake8',
              wanted: 'no findings',
              used: '12 findings',
              why: 'exit code 1',
            },
          ],
          annotations: [
            { level: 'error', message: 'E999 SyntaxError: invalid syntax', file: 'src/app.py', line: 12, column: 5 },
            ...Array.from({ length: 11 }, (_, index) => {
              const message = `F401 'module_${index}' imported but unused`;
              return { level: 'warning', message, file: 'src/sources/noaa.py', line: index + 1 } as const;
            }),
          ],
        },
      ],
      ends: { atMs: 74_900, conclusion: 'success' },
    },
  ],
};

export const UNKNOWN: RunScript = {
  endsAtMs: 3_000,
  jobs: [
    {
      key: 'test',
      name: 'test',
      steps: [
        CHECKOUT,
        {
          name: 'Unit tests',
          outcome: 'failure',
          conclusion: 'failure',
          durationMs: 600,
          exitCode: 5,
          nothingRan: true,
          why: 'expected at least 1 test, and report.xml says that none ran',
          tests: { total: 0, failed: 0, skipped: 0 },
        },
      ],
      ends: { atMs: 2_900, conclusion: 'failure', why: 'step "Unit tests" failed' },
    },
    {
      key: 'deploy',
      name: 'deploy',
      skipped: { why: 'test did not succeed', blameless: false, conclusion: 'skipped' },
    },
  ],
};

export const FAILED: RunScript = {
  endsAtMs: 9_000,
  jobs: [
    {
      key: 'deploy',
      name: 'deploy',
      steps: [
        {
          name: 'gantry/deploy@v1',
          outcome: 'failure',
          conclusion: 'failure',
          durationMs: 8_000,
          exitCode: 30,
          why: 'the release did not become healthy within 5 s: GET /health answered 503',
          release: {
            kind: 'refused',
            environment: 'production',
            version: '2026.11.23-2',
            why: 'GET /health answered 503',
            stillServing: '2026.11.23-1',
            verified: true,
          },
        },
        { name: 'Tell the world', outcome: 'skipped', conclusion: 'skipped', durationMs: 0 },
      ],
      ends: { atMs: 8_900, conclusion: 'failure', why: 'step "gantry/deploy@v1" failed' },
    },
  ],
};

export const CANCELLED: RunScript = {
  endsAtMs: 4_100,
  cancel: 'interrupted from the terminal',
  jobs: [
    {
      key: 'test',
      name: 'test',
      steps: [CHECKOUT, { name: 'Unit tests', outcome: 'cancelled', conclusion: 'cancelled', durationMs: 3_000 }],
      ends: { atMs: 4_000, conclusion: 'cancelled', why: 'the run was cancelled' },
    },
    {
      key: 'deploy',
      name: 'deploy',
      skipped: { why: 'the run was cancelled', blameless: false, conclusion: 'cancelled' },
    },
  ],
};
