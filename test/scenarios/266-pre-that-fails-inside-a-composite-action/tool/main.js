console.log('main-ran');
