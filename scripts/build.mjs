/** `npm run build [target …]`: builds what is stale. */
import { build, install, targetNames } from './prepare.mjs';

install();
const names = process.argv.slice(2);
const unknown = names.find((name) => !targetNames.includes(name));
if (unknown) {
  console.error(`unknown target ${unknown}; known: ${targetNames.join(', ')}`);
  process.exit(1);
}
build(names.length ? names : targetNames);
