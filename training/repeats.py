"""python3 training/repeats.py DATA_DIR [--model public/models/moe.gguf] [--temperatures 0.8,0.9] [--no-end]
How much the shipped MoE repeats itself: 200 tokens after each of the page's beginnings, 20 times, beside held-out text of the same
kinds. Repeated: the share of 4-grams of tokens that stood in the same text before. Distinct: different words, of all words."""
import argparse
import json
import pathlib
import re

import numpy as np
import torch

import gguf
from data import DOMAINS, Corpus
from export_gguf import load_gguf
from model import CONFIGS
from write_corpus import continued, encoded

TOKENS = 200
SEEDS = 20


def repeated(ids):
    grams = [tuple(ids[i:i + 4]) for i in range(len(ids) - 3)]
    return 1 - len(set(grams)) / len(grams) if grams else 0.0


def distinct(text):
    words = re.findall(r'\w+', text.lower())
    return len(set(words)) / len(words) if words else 1.0


def told(name, texts, text_of):
    """One row: every kind's repeated share, then the mean of the kinds, and of distinct words."""
    shares = {d: float(np.mean([repeated(t) for t in own])) for d, own in texts.items()}
    words = float(np.mean([np.mean([distinct(text_of(t)) for t in own]) for own in texts.values()]))
    row = ' | '.join(f'{100 * v:.1f}' for v in shares.values())
    print(f'| {name} | {row} | {100 * np.mean(list(shares.values())):.1f} | {100 * words:.0f} |', flush=True)


def main():
    here = pathlib.Path(__file__).resolve().parent
    a = argparse.ArgumentParser()
    a.add_argument('data')
    a.add_argument('--model', default=here.parent / 'public/models/moe.gguf')
    a.add_argument('--temperatures', default='0.8')
    a.add_argument('--top-p', type=float, default=0.95)
    a.add_argument('--top-k', type=int, default=40)
    a.add_argument('--no-end', action='store_true', help='without the end of another text before the beginning')
    a.add_argument('--samples', help='a file for the texts')
    a = a.parse_args()
    torch.set_num_threads(1)
    presets = json.loads((here.parent / 'src/state/text/presets.json').read_text())
    c, corpus = CONFIGS['moe'], Corpus(a.data)
    tokenizer = encoded(gguf.metadata(a.model), {p['domain']: {'beginnings': [p['prompt']]} for p in presets})
    end, flat = tokenizer['end'], load_gguf(c, a.model)

    def text_of(ids):
        return b''.join(tokenizer['bytes'][t] for t in ids if t != end).decode('utf8', 'ignore')

    print(f"| repeated 4-grams, % | {' | '.join(DOMAINS)} | mean | distinct words, % |\n|---|{'---|' * (len(DOMAINS) + 2)}")
    told('held-out text', {d: corpus.validation(d, TOKENS, 64)[0].tolist() for d in DOMAINS}, text_of)
    before = [] if a.no_end else [end]
    given = [before + tokenizer['beginnings'][d][0] for d in DOMAINS for _ in range(SEEDS)]
    lots = np.stack([np.random.default_rng([i, seed]).random(max(map(len, given)) + TOKENS, np.float32)
                     for i in range(len(DOMAINS)) for seed in range(SEEDS)])
    kept = {}
    for temperature in map(float, a.temperatures.split(',')):
        with torch.no_grad():
            a.temperature = temperature
            rows = [[t for t in row if t != end] for row in continued(c, flat, given, lots, end, TOKENS, a)]
        texts = {d: rows[i * SEEDS:(i + 1) * SEEDS] for i, d in enumerate(DOMAINS)}
        told(f'temperature {temperature}', texts, text_of)
        kept[temperature] = {d: [text_of(t) for t in own] for d, own in texts.items()}
    if a.samples:
        pathlib.Path(a.samples).write_text(json.dumps(kept, ensure_ascii=False, indent=1))


if __name__ == '__main__':
    main()
