console.log(`post behind ${process.env.INPUT_EXIT}`);
