import { needs, pipeline } from 'gantry';

const job = (tool: string) => ({ 'runs-on': 'ubuntu-latest', steps: [{ run: tool }] });

export default pipeline({
  on: 'push',
  jobs: {
    lint: job('true'),
    test: {
      ...job('true'),
      needs: ['lnt' as 'lint'],
      env: { VERDICT: needs.lint.verdict },
    },
  },
});
