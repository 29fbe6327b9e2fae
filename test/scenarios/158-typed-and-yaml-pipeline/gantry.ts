import { pipeline } from 'gantry';

export default pipeline({ on: 'push', jobs: { build: { 'runs-on': 'ubuntu-latest', steps: [{ run: 'true' }] } } });
