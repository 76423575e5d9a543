"""Trains one model: python3 training/train.py MODEL --data DIR --run DIR [--plan FILE] ...

Resumes from the newest checkpoint in the run folder, bit for bit; with --from FOLDER and no checkpoint there, from the
published weights in FOLDER (MODEL.gguf, curves.json), with a new optimizer, a new warm-up and a schedule that counts from there. The plan is a small JSON file that is read again
at every step, so that the end of a run can be moved by the clock while it is still in the stable phase:
  {"total": 9.5e6, "decay": 0.25, "quantise": 0.15, "stop": null}
(tokens in all; the last share of those of this run with falling learning rate, and with quantised weights and long sequences)."""
import argparse
import json
import os
import pathlib
import time
from multiprocessing.pool import ThreadPool

import numpy as np

from data import DOMAINS, Corpus
from export_gguf import load_gguf
from model import CONFIGS, Model, initial, quantised, views
from optimizer import Optimizer

PLAN = {'total': 9.5e6, 'decay': 0.25, 'quantise': 0.15, 'stop': None}


def arguments():
    a = argparse.ArgumentParser()
    a.add_argument('model', choices=CONFIGS)
    a.add_argument('--data', required=True)
    a.add_argument('--run', required=True, help='checkpoints and log; created')
    a.add_argument('--plan', help='default: RUN/plan.json')
    a.add_argument('--from', dest='published', help='folder of published models to go on from')
    a.add_argument('--optimizer', default='muon', choices=['muon', 'adamw'])
    a.add_argument('--lr', type=float, default=5e-3)
    a.add_argument('--batch', type=int, default=8192, help='tokens a step')
    a.add_argument('--micro', type=int, default=8192, help='tokens a forward pass')
    a.add_argument('--scale', default='side', choices=['side', 'ratio'], help="of Muon's steps")
    a.add_argument('--workers', type=int, default=1, help='threads that share every batch')
    a.add_argument('--steps', type=int, default=3, help='Newton-Schulz steps')
    a.add_argument('--warmup', type=float, default=0.15e6, help='tokens')
    a.add_argument('--pools', action='store_true', help='per-document expert pools')
    a.add_argument('--seed', type=int, default=1, help='of the initial weights and the batches')
    a.add_argument('--save-every', type=float, default=180, help='seconds')
    a.add_argument('--eval-every', type=float, default=262144, help='tokens')
    return a.parse_args()


def schedule(plan, tokens, args, begun=0):
    """Learning-rate factor and phase at a token count, of a run begun at `begun`: warm-up, stable, linear decay to 10 %."""
    length, done = plan['total'] - begun, tokens - begun
    left = (length - done) / (plan['decay'] * length)
    factor = min(1.0, (done + args.batch) / args.warmup, max(0.0, left) * 0.9 + 0.1)
    return factor, left < 1, done >= (1 - plan['quantise']) * length


def evaluate(model, p, corpus, length=256, count=8):
    """Validation loss by domain: {domain: (nats per token, bits per byte)}."""
    out = {}
    for d in DOMAINS:
        ids, targets = corpus.validation(d, length, count)
        loss = model.forward(p, ids, targets)
        out[d] = float(loss.mean()), corpus.bits_per_byte(loss.sum(dtype=np.float64), targets)
    return out


class Run:
    def __init__(self, args):
        self.args, self.c = args, CONFIGS[args.model]
        self.folder = pathlib.Path(args.run)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.plan_file = pathlib.Path(args.plan or self.folder / 'plan.json')
        self.corpus, self.models = Corpus(args.data, 6 + args.seed), [Model(self.c) for _ in range(args.workers)]
        self.workers = ThreadPool(args.workers)
        self.flat = initial(self.c, args.seed)
        self.optimizer = Optimizer(self.c, self.flat, args.optimizer, steps=args.steps, scale=args.scale, each=self.workers.imap_unordered)
        self.state = {'step': 0, 'tokens': 0, 'begun': {'step': 0, 'tokens': 0}, 'seconds': 0.0, 'cpuSeconds': 0.0, 'decaying': False, 'points': []}
        self.restore()

    def restore(self):
        pointer = self.folder / 'latest.json'
        if not pointer.exists():
            if self.args.published:
                self.take_up(pathlib.Path(self.args.published))
            return
        path = self.folder / json.loads(pointer.read_text())['file']
        with np.load(path) as saved:
            for name, array in (('p', self.flat), ('m', self.optimizer.m), ('v', self.optimizer.v)):
                array[...] = saved[name]
            self.state = json.loads(str(saved['state']))
        print('resumed', path.name, 'at', self.state['tokens'], 'tokens', flush=True)

    def take_up(self, folder):
        """The published weights and curve, as of the step at which they were published."""
        self.flat[...] = load_gguf(self.c, folder / f'{self.c.name}.gguf')
        curve = json.loads((folder / 'curves.json').read_text())['models'][self.c.name]
        begun = {'step': curve['tokensSeen'] // self.args.batch, 'tokens': curve['tokensSeen']}
        last = curve['points'][-1]
        self.state |= {**begun, 'begun': begun, 'points': curve['points'], 'seconds': last['seconds'], 'cpuSeconds': last['cpuSeconds']}
        print('taken up at', begun, flush=True)

    def save(self, keep=None):
        name = keep or f"step{self.state['step']:06d}.npz"
        path, part = self.folder / name, self.folder / f'part-{os.getpid()}.npz'
        np.savez(part, p=self.flat, m=self.optimizer.m, v=self.optimizer.v, state=json.dumps(self.state))
        part.rename(path)
        if keep:
            return
        (self.folder / 'latest.tmp').write_text(json.dumps({'file': name}))
        (self.folder / 'latest.tmp').rename(self.folder / 'latest.json')
        for old in sorted(self.folder.glob('step*.npz'))[:-2]:
            old.unlink()

    def plan(self):
        return {**PLAN, **(json.loads(self.plan_file.read_text()) if self.plan_file.exists() else {})}

    def evaluate(self, weights):
        p = views(self.c, weights)
        losses = evaluate(self.models[0], p, self.corpus)
        nats, bits = (float(np.mean([v[i] for v in losses.values()])) for i in (0, 1))
        s = self.state
        s['points'].append({'tokens': s['tokens'], 'seconds': s['seconds'], 'cpuSeconds': s['cpuSeconds'], 'loss': nats,
                            'bitsPerByte': bits, 'domains': {d: v[0] for d, v in losses.items()}})
        print(f"EVAL tokens {s['tokens']} loss {nats:.4f} bits/byte {bits:.4f} "
              + ' '.join(f'{d} {v[0]:.3f}' for d, v in losses.items()), flush=True)

    def train(self):
        args, s, begun = self.args, self.state, self.state['begun']
        gradients, rounded = [np.zeros_like(self.flat) for _ in self.models], None
        saved = time.time()
        while True:
            plan = self.plan()
            if s['tokens'] >= min(plan['total'], plan['stop'] or 1e18):
                break
            factor, decaying, quantise = schedule(plan, s['tokens'], args, begun['tokens'])
            if decaying and not s['decaying']:
                self.save('stable.npz')
                s['decaying'] = True
            began, cpu = time.time(), time.process_time()
            if quantise:
                rounded = quantised(self.c, self.flat, rounded)
            p = views(self.c, rounded if quantise else self.flat)
            length = 512 if quantise else 256
            ids, targets = self.corpus.batch(s['step'], args.batch, length)
            pools = self.corpus.pools(s['step'], len(ids)) if args.pools and self.c.is_moe else None
            rows = max(1, min(args.micro, args.batch // args.workers) // length)
            parts = [slice(i, i + rows) for i in range(0, len(ids), rows)]

            def learn(w):
                g, loss = views(self.c, gradients[w]), 0.0
                gradients[w][...] = 0
                for part in parts[w::args.workers]:
                    some = None if pools is None else pools[part].copy()
                    loss += float(self.models[w].forward(p, ids[part], targets[part], some, None, 1 / ids.size, g).sum(dtype=np.float64))
                return loss

            loss = sum(self.workers.map(learn, range(args.workers)))
            for other in gradients[1:]:
                gradients[0] += other
            norm = self.optimizer.update(gradients[0], s['step'] - begun['step'], args.lr * factor)
            before = s['tokens'] // args.eval_every
            s['step'] += 1
            s['tokens'] += ids.size
            s['seconds'] += time.time() - began
            s['cpuSeconds'] += time.process_time() - cpu
            if s['step'] % 10 == 0:
                load = [round(float(np.diff(r['off']).max() / r['tok'].size * self.c.experts), 2) for r in self.models[0].routes if r]
                print(f"step {s['step']} tokens {s['tokens']} loss {loss / ids.size:.4f} norm {norm:.2f} lr {args.lr * factor:.2e} "
                      f"s {s['seconds']:.0f} cpu {s['cpuSeconds']:.0f} tok/s {ids.size / (time.time() - began):.0f} load {load}", flush=True)
            if s['tokens'] // args.eval_every > before:
                self.evaluate(quantised(self.c, self.flat) if quantise else self.flat)
            if time.time() - saved > args.save_every:
                self.save()
                saved = time.time()
        if not s['points'] or s['points'][-1]['tokens'] != s['tokens']:
            self.evaluate(quantised(self.c, self.flat) if s['decaying'] else self.flat)
        self.save()
        print('finished', flush=True)


if __name__ == '__main__':
    Run(arguments()).train()
