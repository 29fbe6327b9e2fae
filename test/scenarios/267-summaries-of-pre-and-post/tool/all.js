const { INPUT_NAME, STATE_seen, GITHUB_STEP_SUMMARY, MARK } = process.env;
require('node:fs').appendFileSync(GITHUB_STEP_SUMMARY, `${INPUT_NAME} behind ${STATE_seen ?? 'nothing'} ${MARK}`);
console.log(`::save-state name=seen::${STATE_seen === undefined ? 'pre' : 'main'}`);
