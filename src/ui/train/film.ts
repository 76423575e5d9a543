/** A short video of canvases side by side, made by the browser while they change. */

const SIDE = 256;
const GAP = 12;
const WORDS = 22;
const FRAMES_PER_SECOND = 10;
/** Ones that browsers make; the first that this one can. */
const TYPES = ['video/webm;codecs=vp9', 'video/webm', 'video/mp4'];

const typeHere = (): string | undefined =>
  typeof MediaRecorder === 'undefined' ? undefined : TYPES.find((type) => MediaRecorder.isTypeSupported(type));

export const canFilm = (): boolean =>
  typeHere() !== undefined && typeof HTMLCanvasElement.prototype.captureStream === 'function';

export class Film {
  private readonly canvas = document.createElement('canvas');
  private readonly recorder: MediaRecorder;
  private readonly pieces: Blob[] = [];
  private readonly timer: ReturnType<typeof setInterval>;

  /** Begins at once. @param scenes asked for every frame: a name, and the canvas as it stands */
  constructor(private readonly scenes: () => readonly (readonly [string, HTMLCanvasElement])[]) {
    this.canvas.width = scenes().length * (SIDE + GAP) + GAP;
    this.canvas.height = SIDE + GAP + WORDS;
    this.draw();
    const type = typeHere()!;
    this.recorder = new MediaRecorder(this.canvas.captureStream(FRAMES_PER_SECOND), { mimeType: type });
    this.recorder.ondataavailable = ({ data }) => this.pieces.push(data);
    this.recorder.start();
    this.timer = setInterval(() => this.draw(), 1000 / FRAMES_PER_SECOND);
  }

  /** The video from the beginning until now. */
  async stop(): Promise<Blob> {
    const stopped = new Promise<void>((resolve, reject) => {
      this.recorder.onstop = () => resolve();
      this.recorder.onerror = () => reject(new Error('The browser could not make a video.'));
    });
    this.cancel();
    await stopped;
    return new Blob(this.pieces, { type: this.recorder.mimeType });
  }

  cancel(): void {
    clearInterval(this.timer);
    this.recorder.stop();
    for (const track of this.recorder.stream.getTracks()) track.stop();
  }

  private draw(): void {
    const context = this.canvas.getContext('2d')!;
    context.fillStyle = '#fff';
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    context.imageSmoothingEnabled = false;
    context.font = '14px sans-serif';
    context.fillStyle = '#000';
    for (const [i, [name, canvas]] of this.scenes().entries()) {
      const x = GAP + i * (SIDE + GAP);
      context.fillText(name, x, WORDS - 6, SIDE);
      context.drawImage(canvas, x, WORDS, SIDE, SIDE);
    }
  }
}
