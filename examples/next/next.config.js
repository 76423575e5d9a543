/** Plain files, for any static server. */
export default { output: 'export' };
