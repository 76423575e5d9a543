// node training/train_tokenizer.mjs RAW_DIR OUT_DIR [vocab=4096] [bytesPerDomain=2500000]
// Learns the byte-level BPE on an equal sample of every NAME.train.txt and writes OUT_DIR/tokenizer.json.
import { readFileSync, readdirSync, writeFileSync, mkdirSync } from 'node:fs';
import { countWords, trainBpe, tokenStrings } from './bpe.mjs';

const [raw, out, vocab = 4096, sample = 2_500_000] = process.argv.slice(2);
const counts = new Map();
for (const file of readdirSync(raw).filter((f) => f.endsWith('.train.txt')).sort()) {
  const text = readFileSync(`${raw}/${file}`, 'utf8');
  const pieces = 50, size = Math.floor(sample / pieces), stride = Math.max(size, Math.floor(text.length / pieces));
  for (let i = 0; i * stride < text.length; i++) {
    countWords(text.slice(i * stride, i * stride + size).replaceAll('\0', ''), counts);
  }
}
for (const [word, n] of counts) if (n < 2) counts.delete(word);
console.log(`${counts.size} distinct words`);
const merges = trainBpe(counts, Number(vocab) - 257);
const tokens = tokenStrings(merges);
mkdirSync(out, { recursive: true });
writeFileSync(`${out}/tokenizer.json`, JSON.stringify({ model: 'gpt2', pre: 'qwen2', end: tokens.length - 1, merges, tokens }));
console.log(`${tokens.length} tokens`);
