const { env } = process;
if (env.PRE !== 'set') process.exit(1);
require('node:fs').appendFileSync(
  env.GITHUB_OUTPUT,
  `where=${env.STATE_when} ${env.GITHUB_ACTION_REPOSITORY} ${env.GITHUB_ACTION_REF}\n`,
);
