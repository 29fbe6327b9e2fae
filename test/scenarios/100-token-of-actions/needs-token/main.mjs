if (!process.env.INPUT_TOKEN) throw new Error('Input required and not supplied: token');
console.log(`a token of ${process.env.INPUT_TOKEN.length} characters`);
