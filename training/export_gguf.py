"""python3 training/export_gguf.py MODEL CHECKPOINT.npz DATA_DIR OUT.gguf [--f32] [--dequantised]
FFN and expert matrices Q4_0, attention and embeddings Q8_0, norms and router F32; --f32 writes everything as F32,
--dequantised the quantised file's values as F32 (for exact comparisons)."""
import argparse
import json
import pathlib

import numpy as np

import gguf
from model import CONFIGS, initial, parameter_count, views

TITLES = {
    'moe': 'moescope MoE: 16 experts, 2 per token',
    'dense-active': 'moescope dense twin with the same active parameters',
    'dense-total': 'moescope dense twin with the same total parameters',
}
LICENSE = 'mit'


def metadata(c, tokenizer, tokens_seen):
    arch = 'qwen3moe' if c.is_moe else 'qwen3'
    tokens, merges = tokenizer['tokens'], tokenizer['merges']
    m = {
        'general.architecture': arch, 'general.type': 'model', 'general.name': TITLES[c.name], 'general.basename': f'moescope-{c.name}',
        'general.license': LICENSE, 'general.alignment': gguf.ALIGNMENT, 'general.quantization_version': 2,
        'general.description': f'Trained from scratch on {tokens_seen} tokens of eight domains by the recipe in training/ of moescope.',
        'general.languages': ['en', 'fr', 'de', 'es'],
        f'{arch}.block_count': c.layers, f'{arch}.context_length': c.context, f'{arch}.embedding_length': c.width,
        f'{arch}.feed_forward_length': c.hidden, f'{arch}.attention.head_count': c.heads,
        f'{arch}.attention.head_count_kv': c.kv_heads, f'{arch}.attention.key_length': c.head_width,
        f'{arch}.attention.value_length': c.head_width, f'{arch}.attention.layer_norm_rms_epsilon': 1e-6,
        f'{arch}.rope.freq_base': 10000.0, f'{arch}.rope.dimension_count': c.head_width, f'{arch}.vocab_size': c.vocab,
        'tokenizer.ggml.model': tokenizer['model'], 'tokenizer.ggml.pre': tokenizer['pre'],
        'tokenizer.ggml.tokens': tokens, 'tokenizer.ggml.token_type': [1] * (len(tokens) - 1) + [3],
        'tokenizer.ggml.merges': [f'{tokens[a]} {tokens[b]}' for a, b in merges],
        'tokenizer.ggml.eos_token_id': tokenizer['end'], 'tokenizer.ggml.padding_token_id': tokenizer['end'],
        'tokenizer.ggml.add_bos_token': False, 'moescope.tokens_seen': tokens_seen,
    }
    if c.is_moe:
        m |= {f'{arch}.expert_count': c.experts, f'{arch}.expert_used_count': c.per_token,
              f'{arch}.expert_feed_forward_length': c.hidden}
    return m


def tensors(c, flat):
    """(name, array, kind) in the shipped types."""
    p = views(c, flat)
    yield 'token_embd.weight', p['embed'], gguf.Q8_0
    yield 'output_norm.weight', p['final_norm'], gguf.F32
    q, k = c.heads * c.head_width, (c.heads + c.kv_heads) * c.head_width
    for i in range(c.layers):
        w = lambda name: p[f'{i}.{name}']
        blk = f'blk.{i}.'
        yield blk + 'attn_norm.weight', w('attn_norm'), gguf.F32
        yield blk + 'attn_q.weight', w('wqkv')[:q], gguf.Q8_0
        yield blk + 'attn_k.weight', w('wqkv')[q:k], gguf.Q8_0
        yield blk + 'attn_v.weight', w('wqkv')[k:], gguf.Q8_0
        yield blk + 'attn_q_norm.weight', w('q_norm'), gguf.F32
        yield blk + 'attn_k_norm.weight', w('k_norm'), gguf.F32
        yield blk + 'attn_output.weight', w('wo'), gguf.Q8_0
        yield blk + 'ffn_norm.weight', w('ffn_norm'), gguf.F32
        gate, up, down = w('w13')[:, :c.hidden], w('w13')[:, c.hidden:], w('w2')
        if c.is_moe:
            yield blk + 'ffn_gate_inp.weight', w('router'), gguf.F32
        for name, matrix in (('gate', gate), ('up', up), ('down', down)):
            yield blk + f"ffn_{name}{'_exps' if c.is_moe else ''}.weight", matrix if c.is_moe else matrix[0], gguf.Q4_0


def load_gguf(c, path):
    """Flat weights out of a file that export() wrote: the other way through tensors()."""
    flat = np.empty(parameter_count(c), np.float32)
    found = gguf.read(path)
    for name, view, _ in tensors(c, flat):
        view[...] = found[name]
    return flat


def export(c, flat, tokenizer, tokens_seen, out, mode=None):
    rows = []
    for name, w, kind in tensors(c, flat):
        if mode == 'dequantised':
            w = gguf.values(kind, gguf.ENCODE[kind](w), w.shape)
        rows.append((name, w, gguf.F32 if mode else kind))
    gguf.write(out, metadata(c, tokenizer, tokens_seen), rows)


def load_checkpoint(path):
    """(flat weights, state) of a training checkpoint."""
    with np.load(path) as saved:
        return saved['p'], json.loads(str(saved['state']))


def main():
    a = argparse.ArgumentParser()
    for name in ('model', 'checkpoint', 'data', 'out'):
        a.add_argument(name)
    a.add_argument('--f32', action='store_const', const='f32', dest='mode')
    a.add_argument('--dequantised', action='store_const', const='dequantised', dest='mode')
    a = a.parse_args()
    c = CONFIGS[a.model]
    flat, state = (initial(c, 1), {'tokens': 0}) if a.checkpoint == 'random' else load_checkpoint(a.checkpoint)
    tokenizer = json.loads((pathlib.Path(a.data) / 'tokenizer.json').read_text())
    export(c, flat, tokenizer, state['tokens'], a.out, a.mode)
    print(a.out, pathlib.Path(a.out).stat().st_size, 'bytes')


if __name__ == '__main__':
    main()
