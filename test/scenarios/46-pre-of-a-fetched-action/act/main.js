console.log(`main sees ${process.env.STATE_a}`);
