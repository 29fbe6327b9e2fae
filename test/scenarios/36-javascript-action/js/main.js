const { appendFileSync } = require('node:fs');
const answer = `${process.env['INPUT_TWO_WORDS']} and ${process.env['INPUT_OTHER']}`;
appendFileSync(process.env.GITHUB_OUTPUT, `answer=${answer}\n`);
appendFileSync(process.env.GITHUB_ENV, 'EXPORTED=yes\n');
if (process.cwd() !== process.env.GITHUB_WORKSPACE) process.exit(4);
