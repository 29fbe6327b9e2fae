console.log(
  `post of ${process.env.STATE_pre}, main ${process.env.STATE_main ?? 'did not run'}, later ${process.env.LATE}`,
);
