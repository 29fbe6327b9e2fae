console.log(`${process.env.INPUT_NAME} main`);
require('node:fs').appendFileSync(process.env.GITHUB_STATE, `kept=${process.env.INPUT_NAME}\n`);
process.exitCode = Number(process.env.INPUT_EXIT);
