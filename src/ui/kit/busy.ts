/** Beside the button of a measurement while another runs that was asked for. */
export const BUSY = 'Another measurement is running.';
