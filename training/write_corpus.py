"""python3 training/write_corpus.py OUT_DIR [--model public/models/moe.gguf] [--characters 250000] [--kinds story,german]
Lets the shipped MoE write six kinds of text from fixed seeds: what the text race of the page learns from where the visitor
brings nothing. OUT_DIR/KIND.json has the texts so far: a run that was stopped goes on from there. OUT_DIR/written.txt(.gz)
has them all, each kind after a line `=== KIND ===`. Many texts are written side by side,
which a single stream of tokens cannot match for speed."""
import argparse
import gzip
import json
import pathlib
import subprocess
import time
import zlib

import numpy as np
import torch
import torch.nn.functional as F

import gguf
from check_gradients import norm
from export_gguf import load_gguf
from model import CONFIGS, rope_table, views

# How each kind begins, after the end of another document. A beginning is dropped from the text, for it would be learned by
# heart, unless every such text has it.
KINDS = json.loads((pathlib.Path(__file__).parent / 'beginnings.json').read_text())
TOKENS = 400
ROWS = 96
# A text that ends sooner than that says nothing; nor does one that packs better than that, for it only repeats itself.
LEAST = 40
PACKED = 0.25


class Writer:
    """Next-token probabilities of many rows at once, token by token, with kept keys and values."""

    def __init__(self, c, flat, rows, length):
        self.c, self.rows = c, rows
        self.p = {k: torch.from_numpy(np.ascontiguousarray(v)) for k, v in views(c, flat).items()}
        self.cos, self.sin = (torch.from_numpy(t).float() for t in rope_table(c, length))
        self.kept = torch.zeros(c.layers, 2, rows, c.kv_heads, length, c.head_width)
        self.at = 0

    def keep(self, rows):
        """Goes on with these rows alone."""
        self.kept, self.rows = self.kept[:, :, rows].clone(), len(rows)

    def rotate(self, x):
        half, cos, sin = self.c.head_width // 2, self.cos[self.at], self.sin[self.at]
        a, b = x[..., :half], x[..., half:]
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

    def step(self, ids):
        c, p, at, groups = self.c, self.p, self.at, self.c.heads // self.c.kv_heads
        x = p['embed'][ids]
        for i in range(c.layers):
            qkv = (norm(x, p[f'{i}.attn_norm']) @ p[f'{i}.wqkv'].T).view(self.rows, -1, c.head_width)
            q, k, v = qkv.split([c.heads, c.kv_heads, c.kv_heads], 1)
            self.kept[i, 0, :, :, at] = self.rotate(norm(k, p[f'{i}.k_norm']))
            self.kept[i, 1, :, :, at] = v
            q = self.rotate(norm(q, p[f'{i}.q_norm'])).view(self.rows, c.kv_heads, groups, c.head_width)
            keys, values = self.kept[i, :, :, :, :at + 1]
            score = (q @ keys.transpose(-1, -2) / c.head_width ** 0.5).softmax(-1)
            x = x + (score @ values).reshape(self.rows, -1) @ p[f'{i}.wo'].T
            h = norm(x, p[f'{i}.ffn_norm'])
            top, chosen = (h @ p[f'{i}.router'].T).softmax(-1).topk(c.per_token, -1)
            weight = top / top.sum(-1, keepdim=True)
            for e in range(c.experts):
                row, slot = (chosen == e).nonzero(as_tuple=True)
                if len(row):
                    gate, up = (h[row] @ p[f'{i}.w13'][e].T).chunk(2, -1)
                    x.index_add_(0, row, ((F.silu(gate) * up) @ p[f'{i}.w2'][e].T) * weight[row, slot, None])
        self.at += 1
        return norm(x, p['final_norm']) @ p['embed'].T


def draw(logits, lots, args):
    """One token a row: the likeliest top_k that together reach top_p, drawn by a lot in [0, 1)."""
    sorted_p, ids = (logits / args.temperature).softmax(-1).sort(-1, descending=True)
    sorted_p[:, args.top_k or None:] = 0
    sorted_p /= sorted_p.sum(-1, keepdim=True)
    before = sorted_p.cumsum(-1) - sorted_p
    kept = torch.where(before < args.top_p, sorted_p, torch.zeros(()))
    sums = kept.cumsum(-1)
    place = (sums <= (torch.from_numpy(lots) * sums[:, -1])[:, None]).sum(-1).clamp(max=ids.shape[1] - 1)
    return ids.gather(1, place[:, None])[:, 0]


def continued(c, flat, given, lots, end, tokens, args):
    """What is written after each of the given lists of ids: at most so many tokens, up to and with the end of a text."""
    texts, alive = [[] for _ in given], list(range(len(given)))
    writer = Writer(c, flat, len(given), max(map(len, given)) + tokens)
    ids = torch.tensor([row[0] for row in given])
    for at in range(lots.shape[1]):
        drawn = draw(writer.step(ids), lots[alive, at], args).tolist()
        for j, row in enumerate(alive):
            if at + 1 < len(given[row]):
                drawn[j] = given[row][at + 1]
            else:
                texts[row].append(drawn[j])
        left = [j for j, row in enumerate(alive) if at + 1 < len(given[row]) or (drawn[j] != end and len(texts[row]) < tokens)]
        if len(left) < len(alive):
            writer.keep(left)
            alive, drawn = [alive[j] for j in left], [drawn[j] for j in left]
        if not alive:
            break
        ids = torch.tensor(drawn)
    return texts


def write(c, flat, tokenizer, kind, first, args):
    """ROWS texts: those of numbers first, first + 1, ... Returns the ids of each."""
    beginnings, end = tokenizer['beginnings'][kind], tokenizer['end']
    given = [[end] + beginnings[(first + i) % len(beginnings)] for i in range(ROWS)]
    length = max(map(len, given)) + TOKENS
    number = list(KINDS).index(kind)
    lots = np.stack([np.random.default_rng([number, first + i]).random(length, np.float32) for i in range(ROWS)])
    texts = continued(c, flat, given, lots, end, TOKENS, args)
    return [row[1:] + text for row, text in zip(given, texts)] if KINDS[kind].get('kept') else texts


def encoded(metadata, kinds=KINDS):
    """What is needed of the tokenizer, and the beginnings by the project's one encoder in bpe.mjs."""
    tokens = metadata['tokenizer.ggml.tokens']
    number = {t: i for i, t in enumerate(tokens)}
    merges = [[number[part] for part in merge.split(' ')] for merge in metadata['tokenizer.ggml.merges']]
    here = pathlib.Path(__file__).resolve().parent
    code = (f"import {{ Encoder }} from '{here}/bpe.mjs'; import {{ readFileSync }} from 'node:fs';"
            "const { merges, kinds } = JSON.parse(readFileSync(0, 'utf8')); const e = new Encoder({ merges });"
            "console.log(JSON.stringify(Object.fromEntries(Object.entries(kinds).map(([k, v]) => [k, v.beginnings.map((t) => e.encode(t))]))))")
    done = subprocess.run(['node', '--input-type=module', '-e', code], input=json.dumps({'merges': merges, 'kinds': kinds}),
                          capture_output=True, text=True, check=True)
    inverse = {ch: b for b, ch in enumerate(tokens[:256])}
    return {'end': metadata['tokenizer.ggml.eos_token_id'], 'beginnings': json.loads(done.stdout),
            'bytes': [bytes(inverse.get(ch, 63) for ch in t) for t in tokens]}


def up_to(characters, texts):
    """The first of them, as many as it takes."""
    count = 0
    for text in texts:
        if count >= characters:
            break
        yield text
        count += len(text) + 2


def main():
    here = pathlib.Path(__file__).resolve().parent
    a = argparse.ArgumentParser()
    a.add_argument('out')
    a.add_argument('--model', default=here.parent / 'public/models/moe.gguf')
    a.add_argument('--characters', type=int, default=250_000, help='of each kind')
    a.add_argument('--kinds', default=','.join(KINDS))
    a.add_argument('--temperature', type=float, default=0.75)
    a.add_argument('--top-p', type=float, default=0.95)
    a.add_argument('--top-k', type=int, default=0, help='0: all')
    a = a.parse_args()
    torch.set_num_threads(1)
    c, out = CONFIGS['moe'], pathlib.Path(a.out)
    flat, tokenizer = load_gguf(c, a.model), encoded(gguf.metadata(a.model))
    out.mkdir(parents=True, exist_ok=True)
    with torch.no_grad():
        for kind in a.kinds.split(','):
            # After every batch of texts; more --characters later go on from there.
            kept = out / f'{kind}.json'
            state = json.loads(kept.read_text()) if kept.exists() else {'next': 0, 'texts': []}
            count, tokens, start = sum(len(t) + 2 for t in state['texts']), 0, time.time()
            while count < a.characters:
                for ids in write(c, flat, tokenizer, kind, state['next'], a):
                    text = b''.join(tokenizer['bytes'][t] for t in ids if t != tokenizer['end']).decode('utf8', 'ignore').strip()
                    tokens += len(ids)
                    repeats = len(text) > 400 and len(zlib.compress(text.encode())) < PACKED * len(text.encode())
                    if len(text) >= LEAST and not repeats:
                        state['texts'].append(text)
                        count += len(text) + 2
                state['next'] += ROWS
                kept.write_text(json.dumps(state, ensure_ascii=False))
                print(kind, count, 'characters', round(tokens / (time.time() - start)), 'tokens/s', flush=True)
    texts = {k: json.loads((out / f'{k}.json').read_text())['texts'] for k in KINDS if (out / f'{k}.json').exists()}
    everything = ''.join(f'=== {k} ===\n' + '\n\n'.join(up_to(a.characters, own)) + '\n' for k, own in texts.items())
    packed = gzip.compress(everything.encode(), 9, mtime=0)
    (out / 'written.txt').write_text(everything)
    (out / 'written.txt.gz').write_bytes(packed)
    print(len(everything), 'characters,', len(packed), 'bytes packed')


if __name__ == '__main__':
    main()
