// A page that was opened from a disk: there browsers load no modules, so this has to be a plain script.
if (location.protocol === 'file:') {
  const words = document.querySelector('.arriving p') ?? document.body.appendChild(document.createElement('p'));
  words.textContent =
    'This page was opened from a disk, as file://, where browsers load no modules. It needs a web server, any static one: for example "npx vite preview", or "python3 -m http.server" in its folder.';
}
