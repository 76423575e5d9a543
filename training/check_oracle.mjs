// node check_oracle.mjs FILE.gguf IDS_AND_LOGITS.json   (run where node-llama-cpp is installed)
// Compares llama.cpp's logits and its tokenisation with ours; the JSON comes from check_oracle.py.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(`${process.cwd()}/`);
const { getLlama } = await import(pathToFileURL(require.resolve('node-llama-cpp')).href);
const [file, json] = process.argv.slice(2);
const { ids, logits, texts } = JSON.parse(readFileSync(json, 'utf8'));
const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, maxThreads: 1, logLevel: 'error' });
const model = await llama.loadModel({ modelPath: file });
for (const { text, ids: want } of texts) {
  const got = Array.from(model.tokenize(text));
  console.log('tokenise', JSON.stringify(text.slice(0, 30)), got.length === want.length && got.every((t, i) => t === want[i]) ? 'same' : `DIFFERENT ${got} / ${want}`);
}
const context = await model.createContext({ contextSize: 512, flashAttention: false, experimentalKvCacheKeyType: 'F32', experimentalKvCacheValueType: 'F32' });
const out = await context.getSequence().controlledEvaluate(ids.map((t) => [t, { generateNext: { logits: true, token: true } }]));
let error = 0, power = 0, same = 0, kl = 0;
out.forEach((o, i) => {
  const got = new Float64Array(logits[i].length);
  for (const [t, v] of o.next.logits) got[t] = v;
  const arg = (a) => a.reduce((best, v, j) => (v > a[best] ? j : best), 0);
  const log = (a) => { const max = Math.max(...a), sum = a.reduce((s, v) => s + Math.exp(v - max), 0); return max + Math.log(sum); };
  const zw = log(logits[i]), zg = log(Array.from(got));
  logits[i].forEach((v, j) => { error += (v - got[j]) ** 2; power += v * v; kl += Math.exp(v - zw) * (v - zw - got[j] + zg); });
  same += arg(logits[i]) === arg(Array.from(got));
});
console.log(`${file}: relative RMS ${Math.sqrt(error / power).toExponential(2)}, KL ${(kl / ids.length).toExponential(2)}, same arg-max ${same}/${ids.length}`);
process.exit(0);
