// Pictures for whoever looks at them after a run: tests/out.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OUT = join(dirname(fileURLToPath(import.meta.url)), '../../out');

/** Keeps a picture under this name. */
export async function keep(name, png) {
  await mkdir(OUT, { recursive: true });
  await writeFile(join(OUT, `${name}.png`), png);
}
