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
