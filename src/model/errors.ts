/** A failure that a person can act on: `message` is one plain sentence, `hint` the way out. */
export class UserError extends Error {
  constructor(
    readonly code:
      | 'no-webgpu'
      | 'no-adapter'
      | 'device-lost'
      | 'out-of-memory'
      | 'wrong-results'
      | 'bad-file'
      | 'bad-download'
      | 'unsupported-model'
      | 'network'
      | 'context'
      | 'bad-input'
      | 'no-clock'
      | 'cancelled',
    message: string,
    readonly hint = '',
  ) {
    super(message);
    this.name = 'UserError';
  }
}

/** The end of a sentence that says what a value must be: what it is instead, whatever a file or a caller has put there. */
export function insteadOf(value: unknown): string {
  if (value === undefined) return ', but it is missing';
  if (typeof value === 'string') return `, not “${value.slice(0, 24)}”`;
  if (Array.isArray(value)) return ', not a list';
  if (typeof value === 'object' && value !== null) return ', not an object';
  return `, not ${String(value)}`;
}
