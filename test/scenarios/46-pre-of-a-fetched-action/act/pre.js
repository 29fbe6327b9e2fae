console.log('pre-ran');
const { appendFileSync } = require('node:fs');
appendFileSync(process.env.GITHUB_STATE, 'a=from pre\n');
appendFileSync(process.env.GITHUB_ENV, 'FROM_PRE=yes\n');
