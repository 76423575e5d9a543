/** The visitor's own picture: read, cut to a square and made small in this tab. It is sent nowhere. */
import type { Pixels } from '../../reference/painter/inputs.ts';
import type { Race } from '../../state/training/race.ts';
import { isSavedName } from '../../train/saved.ts';

/** As large as any device trains it. */
const MOST = 256;
/** The first pictures of a camera are dark. */
const CAMERA_MILLISECONDS = 700;

/** Trains the picture of a file, or goes on from weights; says so where it is neither. */
export async function takeFile(race: Race, file: File): Promise<void> {
  if (isSavedName(file.name)) return race.open(file);
  const image = await createImageBitmap(file).catch(() => null);
  if (!image) {
    race.refuse('This file is no picture that the browser can read.', 'PNG, JPEG and WebP are read everywhere.');
    return;
  }
  const picture = squareOf(image, image.width, image.height);
  image.close();
  await race.paint(picture);
}

/** Trains one picture of the camera, which is on no longer than that takes. */
export async function cameraPicture(race: Race): Promise<void> {
  const video = document.createElement('video');
  let stream: MediaStream | null = null;
  let picture: Pixels;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 640, facingMode: 'user' } });
    video.muted = true;
    video.playsInline = true;
    video.srcObject = stream;
    await video.play();
    await new Promise((resolve) => setTimeout(resolve, CAMERA_MILLISECONDS));
    picture = squareOf(video, video.videoWidth, video.videoHeight);
  } catch {
    race.refuse('The browser gave no picture of a camera.', 'Allow the camera for this page, or choose a file.');
    return;
  } finally {
    for (const track of stream?.getTracks() ?? []) track.stop();
  }
  await race.paint(picture);
}

/** The middle of it. */
function squareOf(image: CanvasImageSource, width: number, height: number): Pixels {
  const canvas = document.createElement('canvas');
  canvas.width = MOST;
  canvas.height = MOST;
  const context = canvas.getContext('2d')!;
  const side = Math.min(width, height);
  context.imageSmoothingQuality = 'high';
  context.fillStyle = '#fff';
  context.fillRect(0, 0, MOST, MOST);
  context.drawImage(image, (width - side) / 2, (height - side) / 2, side, side, 0, 0, MOST, MOST);
  return { width: MOST, height: MOST, data: context.getImageData(0, 0, MOST, MOST).data };
}
