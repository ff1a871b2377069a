exports.handler = async () => 'from NODE_PATH';
