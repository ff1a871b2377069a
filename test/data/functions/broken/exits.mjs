console.log('exits while loading');
process.exit(5);
