// A function that streams, on AWS's own Node.js runtime client: a word a second, or a word and then an error.
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const metadata = { statusCode: 202, headers: { "Content-Type": "text/plain" }, cookies: ["a=1"] };
  stream = awslambda.HttpResponseStream.from(stream, metadata);
  for (const word of ["one ", "two ", "three"]) {
    stream.write(word);
    await new Promise((done) => setTimeout(done, 1000));
    if (event.path.endsWith("/fails")) throw new Error("no more words");
  }
  stream.end();
});
