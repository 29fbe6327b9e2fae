import type { InitStep, PartPlan } from './plan-part.ts';
import type { Part } from './survey.ts';

const TEST_FILE = /(^|\/)(test[^/]*|[^/]+_test)\.py$/;
const REQUIREMENTS = /^(requirements[\w.-]*|[\w.-]*requirements)\.txt$/;

export function planPython(part: Part): PartPlan | undefined {
  const requirements = part.files.filter((path) => REQUIREMENTS.test(path));
  const manifest = part.files.find((path) => /^(pyproject\.toml|setup\.py|setup\.cfg|Pipfile)$/.test(path));
  const sources = part.files.filter((path) => path.endsWith('.py'));
  if (requirements.length === 0 && manifest === undefined && sources.length === 0) return undefined;
  if (sources.length === 0 && manifest === undefined && !part.files.some((path) => path.endsWith('.ipynb')))
    return undefined;
  const installed = planInstall(part, requirements);
  const tested = planTests(part, installed.hasPytest);
  const check: InitStep = {
    why: ['Nothing else is proven here, so at least each file must be Python.'],
    name: 'Syntax',
    run: 'python -m compileall -q .',
  };
  const steps = [...installed.steps, ...tested.steps];
  return {
    language: 'python',
    uses: {
      why: 'A virtual environment of its own, with the Python of the machine.',
      action: 'actions/setup-python@v5',
      with: { 'python-version': '3.x' },
    },
    steps: tested.steps.length > 0 || sources.length === 0 ? steps : [...steps, check],
    notes: [...installed.notes, ...tested.notes],
  };
}

interface Install {
  readonly steps: readonly InitStep[];
  readonly notes: readonly string[];
  readonly hasPytest: boolean;
}

function planInstall(part: Part, requirements: readonly string[]): Install {
  const filled = requirements.filter((path) => packagesOf(part.read(path)).length > 0);
  const main = filled.filter((path) => path === 'requirements.txt');
  const forTests = filled.filter((path) => path !== 'requirements.txt' && /(dev|test|ci)/.test(path));
  const chosen = [...main, ...forTests];
  const hasPytest = chosen.some((path) => packagesOf(part.read(path)).includes('pytest'));
  if (chosen.length > 0) {
    const why = [`From ${chosen.join(' and ')}. A network that stumbles is tried again, and the run then says so.`];
    const run = `python -m pip install ${chosen.map((path) => `-r ${path}`).join(' ')}`;
    return { steps: [{ why, name: 'Dependencies', run, retry: true }], notes: [], hasPytest };
  }
  const project = part.read('pyproject.toml');
  if (/^\[(project|tool\.poetry|build-system)\]/m.test(project)) return planProject(project);
  if (part.files.includes('setup.py')) {
    const why = ['setup.py is here.'];
    return {
      steps: [{ why, name: 'Dependencies', run: 'python -m pip install .', retry: true }],
      notes: [],
      hasPytest: /pytest/.test(part.read('setup.py')),
    };
  }
  const notes = part.files.includes('Pipfile')
    ? ['Pipfile is here: nothing is installed from it, because pipenv manages its own environments']
    : [];
  return { steps: [], notes, hasPytest: false };
}

/** The package itself; with the extra that brings pytest, when there is one. */
function planProject(project: string): Install {
  const extras = /^\[project\.optional-dependencies\]\n([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(project)?.[1] ?? '';
  const lists = [...extras.matchAll(/^([\w.-]+)\s*=\s*\[([^\]]*)\]/gm)];
  const extra = lists.find(([, , list = '']) => /["']pytest\b/.test(list))?.[1];
  const dependencies = /^dependencies\s*=\s*\[([^\]]*)\]/m.exec(project)?.[1] ?? '';
  const group = /^\[dependency-groups\]\n([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(project)?.[1] ?? '';
  const groups = [...group.matchAll(/^([\w.-]+)\s*=\s*\[([^\]]*)\]/gm)];
  const testGroup = groups.find(([, , list = '']) => /["']pytest\b/.test(list))?.[1];
  const more = testGroup === undefined ? '' : ` --group ${testGroup}`;
  const run = `python -m pip install ${extra === undefined ? '.' : `'.[${extra}]'`}${more}`;
  const why = ['The package of pyproject.toml, with what it needs. A network that stumbles is tried again.'];
  const hasPytest = extra !== undefined || testGroup !== undefined || /["']pytest\b/.test(dependencies);
  return { steps: [{ why, name: 'Dependencies', run, retry: true }], notes: [], hasPytest };
}

/** Names of packages in a requirements file, in lower case. */
function packagesOf(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.replace(/(^|\s)#.*$/, '').trim());
  return lines.filter((line) => line !== '').map((line) => /^[\w.-]+/.exec(line)?.[0]?.toLowerCase() ?? line);
}

function planTests(
  part: Part,
  hasPytest: boolean,
): { readonly steps: readonly InitStep[]; readonly notes: readonly string[] } {
  const files = part.files.filter((path) => TEST_FILE.test(path));
  if (files.length === 0)
    return { steps: [], notes: ['no test files (test_*.py) were found, so no test step is claimed'] };
  const env = part.files.some((path) => /^src\/[^/]+(\/__init__)?\.py$/.test(path))
    ? { env: { PYTHONPATH: 'src' } }
    : {};
  if (hasPytest) {
    const why = ['pytest is among the dependencies. It writes a report as the proof: no tests is unknown, not passed.'];
    return {
      steps: [{ why, name: 'Tests', run: 'python -m pytest --junitxml=report.xml', report: 'report.xml', ...env }],
      notes: [],
    };
  }
  const byUnittest = files.filter((path) => /\bunittest\b/.test(part.read(path)));
  if (byUnittest.length === 0)
    return {
      steps: [],
      notes: [`${files[0]} looks like a test for pytest, which is in no requirements file: no test step is claimed`],
    };
  const why = ['The tests use unittest of the standard library, which writes no report: the exit code is the proof.'];
  return {
    steps: [{ why, name: 'Tests', run: `python -m unittest ${discovery(part, byUnittest)}`, ...env }],
    notes: [],
  };
}

/** unittest looks into packages only, so a folder of tests that is none is named. */
function discovery(part: Part, files: readonly string[]): string {
  const folders = new Set(files.map((path) => path.split('/').slice(0, -1).join('/')));
  const [folder = ''] = folders;
  const pattern = files.every((path) => path.endsWith('_test.py')) ? " -p '*_test.py'" : '';
  const isPackage = part.files.includes(`${folder}/__init__.py`);
  if (folder === '' || folders.size > 1) return `discover -v${pattern}`;
  return `discover -v -s ${folder}${isPackage ? ' -t .' : ''}${pattern}`;
}
