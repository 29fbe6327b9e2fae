// The folder in which every job of a project has its own.
import { spawnSync } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';

/** EXT4_SUPER_MAGIC of Linux's include/uapi/linux/magic.h; ext2 and ext3 have the same. */
const EXT4 = 0xef53;

/**
 * Jobs make and remove many small files. ext4 puts a folder near its parent and takes no inode there that was freed in
 * the last minutes, so that each new file makes it pass over all that ended jobs have left: up to a millisecond. With
 * the flag T, as the top of the disk has it (chattr(1)), it spreads the folders in this one over the whole disk. That is
 * tried once, and where it is not to be had jobs are only slower.
 */
export function makeWorkRoot(root: string): void {
  if (mkdirSync(root, { recursive: true, mode: 0o700 }) === undefined) return;
  if (statfsSync(root).type === EXT4) spawnSync('chattr', ['+T', '--', root], { stdio: 'ignore' });
}
