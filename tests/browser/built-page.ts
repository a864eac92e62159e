import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const web = path.join(root, 'web');

function newestMs(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Math.max(0, ...files.map((file) => statSync(path.join(file.parentPath, file.name)).mtimeMs));
}

/** Builds the page unless what is built is newer than its sources. Throws when the build fails. */
export function ensureBuiltPage(): void {
  const index = path.join(web, 'dist', 'index.html');
  if (existsSync(index) && statSync(index).mtimeMs > newestMs(path.join(web, 'src'))) return;
  execFileSync(path.join(root, 'node_modules', '.bin', 'vite'), ['build', 'web'], {
    cwd: root,
    stdio: 'pipe',
  });
}
