// Pictures of screens beside those that somebody has looked at: tests/browser/golden. MOTCUA_GOLDEN=write takes them anew.
//
// They are kept at a third of their size, as WebP: a third still shows a changed digit, and all of them are a few megabytes.
// Two pictures are compared in small squares by their mean colours, so that another machine's antialiasing passes and a
// changed word, colour or place does not.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { keep } from './out.mjs';

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '../golden');
const SMALLER = 3, QUALITY = 0.5;
/** Pixels of a square's side, in the small picture; and by how much of 255 its mean may differ. */
const SQUARE = 8, MEAN_MAX = 14;

// In a page of its own: the browser scales, encodes and decodes.
async function looked({ shot, kept, smaller, quality, square, mean_max }) {
  const load = async (url) => { const image = new Image(); image.src = url; await image.decode(); return image; };
  const draw = (image, width, height) => {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    const pen = canvas.getContext('2d', { willReadFrequently: true });
    pen.imageSmoothingQuality = 'high';
    pen.drawImage(image, 0, 0, width, height);
    return [canvas, pen.getImageData(0, 0, width, height).data];
  };
  const large = await load(`data:image/png;base64,${shot}`);
  const width = Math.round(large.width / smaller), height = Math.round(large.height / smaller);
  const webp = draw(large, width, height)[0].toDataURL('image/webp', quality).split(',')[1];
  if (!kept) return { webp, worst: 0, squares: 0 };
  const before = await load(`data:image/webp;base64,${kept}`);
  if (before.width !== width || before.height !== height) return { webp, worst: 255, squares: -1, at: `${before.width} × ${before.height} became ${width} × ${height}` };
  // Both have been through the same encoder.
  const [, now] = draw(await load(`data:image/webp;base64,${webp}`), width, height), [, then] = draw(before, width, height);
  let worst = 0, at = '', squares = 0;
  for (let top = 0; top < height; top += square) {
    for (let left = 0; left < width; left += square) {
      const mean = [0, 0, 0];
      let pixels = 0;
      for (let y = top; y < Math.min(top + square, height); y += 1) {
        for (let x = left; x < Math.min(left + square, width); x += 1) {
          const pixel = (y * width + x) * 4;
          for (let channel = 0; channel < 3; channel += 1) mean[channel] += Math.abs(now[pixel + channel] - then[pixel + channel]);
          pixels += 1;
        }
      }
      const most = Math.max(...mean) / pixels;
      if (most > mean_max) squares += 1;
      if (most > worst) { worst = most; at = `${left * smaller}, ${top * smaller}`; }
    }
  }
  return { webp, worst, squares, at };
}

export class Gallery {
  static async open(screens) {
    const gallery = new Gallery();
    gallery.bench = await screens.open('about:blank', 'desk');
    gallery.writes = process.env.MOTCUA_GOLDEN === 'write';
    gallery.wrong = [];
    return gallery;
  }

  async look(shot, kept) {
    return this.bench.evaluate(looked, { shot: shot.toString('base64'), kept: kept?.toString('base64'), smaller: SMALLER, quality: QUALITY, square: SQUARE, mean_max: MEAN_MAX });
  }

  /** How far a page is from a picture; 0 is the same. */
  async distance(page, kept) { return (await this.look(await page.screenshot({ animations: 'disabled', caret: 'hide' }), kept)).worst; }

  /** A picture of a page as it is kept. */
  async picture(page) { return Buffer.from((await this.look(await page.screenshot({ animations: 'disabled', caret: 'hide' }))).webp, 'base64'); }

  /** Notes what differs from the picture of this name; [`verdict`] tells all of them. */
  async check(page, name) {
    const file = join(FOLDER, `${name}.webp`);
    const kept = this.writes ? undefined : await readFile(file).catch(() => undefined);
    const shot = await page.screenshot({ animations: 'disabled', caret: 'hide' });
    const { webp, worst, squares, at } = await this.look(shot, kept);
    if (this.writes) {
      await mkdir(FOLDER, { recursive: true });
      await writeFile(file, Buffer.from(webp, 'base64'));
      // Whole, for whoever looks at them.
      await keep(name, shot);
      return;
    }
    if (kept && worst <= MEAN_MAX) return;
    await keep(name, shot);
    this.wrong.push(kept ? `${name}: ${squares} squares differ, most (${worst.toFixed(0)}) at ${at}` : `${name}: there is no picture of it`);
  }

  /** Whether two pictures are one, as [`check`] judges. */
  static same(distance) { return distance <= MEAN_MAX; }
}
