const { appendFileSync } = require('node:fs');
appendFileSync(process.env.GITHUB_ENV, `TRAIL=${process.env.TRAIL},${process.env.INPUT_NAME}\n`);
