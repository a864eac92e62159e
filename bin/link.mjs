// Run by `prepare`: puts this package's own command among the installed ones, where npx looks first. Without it npx installs the
// package into a cache of its own at every call, which takes ten times as long. Where links cannot be made, npx still does that.
import { rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';

const link = path.join(import.meta.dirname, '..', 'node_modules', '.bin', 'jiehe');
try {
  rmSync(link, { force: true });
  symlinkSync(path.join('..', '..', 'bin', 'jiehe.mjs'), link);
} catch (error) {
  console.warn(`npx jiehe will be slow: ${error.message}`);
}
