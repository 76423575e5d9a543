/** A script for `worker-url`; it exports nothing. */
export {};
