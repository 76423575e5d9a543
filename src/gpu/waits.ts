/**
 * Every wait for the GPU. Firefox looks only every 100 ms whether the GPU has finished (Mozilla bug 1870699, "Don't poll
 * WebGPU from a timer"), so mapAsync() and onSubmittedWorkDone() answer after 100 ms however short the work was (Firefox
 * 153, a busy machine: 42 of 48 waits took 92–139 ms, the others 11–533). It also looks at every submit: with empty ones
 * sent while somebody waits, 48 waits took 1–7 ms, half of them 2 or less. Once that bug is closed in every Firefox in
 * use, `hurry` can be deleted.
 */
const POLLED = /\bFirefox\//.test(globalThis.navigator?.userAgent ?? '');

/** Resolves when getMappedRange() gives what the GPU wrote. */
export function mapForReading(device: GPUDevice, buffer: GPUBuffer, offset = 0, bytes?: number): Promise<void> {
  return hurry(device, buffer.mapAsync(GPUMapMode.READ, offset, bytes));
}

/** Resolves when the GPU has done all that was submitted. */
export function submittedWorkDone(device: GPUDevice): Promise<void> {
  return hurry(device, device.queue.onSubmittedWorkDone());
}

function hurry(device: GPUDevice, answer: Promise<void>): Promise<void> {
  if (POLLED) void submitUntil(answer, device.queue);
  return answer;
}

async function submitUntil(answer: Promise<void>, queue: GPUQueue): Promise<void> {
  let waiting = true;
  const answered = () => {
    waiting = false;
  };
  answer.then(answered, answered);
  const { port1, port2 } = new MessageChannel();
  while (waiting) {
    queue.submit([]);
    // A timer set in a message runs after 1 ms; one set in a timer, after 4.
    await new Promise((resolve) => {
      port1.onmessage = () => setTimeout(resolve, 1);
      port2.postMessage(null);
    });
  }
  port1.close();
}
