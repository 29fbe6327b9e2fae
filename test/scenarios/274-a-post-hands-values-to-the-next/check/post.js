console.log(`the trail is ${process.env.TRAIL}; the path begins ${process.env.PATH.split(':').slice(0, 2).join(':')}`);
