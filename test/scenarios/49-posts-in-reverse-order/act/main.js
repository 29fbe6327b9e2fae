const { appendFileSync } = require('node:fs');
appendFileSync(process.env.SHARED + '/order', process.env.INPUT_NAME + ' ');
if (process.env.INPUT_FAIL) process.exit(3);
