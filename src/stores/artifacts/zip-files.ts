// Archives: the files in one, and one of files. Loaded when the first archive comes along.
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import { ZipFile } from 'yazl';

const MODE = 0o644;

/** Lays the files out in `folder`, over what is there. Paths that leave it are refused by the reader. */
export async function unzip(archive: string, folder: string): Promise<void> {
  const zip = await openPromise(archive, { lazyEntries: true, strictFileNames: false });
  try {
    for await (const entry of zip.eachEntry()) {
      const target = join(folder, entry.fileName);
      if (entry.fileName.endsWith('/')) {
        await mkdir(target, { recursive: true });
        continue;
      }
      await mkdir(dirname(target), { recursive: true });
      await rm(target, { force: true });
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { mode: MODE, flags: 'wx' }));
    }
  } finally {
    zip.close();
  }
}

export interface ZippedFile {
  readonly path: string;
  readonly source: string;
}

/** An archive of these files, made while it is read. The same files give the same bytes. */
export function zipStream(files: readonly ZippedFile[], atMs: number): NodeJS.ReadableStream {
  const zip = new ZipFile();
  const { outputStream } = zip;
  // So that whoever reads the archive gets to know that it will not be whole.
  zip.on('error', (error: Error) => outputStream.emit('error', error));
  // Packed a little: who reads the archive while it comes in cannot tell where a file ends that is not packed.
  for (const { path, source } of files)
    zip.addFile(source, path, { mtime: new Date(atMs), mode: MODE, compressionLevel: 1 });
  zip.end();
  return outputStream;
}
