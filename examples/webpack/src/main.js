import 'moescope';

document.querySelector('moe-scope').addEventListener('moe-step', ({ detail }) => {
  document.querySelector('output').value = detail.generated;
});
