// The last CONTEXT characters of each text that is being written; what lies behind its end counts as unknown.
// written [texts, CAPACITY] → ids [texts · T]
// One invocation fetches one character.
@group(0) @binding(0) var<storage, read> written: array<u32>; // [texts, CAPACITY]
@group(0) @binding(1) var<storage, read> state: StepState;
@group(0) @binding(2) var<storage, read_write> ids: array<u32>; // [texts · T]
@group(0) @binding(3) var<uniform> pass_state: Pass;

override CONTEXT: u32; // T
override CAPACITY: u32;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= pass_state.tokens) {
    return;
  }
  let length = state.first;
  let place = id.x % CONTEXT + max(length, CONTEXT) - CONTEXT;
  var character = 0u;
  if (place < length) {
    character = written[id.x / CONTEXT * CAPACITY + place];
  }
  ids[id.x] = character;
}
