console.log(`pre ends with ${process.env.INPUT_EXIT}`);
process.exitCode = Number(process.env.INPUT_EXIT);
