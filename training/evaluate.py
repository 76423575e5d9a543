"""python3 training/evaluate.py MODEL CHECKPOINT.npz DATA_DIR OUT.json [--windows 64]
Held-out loss per domain before and after quantising, expert load, mutual information, knock-out table and samples.
Everything but "before" is measured on the values of the shipped file."""
import argparse
import json
import pathlib

import numpy as np

from data import DOMAINS, Corpus
from export_gguf import load_checkpoint
from model import CONFIGS, Model, initial, quantised, views

LENGTH = 256
SAMPLES = [
    ('story', 'Once upon a time'), ('math', 'Question: Tom has 5 apples. He buys 3 more'), ('code', 'export function get'),
    ('french', 'Il était une fois'), ('german', 'Es war einmal'), ('spanish', 'En aquel tiempo'), ('verse', 'ROMEO:\n'), ('prose', 'It was a dark night'),
]


def held_out(model, p, corpus, windows, forbid=None):
    """{domain: {nats, bitsPerByte, tokens}} and the routes: {domain: [layer][N, K]}."""
    losses, routes = {}, {}
    for d in DOMAINS:
        ids, targets = corpus.validation(d, LENGTH, windows)
        parts, chosen = [], []
        for i in range(0, windows, 32):
            parts.append(model.forward(p, ids[i:i + 32], targets[i:i + 32], forbid=forbid))
            chosen.append([r['idx'].copy() for r in model.routes if r])
        loss = np.concatenate(parts)
        losses[d] = {'nats': float(loss.mean(dtype=np.float64)), 'tokens': int(loss.size),
                     'bitsPerByte': corpus.bits_per_byte(loss.sum(dtype=np.float64), targets)}
        routes[d] = [np.concatenate(layer) for layer in zip(*chosen)]
    return losses, routes


def mean(losses):
    return {k: float(np.mean([v[k] for v in losses.values()])) for k in ('nats', 'bitsPerByte')}


def information(labels, experts, count):
    """Mutual information in bits between two integer labels."""
    joint = np.zeros((labels.max() + 1, count))
    np.add.at(joint, (labels, experts), 1)
    joint /= joint.sum()
    independent = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    seen = joint > 0
    return float((joint[seen] * np.log2(joint[seen] / independent[seen])).sum())


def routing(c, routes, windows):
    """Load, balance and mutual information of the expert choices."""
    rng = np.random.default_rng(3)
    load = [[(np.bincount(r.ravel(), minlength=c.experts) / r.size).round(5).tolist() for r in routes[d]] for d in DOMAINS]
    labels = np.repeat(np.arange(len(DOMAINS)), windows)  # one label a sequence
    layers = []
    for i in range(c.layers):
        top = np.concatenate([routes[d][i][:, 0] for d in DOMAINS])
        share = np.mean([load[j][i] for j in range(len(DOMAINS))], 0)
        chance = np.mean([information(np.repeat(rng.permutation(labels), LENGTH), top, c.experts) for _ in range(20)])
        layers.append({'mutualInformation': round(information(np.repeat(labels, LENGTH), top, c.experts), 4), 'chance': round(float(chance), 4),
                       'minLoad': round(float(share.min()), 5), 'maxLoad': round(float(share.max()), 5)})
    return {'load': load, 'layers': layers, 'deadExperts': sum(l['minLoad'] == 0 for l in layers)}


def knock_out(model, p, corpus, routes, windows):
    """Change of loss per domain (columns) when every layer's expert most used by the row's domain is forbidden."""
    c, base, table, experts = model.c, held_out(model, p, corpus, windows)[0], {}, {}
    for row in DOMAINS:
        forbid = np.zeros((c.layers, c.experts), np.uint8)
        experts[row] = [int(np.bincount(r.ravel(), minlength=c.experts).argmax()) for r in routes[row]]
        forbid[np.arange(c.layers), experts[row]] = 1
        off = held_out(model, p, corpus, windows, forbid)[0]
        table[row] = {d: round(off[d]['nats'] - base[d]['nats'], 4) for d in DOMAINS}
    return {'experts': experts, 'change': table, 'tokensPerDomain': windows * LENGTH}


def sample(model, p, corpus, prompt, seed, temperature=0.7, top=40, length=110):
    """Ids of prompt and continuation; the prompt follows an end-of-document token."""
    rng, end = np.random.default_rng(seed), corpus.tokenizer['end']
    ids = [end] + corpus.encode(prompt)
    for _ in range(length):
        row = np.array([ids[-LENGTH:]], np.int32)
        model.forward(p, row, row)
        logits = model.buf.kept['y'][-1] @ p['embed'].T / temperature
        best = np.argsort(-logits, kind='stable')[:top]
        w = np.exp((logits[best] - logits[best[0]]).astype(np.float64))
        ids.append(int(rng.choice(best, p=w / w.sum())))
        if ids[-1] == end:
            break
    return corpus.decode(ids[1:])


def main():
    a = argparse.ArgumentParser()
    for name in ('model', 'checkpoint', 'data', 'out'):
        a.add_argument(name)
    a.add_argument('--windows', type=int, default=64)
    a.add_argument('--knock-out', type=int, default=24, help='windows a domain for the knock-out table; 0: none')
    a.add_argument('--sample-length', type=int, default=110)
    a = a.parse_args()
    c, corpus = CONFIGS[a.model], Corpus(a.data)
    flat, state = load_checkpoint(a.checkpoint)
    model, shipped = Model(c), views(c, quantised(c, flat))
    before = held_out(model, views(c, flat), corpus, a.windows)[0]
    after, routes = held_out(model, shipped, corpus, a.windows)
    report = {'model': c.name, 'config': c.as_dict(), 'state': state, 'heldOut': {
        'windows': a.windows, 'length': LENGTH, 'before': {**before, 'mean': mean(before)}, 'after': {**after, 'mean': mean(after)}}}
    if c.is_moe:
        report['routing'] = routing(c, routes, a.windows)
        if a.knock_out:
            report['knockOut'] = knock_out(model, shipped, corpus, routes, a.knock_out)
    report['samples'] = [{'domain': d, 'prompt': prompt, 'seed': 1, 'temperature': 0.7, 'topK': 40,
                          'text': sample(model, shipped, corpus, prompt, 1, length=a.sample_length)} for d, prompt in SAMPLES]
    pathlib.Path(a.out).write_text(json.dumps(report, ensure_ascii=False))
    print(json.dumps({k: report['heldOut'][k]['mean'] for k in ('before', 'after')}), [l['mutualInformation'] for l in report.get('routing', {}).get('layers', [])])


if __name__ == '__main__':
    main()
