import { pipeline, script, steps } from 'gantry';

export default pipeline({
  on: { push: {}, workflow_dispatch: { inputs: { level: { type: 'choice', options: ['low', 'high'] } } } },
  jobs: {
    build: {
      'runs-on': 'ubuntu-latest',
      steps: [
        { id: 'slow', name: 'Slow', background: true, run: 'echo "text=waited" >> "$GITHUB_OUTPUT"' },
        { name: 'Wait', wait: 'slow' },
        { name: 'After', run: `echo "it ${steps.slow.outputs.text}"` },
        { id: 'server', name: 'Server', background: true, run: 'sleep 600' },
        { name: 'End it', cancel: 'server' },
        { parallel: ['one', 'two'].map((name) => ({ name, run: `echo at once: ${name}` })) },
        {
          name: 'Proven',
          run: script`
            echo '<testsuite tests="1"><testcase name="a"/></testsuite>' > report.xml
          `,
          expect: { tests: { report: 'report.xml', min: 1 } },
        },
      ],
    },
  },
});
