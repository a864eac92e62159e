import { open, rm } from 'node:fs/promises';

/** Makes names created, renamed or removed in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder for fsync; its file system journals names itself.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a whole new file and waits until it and its name are on disk; a file that could not be written whole is removed. */
export async function writeDurably(path: string, bytes: Uint8Array, folder: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
    await handle.close();
  } catch (cause) {
    await handle.close().catch(() => undefined);
    await rm(path, { force: true });
    throw cause;
  }
  await syncFolder(folder);
}
