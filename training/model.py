"""The transformer with a hand-written backward pass: RMSNorm, grouped-query attention with per-head QK norm and
RoPE, and a mixture of SwiGLU experts (a dense FFN is one expert without a router). All f32, tied embeddings."""
from dataclasses import asdict, dataclass

import numpy as np

from native import call


@dataclass
class Config:
    name: str
    width: int = 256
    layers: int = 6
    heads: int = 4
    kv_heads: int = 2
    head_width: int = 64
    experts: int = 16
    per_token: int = 2
    hidden: int = 256
    vocab: int = 4096
    context: int = 512

    @property
    def is_moe(self):
        return self.experts > 1

    @property
    def active_parameters(self):
        total = sum(int(np.prod(shape)) for _, shape in shapes(self))
        idle = (self.experts - self.per_token) * 3 * self.width * self.hidden * self.layers
        return total - (idle if self.is_moe else 0)

    def as_dict(self):
        return asdict(self)


CONFIGS = {
    'moe': Config('moe'),
    'dense-active': Config('dense-active', experts=1, per_token=1, hidden=512),
    'dense-total': Config('dense-total', experts=1, per_token=1, hidden=4096),
}


def shapes(c):
    """Parameters in file order. Expert matrices: w13 = gate rows then up rows, [E, 2H, D]; w2 [E, D, H]."""
    yield 'embed', (c.vocab, c.width)
    for i in range(c.layers):
        yield f'{i}.attn_norm', (c.width,)
        yield f'{i}.wqkv', ((c.heads + 2 * c.kv_heads) * c.head_width, c.width)
        yield f'{i}.q_norm', (c.head_width,)
        yield f'{i}.k_norm', (c.head_width,)
        yield f'{i}.wo', (c.width, c.heads * c.head_width)
        yield f'{i}.ffn_norm', (c.width,)
        if c.is_moe:
            yield f'{i}.router', (c.experts, c.width)
        yield f'{i}.w13', (c.experts, 2 * c.hidden, c.width)
        yield f'{i}.w2', (c.experts, c.width, c.hidden)
    yield 'final_norm', (c.width,)


def views(c, flat):
    out, at = {}, 0
    for name, shape in shapes(c):
        n = int(np.prod(shape))
        out[name] = flat[at:at + n].reshape(shape)
        at += n
    return out


def parameter_count(c):
    return sum(int(np.prod(shape)) for _, shape in shapes(c))


def initial(c, seed=1):
    rng = np.random.default_rng(seed)
    flat = np.empty(parameter_count(c), np.float32)
    for name, p in views(c, flat).items():
        if name.endswith('norm'):
            p[...] = 1
        else:
            residual = name.endswith(('.wo', '.w2'))
            p[...] = rng.standard_normal(p.shape, dtype=np.float32) * (0.02 / (np.sqrt(2 * c.layers) if residual else 1))
    return flat


def rope_table(c, length):
    frequency = 10000.0 ** (-np.arange(0, c.head_width, 2) / c.head_width)
    angle = np.arange(length)[:, None] * frequency
    return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)


class Buffers:
    """Reused scratch arrays, by name."""
    def __init__(self):
        self.kept = {}

    def __call__(self, name, shape, dtype=np.float32, zero=False):
        a = self.kept.get(name)
        if a is None or a.shape != tuple(shape) or a.dtype != dtype:
            a = self.kept[name] = np.empty(shape, dtype)
        if zero:
            a[...] = 0
        return a


class Model:
    alpha, beta = 0.01, 1e-3  # load-balance and router z-loss

    def __init__(self, c):
        self.c, self.buf = c, Buffers()

    def forward(self, p, ids, targets, pools=None, forbid=None, dlogit_scale=0.0, g=None):
        """Loss per token [N]; with gradients `g` (views) also accumulates them, loss weighted by dlogit_scale.
        pools: [B] experts a sequence may use; forbid: [L, E] experts switched off."""
        c, buf = self.c, self.buf
        B, T = ids.shape
        N, D, W = B * T, c.width, c.head_width
        cos, sin = rope_table(c, T)
        ids = np.ascontiguousarray(ids.reshape(-1), np.int32)
        targets = np.ascontiguousarray(targets.reshape(-1), np.int32)
        qkv_width, rot_width = (c.heads + 2 * c.kv_heads) * W, (c.heads + c.kv_heads) * W
        x = buf('x0', (N, D))
        call('embed_fwd', N, D, ids, p['embed'], x)
        self.routes = []
        for i in range(c.layers):
            h = buf(f'{i}.h1', (N, D))
            call('rmsnorm_fwd', N, D, x, p[f'{i}.attn_norm'], h)
            qkv = np.matmul(h, p[f'{i}.wqkv'].T, out=buf(f'{i}.qkv', (N, qkv_width)))
            rot, probs = buf(f'{i}.rot', (N, rot_width)), buf(f'{i}.P', (B, c.heads, T, T))
            call('rope_fwd', N, T, c.heads, c.kv_heads, W, qkv, p[f'{i}.q_norm'], p[f'{i}.k_norm'], cos, sin, rot)
            o = buf(f'{i}.o', (N, c.heads * W))
            call('attention_fwd', B, T, c.heads, c.kv_heads, W, rot, qkv, probs, o)
            mid = np.matmul(o, p[f'{i}.wo'].T, out=buf(f'{i}.mid', (N, D)))
            mid += x
            h = buf(f'{i}.h2', (N, D))
            call('rmsnorm_fwd', N, D, mid, p[f'{i}.ffn_norm'], h)
            route = self.route(p, i, h, T, pools, forbid) if c.is_moe else None
            x = buf(f'x{i + 1}', (N, D))
            x[...] = mid
            off, tok, gate = (route['off'], route['tok'], route['gate']) if route else (np.array([0, N], np.int32), None, None)
            gu = buf(f'{i}.gu', (N * c.per_token, 2 * c.hidden))
            call('experts_fwd', c.experts, D, c.hidden, off, tok, gate, h, p[f'{i}.w13'], p[f'{i}.w2'], gu, x)
            self.routes.append(route)
        y = buf('y', (N, D))
        call('rmsnorm_fwd', N, D, x, p['final_norm'], y)
        loss = np.empty(N, np.float32)
        dy = buf('dy', (N, D)) if g else None
        call('head', N, D, c.vocab, y, p['embed'], targets, float(dlogit_scale), loss, dy, g['embed'] if g else None)
        if g:
            self.backward(p, g, ids, B, T, cos, sin, dy, float(dlogit_scale) * N)
        return loss

    def route(self, p, i, h, T, pools, forbid):
        c, buf, N, K = self.c, self.buf, len(h), self.c.per_token
        r = {name: buf(f'{i}.{name}', shape, dtype) for name, shape, dtype in (
            ('probs', (N, c.experts), np.float32), ('lse', (N,), np.float32), ('idx', (N, K), np.int32),
            ('off', (c.experts + 1,), np.int32), ('tok', (N * K,), np.int32), ('slot', (N * K,), np.int32),
            ('gate', (N * K,), np.float32))}
        logits = np.matmul(h, p[f'{i}.router'].T)
        call('router_fwd', N, T, c.experts, K, logits, pools, None if forbid is None else np.ascontiguousarray(forbid[i]),
             r['probs'], r['lse'], r['idx'], r['off'], r['tok'], r['slot'], r['gate'])
        return r

    def backward(self, p, g, ids, B, T, cos, sin, dy, weight):
        c, buf, kept = self.c, self.buf, self.buf.kept
        N, D, W = B * T, c.width, c.head_width
        dx = buf('dx', (N, D), zero=True)
        call('rmsnorm_bwd', N, D, kept[f'x{c.layers}'], p['final_norm'], dy, dx, g['final_norm'])
        for i in reversed(range(c.layers)):
            route, h = self.routes[i], kept[f'{i}.h2']
            off, tok, gate = (route['off'], route['tok'], route['gate']) if route else (np.array([0, N], np.int32), None, None)
            dgate = buf('dgate', (N * c.per_token,)) if route else None
            dh = buf('dh', (N, D), zero=True)
            call('experts_bwd', c.experts, D, c.hidden, off, tok, gate, h, p[f'{i}.w13'], p[f'{i}.w2'], kept[f'{i}.gu'], dx,
                 dh, g[f'{i}.w13'], g[f'{i}.w2'], dgate)
            if route:
                dl = buf('dlogits', (N, c.experts))
                call('router_bwd', N, c.experts, c.per_token, route['probs'], route['lse'], route['idx'], route['slot'], off,
                     gate, dgate, self.alpha, self.beta, weight, dl)
                g[f'{i}.router'] += dl.T @ h
                dh += dl @ p[f'{i}.router']
            call('rmsnorm_bwd', N, D, kept[f'{i}.mid'], p[f'{i}.ffn_norm'], dh, dx, g[f'{i}.ffn_norm'])
            do = np.matmul(dx, p[f'{i}.wo'], out=buf('do', (N, c.heads * W)))
            g[f'{i}.wo'] += dx.T @ kept[f'{i}.o']
            qkv, rot = kept[f'{i}.qkv'], kept[f'{i}.rot']
            dqkv, drot = buf('dqkv', qkv.shape, zero=True), buf('drot', rot.shape, zero=True)
            call('attention_bwd', B, T, c.heads, c.kv_heads, W, rot, qkv, kept[f'{i}.P'], do, drot, dqkv)
            call('rope_bwd', N, T, c.heads, c.kv_heads, W, qkv, p[f'{i}.q_norm'], p[f'{i}.k_norm'], cos, sin, drot, dqkv,
                 g[f'{i}.q_norm'], g[f'{i}.k_norm'])
            g[f'{i}.wqkv'] += dqkv.T @ kept[f'{i}.h1']
            dh = np.matmul(dqkv, p[f'{i}.wqkv'], out=buf('dh', (N, D)))
            call('rmsnorm_bwd', N, D, kept[f'x{i}'], p[f'{i}.attn_norm'], dh, dx, g[f'{i}.attn_norm'])
        call('embed_bwd', N, D, ids, dx, g['embed'])


def quantised(c, flat, out=None):
    """The values the shipped file holds: FFN matrices through Q4_0, attention and embeddings through Q8_0."""
    out = flat.copy() if out is None else out
    source, target = views(c, flat), views(c, out)
    for name, w in source.items():
        kind = name.split('.')[-1]
        if kind in ('w13', 'w2'):
            call('fake_q4_0', w.size, w, target[name])
        elif kind in ('embed', 'wqkv', 'wo'):
            call('fake_q8_0', w.size, w, target[name])
        else:
            target[name][...] = w
    return out
