"""Muon for the hidden matrices (every expert its own matrix), AdamW for embeddings, norms and router."""
import numpy as np

from model import shapes, views
from native import call

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


def orthogonalise(m, steps=3):
    """Newton-Schulz towards the nearest orthogonal matrix, for a stack [n, rows, columns]."""
    transposed = m.shape[1] > m.shape[2]
    x = np.ascontiguousarray(m.transpose(0, 2, 1)) if transposed else m.copy()
    x /= np.sqrt((x * x).sum((1, 2), keepdims=True)) + 1e-7
    n, r, k = x.shape
    s, t, y = np.empty((r, r), np.float32), np.empty((r, r), np.float32), np.empty((r, k), np.float32)
    call('newton_schulz', n, r, k, steps, *NEWTON_SCHULZ, x, s, t, y)
    return x.transpose(0, 2, 1) if transposed else x


class Optimizer:
    def __init__(self, c, flat, kind='muon', momentum=0.95, decay=0.1, steps=3, scale='side', each=map):
        """scale: of Muon's steps, by a matrix's longer side, or by rows / columns where it is taller than wide; the same for the
        experts. each(f, items): where the parameters' updates run, in any order."""
        self.c, self.kind, self.momentum, self.decay, self.steps, self.scale, self.each = c, kind, momentum, decay, steps, scale, each
        self.flat, self.p = flat, views(c, flat)
        self.m, self.v = np.zeros_like(flat), np.zeros_like(flat)
        self.mv, self.vv = views(c, self.m), views(c, self.v)

    def is_matrix(self, name):
        return name.endswith(('wqkv', 'wo', 'w13', 'w2'))

    def update(self, gradient, step, lr):
        """One step with the flat gradient, clipped to norm 1. Returns the norm before clipping."""
        norm = float(np.sqrt(np.dot(gradient, gradient)))
        clip = min(1.0, 1.0 / (norm + 1e-6))
        g = views(self.c, gradient)
        b1, b2 = 0.9, 0.95

        def one(name):
            p = self.p[name]
            if self.kind == 'muon' and self.is_matrix(name):
                self.muon(name, p, g[name], lr, clip)
            else:
                wd = self.decay if p.ndim > 1 else 0.0
                call('adamw', p.size, p, g[name], self.mv[name], self.vv[name], lr, b1, b2,
                     1 / (1 - b1 ** (step + 1)), 1 / (1 - b2 ** (step + 1)), wd, clip)

        list(self.each(one, self.p))
        return norm

    def pieces(self, name, a):
        """The separate matrices inside one parameter, as stacks [n, rows, columns]."""
        c = self.c
        if name.endswith('wqkv'):
            q, k = c.heads * c.head_width, (c.heads + c.kv_heads) * c.head_width
            return [a[None, :q], a[None, q:k], a[None, k:]]
        if name.endswith('w13'):
            return [a.reshape(2 * c.experts, c.hidden, c.width)]
        return [a if a.ndim == 3 else a[None]]

    def muon(self, name, p, g, lr, clip):
        m = self.mv[name]
        m *= self.momentum
        m += clip * g
        nesterov = clip * g + self.momentum * m
        for w, n in zip(self.pieces(name, p), self.pieces(name, nesterov)):
            update = orthogonalise(n, self.steps)
            w *= 1 - lr * self.decay
            rows, columns = w.shape[1:]
            reach = max(rows, columns) if self.scale == 'side' else self.c.width * max(1, rows / columns)
            w -= (lr * 0.2 * np.sqrt(reach)) * update
