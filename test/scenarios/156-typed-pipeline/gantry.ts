import { always, and, eq, github, matrixOf, needs, pipeline, runner, script, steps } from 'gantry';
import { greeting, type Greeting } from './ci/greeting.ts';
import settings from './ci/settings.json' with { type: 'json' };

const versions = { flavour: settings.flavours, include: [{ flavour: 'plain', extra: 'yes' }] };
const matrix = matrixOf(versions);
const said: Greeting = greeting('world');

export default pipeline({
  name: 'typed',
  on: { push: { branches: ['main'] } },
  env: { GREETING: said.text },
  jobs: {
    build: {
      name: `build ${matrix.flavour}`,
      'runs-on': 'ubuntu-latest',
      strategy: { matrix: versions, 'fail-fast': false },
      steps: [
        {
          name: 'Greet',
          run: script`
            echo "$GREETING from ${matrix.flavour} ${matrix.extra} on ${github.event_name}"
            echo "dollar: \${#GREETING} backslash: \t"
          `,
        },
      ],
    },
    single: {
      'runs-on': 'ubuntu-latest',
      outputs: { answer: steps.think.outputs.answer },
      steps: [
        { id: 'think', name: 'Think', run: 'echo "answer=42" >> "$GITHUB_OUTPUT"' },
        { name: 'Only on Linux', if: eq(runner.os, 'Linux'), run: 'true' },
        { name: 'Never', if: eq(steps.think.outputs.answer, 43), run: 'false' },
        {
          name: 'By a lesser way',
          run: 'exit 1',
          fallback: [{ loss: 'speed', run: 'true' }],
        },
      ],
    },
    report: {
      needs: ['build', 'single'],
      if: and(always(), eq(needs.build.result, 'success')),
      'runs-on': 'ubuntu-latest',
      env: { ANSWER: needs.single.outputs.answer },
      steps: [{ name: 'Report', run: `echo "the answer is $ANSWER, verdict ${needs.single.verdict}"` }],
    },
  },
});
