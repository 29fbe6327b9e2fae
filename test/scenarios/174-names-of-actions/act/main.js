if (process.env.GITHUB_ACTION !== process.env.INPUT_NAME) {
  console.log(`::error::called ${process.env.GITHUB_ACTION}, not ${process.env.INPUT_NAME}`);
  process.exitCode = 1;
}
