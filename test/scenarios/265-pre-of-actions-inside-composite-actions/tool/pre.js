const { appendFileSync } = require('node:fs');
const { INPUT_NAME, FROM_PRE, GITHUB_ENV, GITHUB_STATE } = process.env;
console.log(`pre of ${INPUT_NAME}`);
appendFileSync(GITHUB_ENV, `FROM_PRE=${FROM_PRE ? `${FROM_PRE} ` : ''}${INPUT_NAME}\n`);
appendFileSync(GITHUB_STATE, `pre=${INPUT_NAME}\n`);
