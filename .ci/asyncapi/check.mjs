// Checks AsyncAPI documents, given as paths, with the specification's own parser. Ends with 1 where one is not valid.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Parser } from '@asyncapi/parser';

// The document is 3.0 on purpose; that there is a later version is no finding.
const IGNORED = new Set(['asyncapi-latest-version']);
const LEVELS = ['error', 'warning', 'information', 'hint'];

async function check(path) {
  const file = resolve(path);
  const { document, diagnostics } = await new Parser().parse(await readFile(file, 'utf8'), { source: file });
  const findings = diagnostics.filter(found => !IGNORED.has(found.code));
  for (const found of findings) {
    const line = found.range.start.line + 1;
    console.error(`${path}:${line}: ${LEVELS[found.severity]}: ${found.path.join('.')}: ${found.message}`);
  }
  const valid = document !== undefined && findings.length === 0;
  if (valid) {
    const channels = document.channels().all().length;
    const operations = document.operations().all().length;
    console.log(`${path}: valid AsyncAPI ${document.version()}, ${channels} channels, ${operations} operations`);
  }
  return valid;
}

const paths = process.argv.slice(2);
if (paths.length === 0) {
  console.error('usage: node check.mjs <asyncapi document>...');
  process.exit(2);
}
const results = await Promise.all(paths.map(check));
process.exit(results.every(Boolean) ? 0 : 1);
