// Groups the slots by expert for the grouped GEMMs: count → exclusive scan → stable scatter → tile list. No atomics.
// slots [T·K] → offsets [E + 1], order [T·K] (slot numbers, by expert and then by token), tiles
// One workgroup plans the whole pass: invocation (e, p) looks for expert e in the p-th part of the slots.
@group(0) @binding(0) var<storage, read> slots: array<Slot>; // [T·K]
@group(0) @binding(1) var<storage, read_write> offsets: array<u32>; // [E + 1]; expert e has order[offsets[e] .. offsets[e + 1])
@group(0) @binding(2) var<storage, read_write> order: array<u32>; // [T·K]
@group(0) @binding(3) var<storage, read_write> work: TileList;
@group(0) @binding(4) var<uniform> pass_state: Pass;

override EXPERTS: u32; // E ≤ 256
override CHOSEN: u32; // K
override SIZE: u32; // invocations, ≥ E
override PARTS: u32; // EXPERTS · PARTS ≤ SIZE
override TILE: u32; // slots in a tile

var<workgroup> counts: array<u32, SIZE>; // [E, PARTS], then spare ones

@compute @workgroup_size(SIZE)
fn main(@builtin(local_invocation_index) local: u32) {
  let total = pass_state.tokens * CHOSEN;
  let expert = local / PARTS;
  let part_size = (total + PARTS - 1u) / PARTS;
  let begin = min(local % PARTS * part_size, total);
  let end = select(0u, min(begin + part_size, total), expert < EXPERTS); // spare invocations find nothing

  var count = 0u;
  for (var slot = begin; slot < end; slot++) {
    count += u32(slots[slot].expert == expert);
  }
  counts[local] = count;
  workgroupBarrier();

  // Whatever stands before (e, p) in expert order comes first; parts are in slot order, so the grouping is stable.
  var start = 0u;
  for (var i = 0u; i < local; i++) {
    start += counts[i];
  }
  var next = start;
  for (var slot = begin; slot < end; slot++) {
    if (slots[slot].expert == expert) {
      order[next] = slot;
      next++;
    }
  }

  if (local % PARTS == 0u && expert < EXPERTS) {
    offsets[expert] = start;
    var tile = 0u;
    for (var other = 0u; other < expert; other++) {
      tile += (load_of(other) + TILE - 1u) / TILE;
    }
    let load = load_of(expert);
    for (var row = 0u; row < load; row += TILE) {
      work.tiles[tile] = vec2(expert, start + row);
      tile++;
    }
    if (expert == EXPERTS - 1u) {
      offsets[EXPERTS] = start + load;
      work.count = tile;
    }
  }
}

// Load: slots of one expert.
fn load_of(expert: u32) -> u32 {
  var sum = 0u;
  for (var part = 0u; part < PARTS; part++) {
    sum += counts[expert * PARTS + part];
  }
  return sum;
}
