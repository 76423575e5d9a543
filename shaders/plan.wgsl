// Groups the slots by expert for the grouped GEMMs: count → exclusive scan → stable scatter → tile list. No atomics.
// slots [T·K] → offsets [E + 1], order [T·K] (slot numbers, by expert and then by token), tiles
// One workgroup plans the whole pass: search (e, p) looks for expert e in the p-th part of the slots.
@group(0) @binding(0) var<storage, read> slots: array<Slot>; // [T·K]
@group(0) @binding(1) var<storage, read_write> offsets: array<u32>; // [E + 1]; expert e has order[offsets[e] .. offsets[e + 1])
@group(0) @binding(2) var<storage, read_write> order: array<u32>; // [T·K]
@group(0) @binding(3) var<storage, read_write> work: TileList;
@group(0) @binding(4) var<uniform> pass_state: Pass;

override EXPERTS: u32; // E
override CHOSEN: u32; // K
override SIZE: u32; // invocations, which take turns with the searches
override PARTS: u32; // of the slots
override TILE: u32; // slots in a tile

override SEARCHES = EXPERTS * PARTS;

var<workgroup> counts: array<u32, SEARCHES>; // [E, PARTS]

@compute @workgroup_size(SIZE)
fn main(@builtin(local_invocation_index) local: u32) {
  if (pass_state.stop != 0u) {
    return;
  }
  for (var search = local; search < SEARCHES; search += SIZE) {
    let part = part_of(search);
    var count = 0u;
    for (var slot = part.x; slot < part.y; slot++) {
      count += u32(slots[slot].expert == search / PARTS);
    }
    counts[search] = count;
  }
  workgroupBarrier();
  for (var search = local; search < SEARCHES; search += SIZE) {
    scatter(search);
  }
}

// First slot of the search's part, and the one after its last.
fn part_of(search: u32) -> vec2<u32> {
  let total = pass_state.tokens * CHOSEN;
  let size = (total + PARTS - 1u) / PARTS;
  let begin = min(search % PARTS * size, total);
  return vec2(begin, min(begin + size, total));
}

// Whatever stands before (e, p) in expert order comes first; parts are in slot order, so the grouping is stable.
fn scatter(search: u32) {
  let expert = search / PARTS;
  let part = part_of(search);
  var start = 0u;
  for (var i = 0u; i < search; i++) {
    start += counts[i];
  }
  var next = start;
  for (var slot = part.x; slot < part.y; slot++) {
    if (slots[slot].expert == expert) {
      order[next] = slot;
      next++;
    }
  }

  if (search % PARTS == 0u) {
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
