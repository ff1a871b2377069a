exports.handler = async () => [typeof require, __filename.split('/').pop()];
exports.fails = () => {
  throw new Error('from CommonJS');
};
