console.log(`post of ${process.env.STATE_kept}`);
