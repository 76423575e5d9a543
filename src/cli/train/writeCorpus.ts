/** The command `write-corpus`: lets a language model write the text that the text race learns from. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { brotliCompressSync } from 'node:zlib';
import { createCpuEngine } from '../../engine/cpu/engine.ts';
import type { Engine } from '../../engine/types.ts';
import { createWebGpuEngine } from '../../engine/webgpu/engine.ts';
import { openModel } from '../../model/load.ts';
import { residentModel } from '../../model/stored.ts';
import { hash } from '../../reference/hash.ts';
import { modelSources, runCommand, withFile } from '../command.ts';
import type { Host } from '../host.ts';
import { runJob } from '../job.ts';
import { openNodeGpu } from '../nodeGpu.ts';
import { parseOptions, wrong } from '../options.ts';

const HELP = `write-corpus: let a model write six kinds of text, from fixed seeds

  node scripts/write-corpus.mjs --out FOLDER [--model public/models/moe.gguf] [--characters 250000] [--device webgpu|cpu]

FOLDER/KIND.txt is written kind by kind; a kind that is there already is left as it is. FOLDER/all.txt has them all, for
npm run train -- --task text --text FOLDER/all.txt
`;

/** How each kind begins. A beginning is dropped from the text, for it would be learned by heart, unless every such text has it. */
const KINDS: Readonly<Record<string, { readonly beginnings: readonly string[]; readonly kept?: boolean }>> = {
  story: {
    beginnings: [
      'Once upon a time there was a little fox who lived at the edge of the forest. One morning',
      'A long time ago, in a small village by the river, there lived a girl called Mina. She',
      'The lion and the mouse met under the old tree. “Good morning,” said the mouse.',
      'One day the king called his three sons and said to them:',
    ],
  },
  german: {
    beginnings: [
      'Der alte Mann stand am Fenster und sah auf die Straße hinaus. Endlich',
      '„Du hast recht,“ sagte die Mutter und legte das Buch weg.',
      'Am nächsten Morgen war der Himmel grau, und im Garten',
      'Niemand im Dorfe wußte, woher der junge Graf gekommen war.',
    ],
  },
  french: {
    beginnings: [
      'La jeune fille ouvrit la fenêtre et regarda longtemps la mer. Elle pensait que',
      '— Monsieur, dit le vieux capitaine en entrant dans la chambre,',
      'Le lendemain matin, la marquise descendit au jardin, où',
      'Il y avait dans cette rue de Paris une petite maison',
    ],
  },
  spanish: {
    beginnings: [
      'El anciano abrió la puerta de la casa y miró hacia el camino. Entonces',
      '—¡Señora! —dijo el joven—, no puedo creer que',
      'Al día siguiente, cuando la niña llegó a la iglesia,',
      'En aquella ciudad vivía un hombre que no tenía',
    ],
  },
  code: {
    beginnings: [
      "import { useState, useEffect } from 'react';\n\nexport function useCounter(initial: number) {\n  const",
      "describe('parser', () => {\n  it('should return an empty array', () => {\n",
      '/**\n * Returns the value of the given key.\n */\nexport function get(object, key) {\n',
      "const path = require('path');\n\nmodule.exports = function (options) {\n",
    ],
  },
  math: { beginnings: ['Question:'], kept: true },
};

const SAMPLING = { temperature: 0.9, topK: 0, topP: 0.95 };
/** Of one text, its beginning not counted. */
const TOKENS = 400;
/** A text that ends sooner than that says nothing. */
const LEAST_CHARACTERS = 40;

async function openEngine(file: string, device: string, host: Host): Promise<Engine | number> {
  const model = await openModel(await modelSources(file));
  const found = device === 'cpu' ? null : await openNodeGpu(host);
  if (found) return createWebGpuEngine(model, found);
  const restarted = device === 'cpu' ? null : host.restart?.();
  return restarted ?? createCpuEngine(await residentModel(model));
}

/** Texts of one kind, one after the other, until there are so many characters. */
async function writeKind(engine: Engine, kind: string, characters: number, host: Host): Promise<string> {
  const { beginnings, kept = false } = KINDS[kind];
  const number = Object.keys(KINDS).indexOf(kind);
  const texts: string[] = [];
  let [count, tokens] = [0, 0];
  const start = performance.now();
  // A model that writes next to nothing must not keep it going for ever.
  for (let i = 0; count < characters && i < characters; i++) {
    const prompt = beginnings[i % beginnings.length];
    engine.truncate(0);
    const seed = hash(hash(number + 1) ^ i);
    const job = {
      prompt,
      ids: null,
      special: false,
      tokens: TOKENS,
      sampling: { ...SAMPLING, seed },
      kv: 'f32' as const,
    };
    const { summary } = await runJob(engine, { ...job, wantLogits: false, wantTrace: false }, () => {});
    tokens += summary.ids.length;
    const text = `${kept ? prompt : ''}${summary.text}`.replaceAll('\ufffd', '').trim();
    if (text.length < LEAST_CHARACTERS) continue;
    texts.push(text);
    count += text.length + 2;
  }
  const seconds = (performance.now() - start) / 1000;
  host.err(
    `${kind}: ${texts.length} texts, ${count} characters, ${(tokens / seconds).toFixed(1)} tokens/s, ${seconds.toFixed(0)} s\n`,
  );
  return `${texts.join('\n\n')}\n`;
}

async function run(argv: readonly string[], host: Host): Promise<number> {
  const text = { type: 'string' as const };
  const options = { out: text, model: text, characters: text, device: text, help: { type: 'boolean' as const } };
  const values = parseOptions(argv, options);
  if (values.help || argv.length === 0) {
    host.out(HELP);
    return 0;
  }
  const { out, model = `${host.root}/public/models/moe.gguf`, device = 'webgpu' } = values as Record<string, string>;
  const characters = Number(values.characters ?? 250_000);
  if (!out) throw wrong('--out FOLDER is needed.');
  if (!(characters > 0)) throw wrong('--characters needs a number above 0.');
  const engine = await openEngine(model, device, host);
  if (typeof engine === 'number') return engine;
  const parts: string[] = [];
  for (const kind of Object.keys(KINDS)) {
    const file = `${out}/${kind}.txt`;
    if (!existsSync(file)) {
      const written = await writeKind(engine, kind, characters, host);
      await withFile(file, () => writeFile(file, written));
    }
    parts.push(`=== ${kind} ===\n${await readFile(file, 'utf8')}`);
  }
  engine.destroy();
  const all = parts.join('');
  await withFile(`${out}/all.txt`, () => writeFile(`${out}/all.txt`, all));
  const [raw, packed] = [Buffer.byteLength(all), brotliCompressSync(all).length];
  host.err(`${out}/all.txt: ${raw} bytes, ${packed} with brotli\n`);
  return 0;
}

/** Runs a command line; returns the exit code. */
export const main = (argv: readonly string[], host: Host): Promise<number> =>
  runCommand('write-corpus', host, () => run(argv, host));
