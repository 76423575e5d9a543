/** Waits for what a device brings, and says in one clear error what became of it. */
import { watchFaults } from '../../gpu/faults.ts';
import { UserError } from '../types.ts';

export class DeviceWatch {
  /** What the device complained about while nobody was waiting: from then on its results mean nothing. */
  private fault: GPUError | null = null;
  private lost = false;

  constructor(private readonly device: GPUDevice) {
    void device.lost.then(() => {
      this.lost = true;
    });
    watchFaults(device, {
      lost: () => {}, // Whoever waits for words is told, see arrival().
      error: (error) => {
        this.fault = error;
      },
    });
  }

  /** @throws UserError device-lost, wrong-results: whichever call stumbled; onSubmittedWorkDone() even resolves on a lost device. */
  async arrival<T>(words: Promise<T>): Promise<T> {
    const arrived = await words.catch((cause) => ({ cause }));
    const failed = typeof arrived === 'object' && arrived !== null && 'cause' in arrived;
    if (await this.isLost(failed)) {
      throw new UserError('device-lost', 'The graphics device was lost.');
    }
    if (this.fault)
      throw new UserError('wrong-results', `WebGPU failed: ${this.fault.message}`, 'The CPU continues the text.');
    if (failed) throw arrived.cause;
    return arrived as T;
  }

  /** The loss may be announced a little after the first call has failed. */
  private isLost(wait: boolean): Promise<boolean> {
    return Promise.race([
      this.device.lost.then(() => true),
      wait
        ? new Promise<boolean>((resolve) => setTimeout(resolve, 100, false))
        : Promise.resolve().then(() => this.lost),
    ]);
  }
}
