/** The visitor's own picture: read, cut to a square and made small in this tab. It is sent nowhere. */
import type { Pixels } from '../../reference/painter/inputs.ts';

/** As large as any device trains it. */
const MOST = 256;

/** Null where the browser cannot read it as a picture. */
export async function picturePixels(file: Blob): Promise<Pixels | null> {
  const image = await createImageBitmap(file).catch(() => null);
  if (!image) return null;
  const canvas = document.createElement('canvas');
  canvas.width = MOST;
  canvas.height = MOST;
  const context = canvas.getContext('2d')!;
  const side = Math.min(image.width, image.height);
  context.imageSmoothingQuality = 'high';
  context.fillStyle = '#fff';
  context.fillRect(0, 0, MOST, MOST);
  context.drawImage(image, (image.width - side) / 2, (image.height - side) / 2, side, side, 0, 0, MOST, MOST);
  image.close();
  return { width: MOST, height: MOST, data: context.getImageData(0, 0, MOST, MOST).data };
}
