/** The one place where a device's failures surface: it is lost, or it reports an error nobody was waiting for. */

/** A buffer that cannot be had. */
export class NoRoom extends Error {
  readonly hint = 'Close other tabs that use the GPU, or choose a smaller model.';

  constructor(bytes: number, options?: ErrorOptions) {
    super(`There is no room for a buffer of ${Math.ceil(bytes / 2 ** 20)} MiB on the GPU.`, options);
  }
}

export interface FaultHandlers {
  /** The device is gone; a new adapter is needed for a new one. Not called for device.destroy(). */
  lost(message: string): void;
  /** A validation, internal or out-of-memory error that no error scope caught. Only the first of a flood is told. */
  error(error: GPUError): void;
}

/** Wires both kinds of fault to the handlers; returns a function that unwires them. */
export function watchFaults(device: GPUDevice, handlers: FaultHandlers): () => void {
  let watching = true;
  const onError = (event: Event) => {
    event.preventDefault();
    device.removeEventListener('uncapturederror', onError);
    handlers.error((event as GPUUncapturedErrorEvent).error);
  };
  device.addEventListener('uncapturederror', onError);
  void device.lost.then(({ reason, message }) => {
    if (watching && reason !== 'destroyed') handlers.lost(message);
  });
  return () => {
    watching = false;
    device.removeEventListener('uncapturederror', onError);
  };
}
