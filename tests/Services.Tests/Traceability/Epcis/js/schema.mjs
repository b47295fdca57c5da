// node schema.mjs SCHEMA LINES: 1 or 0 for each line of JSON; last, the microseconds of one check.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const schema = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const options = { strict: false, unicodeRegExp: true, allErrors: false };
const ajv = schema.$schema.includes('2020-12') ? new Ajv2020(options) : new Ajv(options);
addFormats(ajv);
const validate = ajv.compile(schema);
const values = readFileSync(process.argv[3], 'utf8').split('\n').filter(line => line).map(line => JSON.parse(line));
values.forEach(validate);
const start = process.hrtime.bigint();
const verdicts = values.map(value => validate(value) ? 1 : 0);
const spent = Number(process.hrtime.bigint() - start) / 1000 / values.length;
console.log([...verdicts, spent.toFixed(1)].join('\n'));
