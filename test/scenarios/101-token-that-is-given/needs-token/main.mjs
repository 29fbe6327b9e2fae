console.log(`a token of ${process.env.INPUT_TOKEN.length} characters`);
