console.log('pre of a local action');
