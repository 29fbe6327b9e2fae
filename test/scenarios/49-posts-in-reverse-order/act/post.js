const { appendFileSync, readFileSync } = require('node:fs');
appendFileSync(process.env.SHARED + '/order', 'post-' + process.env.INPUT_NAME + ' ');
console.log('order: ' + readFileSync(process.env.SHARED + '/order', 'utf8'));
