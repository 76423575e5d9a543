// The custom-elements manifest of <moe-scope>, and what of it has no documentation.
import { readFileSync } from 'node:fs';
import { create, ts } from '@custom-elements-manifest/analyzer';

const PATH = 'src/embed/moe-scope.ts';
/** Of custom elements in general; nobody calls them by hand. */
const CALLBACKS = ['connectedCallback', 'disconnectedCallback', 'attributeChangedCallback', 'observedAttributes'];

/** @param {string} [source] The element's source, in place of the one on disk. */
export function manifest(source = readFileSync(PATH, 'utf8')) {
  const made = create({ modules: [ts.createSourceFile(PATH, source, ts.ScriptTarget.ES2022, true)], plugins: [] });
  const [module] = made.modules;
  module.path = 'lib/moe-scope.js';
  const element = module.declarations.find(({ tagName }) => tagName === 'moe-scope');
  // What is assigned to an object in the constructor is no member; an event's name in a variable is no event.
  const inherited = ['adoptedStyleSheets', 'className'];
  element.members = element.members.filter(
    ({ name, privacy }) => privacy !== 'private' && !CALLBACKS.includes(name) && !inherited.includes(name),
  );
  element.events = element.events.filter(({ name }) => name.startsWith('moe-'));
  module.declarations = [element];
  module.exports = [
    { kind: 'custom-element-definition', name: 'moe-scope', declaration: { name: element.name, module: module.path } },
  ];
  return made;
}

/** Public members, attributes, events, parts … without a word about them. */
export function undocumented({ modules: [{ declarations }] }) {
  const [{ members, attributes, events, slots, cssParts, cssProperties, description }] = declarations;
  const all = { members, attributes, events, slots, cssParts, cssProperties };
  const silent = Object.entries(all).flatMap(([kind, list]) =>
    list.filter((each) => !each.description).map(({ name }) => `${kind}: ${name}`),
  );
  return description ? silent : ['the element itself', ...silent];
}
