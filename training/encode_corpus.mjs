// node training/encode_corpus.mjs RAW_DIR OUT_DIR
// NAME.{train,val}.txt -> OUT_DIR/NAME.{train,val}.bin (uint16 ids, the end token after every document)
// and OUT_DIR/corpus.json with the token and byte counts. Documents are separated by a line of one NUL.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { Encoder } from './bpe.mjs';

const [raw, out] = process.argv.slice(2);
const encoder = new Encoder(JSON.parse(readFileSync(`${out}/tokenizer.json`, 'utf8')));
const corpus = {};
for (const file of readdirSync(raw).filter((f) => /\.(train|val)\.txt$/.test(f)).sort()) {
  const [name, split] = file.split('.');
  const documents = readFileSync(`${raw}/${file}`, 'utf8').split(/\n?\0\n?/).filter((d) => d.trim());
  const ids = [];
  for (const document of documents) { encoder.encode(document, ids); ids.push(encoder.end); }
  writeFileSync(`${out}/${name}.${split}.bin`, Uint16Array.from(ids));
  const bytes = documents.reduce((n, d) => n + Buffer.byteLength(d), 0);
  (corpus[name] ??= {})[split] = { documents: documents.length, tokens: ids.length, bytes };
  console.log(file, documents.length, 'documents', ids.length, 'tokens', (bytes / ids.length).toFixed(2), 'bytes/token');
}
writeFileSync(`${out}/corpus.json`, JSON.stringify(corpus, null, 1));
