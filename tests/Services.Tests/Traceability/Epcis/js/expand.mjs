// node expand.mjs CONTEXT LINES: the expanded form of each line, or the name of the error.
import { readFileSync } from 'node:fs';
import jsonld from 'jsonld';

const context = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const documentLoader = async url => {
  if (!url.endsWith('/epcis-context.jsonld')) throw new Error(`not fetched: ${url}`);
  return { contextUrl: null, documentUrl: url, document: context };
};
for (const line of readFileSync(process.argv[3], 'utf8').split('\n').filter(line => line)) {
  try {
    console.log(JSON.stringify(await jsonld.expand(JSON.parse(line), { documentLoader })));
  } catch (error) {
    console.log(JSON.stringify(error.details?.code ?? error.message));
  }
}
