// Gradient of a matrix, in parts: xᵀ · dy over CHUNK rows of one expert. What adds the parts up does so in order.
// x [rows, IN], dy [rows, OUT] → parts [chunks, IN, OUT]
// One invocation computes eight of IN by four of OUT.
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>; // [rows, IN]
@group(0) @binding(1) var<storage, read> dy: array<vec4<f32>>; // [rows, OUT]
@group(0) @binding(2) var<storage, read> slots: array<Slot>; // [slots], whose weights scale dy if WEIGHTED
@group(0) @binding(3) var<storage, read> order: array<u32>; // slot numbers, by expert
@group(0) @binding(4) var<storage, read> offsets: array<u32>; // [E + 1]
@group(0) @binding(5) var<storage, read_write> parts: array<vec4<f32>>; // [chunks, IN, OUT]
@group(0) @binding(6) var<uniform> pass_state: Pass;

override IN: u32;
override OUT: u32;
override EXPERTS: u32;
override CHUNK: u32;
override SHARED_X: u32 = 1; // slots that share a row of x
override SHARED_DY: u32 = 1;
override WEIGHTED: bool = false;

fn row_of_dy(slot: u32, quad: u32, there: bool) -> vec4<f32> {
  var scale = f32(there);
  if (WEIGHTED) {
    scale *= slots[slot].weight;
  }
  return dy[slot / SHARED_DY * (OUT / 4u) + quad] * scale;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let quads = OUT / 4u;
  let inner = IN / 4u;
  let pairs = (inner + 1u) / 2u;
  let quad = id.x % quads;
  let i = id.x / quads % pairs * 2u;
  let second = min(i + 1u, inner - 1u);
  let chunk = id.x / (quads * pairs);
  var expert = 0u;
  var before = 0u; // chunks of the experts before
  for (; expert < EXPERTS; expert++) {
    let own = (offsets[expert + 1u] - offsets[expert] + CHUNK - 1u) / CHUNK;
    if (chunk < before + own) {
      break;
    }
    before += own;
  }
  if (expert == EXPERTS) {
    return;
  }
  let first = offsets[expert] + (chunk - before) * CHUNK;
  let end = min(first + CHUNK, offsets[expert + 1u]);
  var low = mat4x4<f32>();
  var high = mat4x4<f32>();
  for (var row = first; row < end; row += 4u) {
    let rows = min(row + vec4(0u, 1u, 2u, 3u), vec4(end - 1u));
    let at = vec4(order[rows.x], order[rows.y], order[rows.z], order[rows.w]);
    let d = mat4x4(
      row_of_dy(at.x, quad, true),
      row_of_dy(at.y, quad, row + 1u < end),
      row_of_dy(at.z, quad, row + 2u < end),
      row_of_dy(at.w, quad, row + 3u < end),
    );
    let begins = at / SHARED_X * inner;
    low += d * transpose(mat4x4(x[begins.x + i], x[begins.y + i], x[begins.z + i], x[begins.w + i]));
    high += d * transpose(mat4x4(x[begins.x + second], x[begins.y + second], x[begins.z + second], x[begins.w + second]));
  }
  let to = (chunk * IN + 4u * i) * quads + quad;
  parts[to] = low[0];
  parts[to + quads] = low[1];
  parts[to + 2u * quads] = low[2];
  parts[to + 3u * quads] = low[3];
  if (second > i) {
    parts[to + 4u * quads] = high[0];
    parts[to + 5u * quads] = high[1];
    parts[to + 6u * quads] = high[2];
    parts[to + 7u * quads] = high[3];
  }
}
