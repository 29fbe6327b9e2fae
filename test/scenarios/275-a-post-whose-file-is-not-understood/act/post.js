require('node:fs').appendFileSync(process.env.GITHUB_ENV, 'no value here\n');
