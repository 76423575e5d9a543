export default function (config) {
  config.addPassthroughCopy({ 'node_modules/moescope/lib': 'moescope' });
  config.addShortcode('moescope', (attributes) => `<moe-scope ${attributes}>A language model would write here.</moe-scope>`);
}
