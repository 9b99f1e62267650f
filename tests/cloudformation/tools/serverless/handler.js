module.exports.hello = async (event) => ({ statusCode: 200, body: event.path });
module.exports.mapped = async (event) => event.path;
module.exports.check = async () => { throw new Error('Unauthorized'); };
