require('node:fs').appendFileSync(process.env.GITHUB_STATE, 'when=early\n');
require('node:fs').appendFileSync(process.env.GITHUB_ENV, 'PRE=set\n');
