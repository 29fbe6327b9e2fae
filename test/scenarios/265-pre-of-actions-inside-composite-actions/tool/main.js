const { appendFileSync } = require('node:fs');
console.log(`main of ${process.env.STATE_pre} given ${process.env.GIVEN ?? 'nothing'}`);
appendFileSync(process.env.GITHUB_STATE, `main=${process.env.INPUT_NAME}\n`);
