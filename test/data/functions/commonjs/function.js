module.exports = async () => 'the module is the handler';
module.exports.handler = async () => 'a property of it';
