/**
 * `npm start`: installs and builds what is missing, then runs the server with its demo in this very process. package.json calls it
 * by `exec`, so that no shell stands between npm and the server: a SIGTERM to npm would end that shell and leave the server
 * behind. (Where the shell is cmd.exe there is no `exec`, and the second half of the line is what runs.)
 */
import { build, install } from './prepare.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Inlay needs Node 20.19 or newer; this is ${process.version}.`);
  process.exit(1);
}
install();
build();
await import('../dist/server/start.js');
