"""A small GGUF v3 writer, and a reader of what it wrote: metadata, tensors in F32, Q8_0 or Q4_0, 32-byte alignment."""
import pathlib
import struct

import numpy as np

F32, Q4_0, Q8_0 = 0, 2, 8
ALIGNMENT = 32


def q8_0(w):
    x = w.reshape(-1, 32).astype(np.float32)
    d = np.abs(x).max(1, keepdims=True) / np.float32(127)
    inverse = np.divide(np.float32(1), d, out=np.zeros_like(d), where=d != 0)
    q = x * inverse
    q = np.trunc(q + np.copysign(np.float32(0.5), q)).astype(np.int8)
    return np.concatenate([d.astype(np.float16).view(np.uint8), q.view(np.uint8)], 1).tobytes()


def q4_0(w):
    x = w.reshape(-1, 32).astype(np.float32)
    top = np.take_along_axis(x, np.abs(x).argmax(1)[:, None], 1)
    d = top / np.float32(-8)
    inverse = np.divide(np.float32(1), d, out=np.zeros_like(d), where=d != 0)
    q = np.minimum(15, (x * inverse + np.float32(8.5)).astype(np.int32)).astype(np.uint8)
    return np.concatenate([d.astype(np.float16).view(np.uint8), q[:, :16] | (q[:, 16:] << 4)], 1).tobytes()


def values(kind, data, shape):
    """Back from the file's bytes to f32 values."""
    if kind == F32:
        return np.frombuffer(data, np.float32).reshape(shape)
    blocks = np.frombuffer(data, np.uint8).reshape(-1, 18 if kind == Q4_0 else 34)
    d = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    q = blocks[:, 2:]
    q = np.concatenate([q & 15, q >> 4], 1).astype(np.float32) - 8 if kind == Q4_0 else q.copy().view(np.int8).astype(np.float32)
    return (d * q).reshape(shape)


ENCODE = {F32: lambda w: np.ascontiguousarray(w, np.float32).tobytes(), Q8_0: q8_0, Q4_0: q4_0}


def _string(s):
    raw = s.encode()
    return struct.pack('<Q', len(raw)) + raw


def _value(v):
    """bool, int (u32), float (f32), str, list of str or of ints (i32)."""
    if isinstance(v, bool):
        return struct.pack('<IB', 7, v)
    if isinstance(v, int):
        return struct.pack('<II', 4, v)
    if isinstance(v, float):
        return struct.pack('<If', 6, v)
    if isinstance(v, str):
        return struct.pack('<I', 8) + _string(v)
    if isinstance(v[0], str):
        return struct.pack('<IIQ', 9, 8, len(v)) + b''.join(map(_string, v))
    return struct.pack('<IIQ', 9, 5, len(v)) + struct.pack(f'<{len(v)}i', *v)


def write(path, metadata, tensors):
    """tensors: list of (name, array in row-major order, kind)."""
    header = b'GGUF' + struct.pack('<IQQ', 3, len(tensors), len(metadata))
    for key, v in metadata.items():
        header += _string(key) + _value(v)
    encoded, at = [ENCODE[kind](w) for _, w, kind in tensors], 0
    for (name, w, kind), data in zip(tensors, encoded):
        header += _string(name) + struct.pack('<I', w.ndim) + struct.pack(f'<{w.ndim}Q', *reversed(w.shape))
        header += struct.pack('<IQ', kind, at)
        at += -(-len(data) // ALIGNMENT) * ALIGNMENT
    with open(path, 'wb') as f:
        f.write(header + bytes(-len(header) % ALIGNMENT))
        for data in encoded:
            f.write(data + bytes(-len(data) % ALIGNMENT))


def read(path):
    """{tensor: f32 values} of a file of these three types, in row-major order."""
    return _read(path)[0]


def metadata(path):
    """What write() was given."""
    return _read(path)[1]


def _read(path):
    data, at = pathlib.Path(path).read_bytes(), 0

    def take(form):
        nonlocal at
        out = struct.unpack_from('<' + form, data, at)
        at += struct.calcsize('<' + form)
        return out

    def string():
        nonlocal at
        n, = take('Q')
        at += n
        return data[at - n:at].decode()

    def value(kind):
        if kind == 8:
            return string()
        if kind == 9:
            inner, n = take('IQ')
            return [value(inner) for _ in range(n)]
        return take({4: 'I', 5: 'i', 6: 'f', 7: '?'}[kind])[0]

    _, _, tensors, pairs = take('4sIQQ')
    about = {}
    for _ in range(pairs):
        key = string()
        about[key] = value(*take('I'))
    rows = []
    for _ in range(tensors):
        name = string()
        dimensions, = take('I')
        rows.append((name, tuple(reversed(take(f'{dimensions}Q'))), *take('IQ')))
    base = -(-at // ALIGNMENT) * ALIGNMENT
    size = {F32: (1, 4), Q4_0: (32, 18), Q8_0: (32, 34)}
    out = {}
    for name, shape, kind, offset in rows:
        block, width = size[kind]
        count = int(np.prod(shape)) // block * width
        out[name] = values(kind, data[base + offset:base + offset + count], shape)
    return out, about
