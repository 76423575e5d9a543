"""python3 training/publish.py DATA_DIR PUBLIC_DIR MODEL=CHECKPOINT,EVALUATION.json ...
Writes MODEL.gguf, the cards, index.json, curves.json and heldout.json. A model that is not named keeps what PUBLIC_DIR has of it."""
import hashlib
import json
import pathlib
import sys

import numpy as np

from data import DOMAINS, Corpus
from export_gguf import TITLES, export, load_checkpoint
from model import CONFIGS, parameter_count
from sources import LICENSES, SOURCES

MACHINE = '2-core Intel Xeon (Ice Lake, AVX-512, no bf16) up to the first fall of the learning rate, 2-core AMD EPYC (AVX2) after it, ' \
    'one thread a model, f32; from 17.6 M tokens 2-core AMD EPYC with AVX512_BF16, products in bf16; the dense model of the same size: ' \
    'two threads of such a one, products in bf16'
SCHEDULE = 'warm-up, stable, learning rate falling over the last {} % of the tokens, forward pass with quantised weights over the last 15 %'
AGAIN = '; then taken up three times, at 6,504,448, 14,000,128 and 17,604,608 tokens, from the quantised weights with a new optimizer: warm-up, stable, ' \
    'learning rate falling over the last 40 %, 60 % and 60 % of the further tokens, forward pass with quantised weights over the last 15 % of them'
SCHEDULES = {
    'moe': SCHEDULE.format(25) + AGAIN,
    'dense-active': SCHEDULE.format(25) + AGAIN,
    'dense-total': SCHEDULE.format(50) + '; learning rate 3e-3, the updates of Muon scaled by sqrt(max(1, rows / columns))',
}
REMARKS = {
    'dense-total': 'these tokens were one run, where the other two had ended a schedule and taken up their weights anew at 6.5 M, which sets '
                   'them back at first: so the comparison is in its favour.',
}
# Where a schedule ended before the last: the learning rate had fallen, and the loss was measured on the quantised weights.
ENDS = {'moe': (6504448, 14000128, 17604608), 'dense-active': (6504448, 14000128, 17604608), 'dense-total': ()}
EVERY = 262144  # tokens between the points of the curves


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + '\n')


def read(path, otherwise):
    return json.loads(path.read_text()) if path.exists() else otherwise


def rounded(losses):
    return {d: {'natsPerToken': round(v['nats'], 4), 'bitsPerByte': round(v['bitsPerByte'], 4)} for d, v in losses.items()}


def card(c, state, evaluation, corpus, file, size, digest):
    counts = json.loads((corpus.folder / 'corpus.json').read_text())
    active, tokens = c.active_parameters, state['tokens']
    held = evaluation['heldOut']
    out = {
        'id': c.name, 'title': TITLES[c.name], 'file': file, 'bytes': size, 'sha256': digest,
        'license': 'MIT (weights); data licences in LICENSES.md',
        'architecture': {'name': 'qwen3moe' if c.is_moe else 'qwen3', 'width': c.width, 'layers': c.layers, 'heads': c.heads, 'kvHeads': c.kv_heads,
                         'headWidth': c.head_width, 'experts': c.experts, 'expertsPerToken': c.per_token, 'hidden': c.hidden, 'vocabulary': c.vocab,
                         'context': c.context, 'tiedEmbeddings': True},
        'parameters': {'total': parameter_count(c), 'active': active},
        'quantisation': 'FFN and expert matrices Q4_0, attention and embeddings Q8_0, norms and router F32',
        'promptNote': 'Documents begin after <|end|>; put it before a prompt that opens a text.',
        'training': {'schedule': SCHEDULES[c.name],
                     'tokensSeen': tokens, 'steps': state['step'], 'seconds': round(state['seconds']), 'cpuSeconds': round(state['cpuSeconds']),
                     'secondsNote': f'wall seconds of the training steps, machine shared with other work; {MACHINE}',
                     'flops': 6 * active * tokens, 'flopsNote': 'computed as 6 x active parameters x tokens; attention scores not counted'},
        'data': [{'domain': d, 'title': DOMAINS[d], **SOURCES[d], 'trainTokensAvailable': counts[d]['train']['tokens'],
                  'tokensSeen': tokens // len(DOMAINS)} for d in DOMAINS],
        'heldOut': {'tokensPerDomain': held['windows'] * held['length'], 'context': held['length'],
                    'beforeQuantising': rounded(held['before']), 'afterQuantising': rounded(held['after'])},
    }
    if c.is_moe:
        out['routing'] = {'domains': list(DOMAINS), 'loadNote': 'load[domain][layer][expert]: share of the domain\'s assignments', **evaluation['routing']}
        if 'knockOut' in evaluation:
            out['knockOut'] = {'note': 'forbid in every layer the expert most used by the row\'s domain: change of held-out nats/token per column\'s domain',
                               **evaluation['knockOut']}
    out['samples'] = evaluation['samples']
    return out


def markdown(k):
    t, held = k['training'], k['heldOut']
    lines = [f"# {k['title']}", '', f"`{k['file']}`, {k['bytes']:,} bytes, sha256 `{k['sha256']}`. {k['license']}.", '',
             f"{k['parameters']['total']:,} parameters, {k['parameters']['active']:,} active per token; GGUF architecture `{k['architecture']['name']}`, "
             f"{k['architecture']['layers']} layers of width {k['architecture']['width']}, context {k['architecture']['context']}. {k['quantisation']}.", '',
             f"Schedule: {t['schedule']}.", '', f"Seen: {t['tokensSeen']:,} tokens in {t['steps']:,} steps, {t['seconds']:,} s ({t['secondsNote']}); {t['flops']:.3g} FLOPs ({t['flopsNote']}).",
             '', k['promptNote'], '', '## Data', '', '| domain | sources | licence | tokens available | tokens seen |', '|---|---|---|---|---|']
    lines += [f"| {d['domain']} | {d['sources']} | {d['licence']} | {d['trainTokensAvailable']:,} | {d['tokensSeen']:,} |" for d in k['data']]
    lines += ['', f"## Held-out loss ({held['tokensPerDomain']:,} tokens a domain, context {held['context']})", '',
              '| domain | nats/token before quantising | after | bits/byte before | after |', '|---|---|---|---|---|']
    for d, b in held['beforeQuantising'].items():
        a = held['afterQuantising'][d]
        lines.append(f"| {d} | {b['natsPerToken']:.4f} | {a['natsPerToken']:.4f} | {b['bitsPerByte']:.4f} | {a['bitsPerByte']:.4f} |")
    if 'routing' in k:
        r = k['routing']
        lines += ['', '## Routing', '', f"Dead experts: {r['deadExperts']}. Mutual information between domain and top-1 expert, in bits (at most 3); "
                  'chance = the same with the sequences\' labels shuffled. Load = share of assignments, even would be 0.0625.', '',
                  '| layer | mutual information | chance | min load | max load |', '|---|---|---|---|---|']
        lines += [f"| {i} | {l['mutualInformation']:.3f} | {l['chance']:.3f} | {l['minLoad']:.4f} | {l['maxLoad']:.4f} |" for i, l in enumerate(r['layers'])]
    if 'knockOut' in k:
        lines += ['', f"## Knock-out", '', k['knockOut']['note'] + '.', '', '| forbidden for | ' + ' | '.join(DOMAINS) + ' |', '|---' * 9 + '|']
        lines += [f'| {row} | ' + ' | '.join(f'{v:+.3f}' for v in change.values()) + ' |' for row, change in k['knockOut']['change'].items()]
    lines += ['', '## Samples, unedited (shipped weights)']
    for s in k['samples']:
        lines += ['', f"{s['domain']}, prompt {json.dumps(s['prompt'], ensure_ascii=False)}, seed {s['seed']}, temperature {s['temperature']}, top-{s['topK']}:",
                  '', *('    ' + line for line in s['text'].split('\n'))]
    return '\n'.join(lines) + '\n'


def held_out_file(corpus):
    domains = []
    for d, title in DOMAINS.items():
        rows = [np.append(ids, targets[-1]) for ids, targets in zip(*corpus.validation(d, 255, 4))][1:3]
        domains.append({'name': d, 'title': title, 'ids': [r.tolist() for r in rows],
                        'bytes': [int(corpus.token_bytes[r[1:]].sum()) for r in rows], 'text': corpus.decode(rows[0])[:300]})
    return {'note': 'Held-out tokens; bytes are those of tokens 1..255, the ones that are predicted.', 'domains': domains}


def main():
    corpus, public = Corpus(sys.argv[1]), pathlib.Path(sys.argv[2])
    index = {m['id']: m for m in read(public / 'index.json', {'models': []})['models']}
    curves = read(public / 'curves.json', {'models': {}})['models']
    for item in sys.argv[3:]:
        name, paths = item.split('=')
        checkpoint, evaluation = paths.split(',')
        c, (flat, state), evaluation = CONFIGS[name], load_checkpoint(checkpoint), json.loads(pathlib.Path(evaluation).read_text())
        path = public / f'{name}.gguf'
        export(c, flat, corpus.tokenizer, state['tokens'], path)
        size, digest = path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()
        parameters = {'total': parameter_count(c), 'active': c.active_parameters}
        k = card(c, state, evaluation, corpus, path.name, size, digest)
        write(public / f'{name}.card.json', k)
        (public / f'{name}.md').write_text(markdown(k))
        index[name] = {'id': name, 'file': path.name, 'bytes': size, 'sha256': digest, 'title': TITLES[name], 'role': name,
                      'parameters': parameters, 'tokensSeen': state['tokens'],
                      'bitsPerByte': k['heldOut']['afterQuantising']['mean']['bitsPerByte'], 'card': f'{name}.card.json'}
        before = {x['tokens'] for x in curves.get(name, {'points': []})['points']}
        curves[name] = {'parameters': parameters, 'tokensSeen': state['tokens'], 'points': [
            {'tokens': x['tokens'], 'flops': 6 * c.active_parameters * x['tokens'], 'seconds': round(x['seconds'], 1), 'cpuSeconds': round(x['cpuSeconds'], 1),
             'loss': round(x['loss'], 4), 'bitsPerByte': round(x['bitsPerByte'], 4)} for x in state['points'] if x['tokens'] % EVERY == 0 or x['tokens'] in {*before, state['tokens']}]}
    for name, curve in curves.items():
        for point in curve['points']:
            if point['tokens'] in {*ENDS[name], curve['tokensSeen']}:
                point['ended'] = True
        if name in REMARKS:
            curve['remark'] = REMARKS[name]
    write(public / 'index.json', {'default': 'moe', 'models': [index[name] for name in CONFIGS if name in index]})
    # Ends of short runs that differ in their seed alone, as their logs say them.
    seeds = json.loads((pathlib.Path(__file__).parent / 'seeds.json').read_text())
    write(public / 'curves.json', {'models': curves, 'seeds': seeds, 'note': 'Held-out loss on the same eight windows of 256 tokens of each kind of text, mean over the eight kinds, '
          f'at the same counts of tokens and on the same batches. Seconds are those of the clock in the training steps ({MACHINE}); FLOPs are computed: '
          '6 × active parameters × tokens. A dot marks the end of a schedule: there the learning rate had fallen, and the loss is that of the quantised weights.'})
    (public / 'heldout.json').write_text(json.dumps(held_out_file(corpus), ensure_ascii=False, separators=(',', ':')))
    (public / 'LICENSES.md').write_text(LICENSES)


if __name__ == '__main__':
    main()
