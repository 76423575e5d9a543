// The characters of a step, each with the one that follows it: from random places of the kinds in turn, or as given.
// corpus, kinds, given → ids [N], targets [N]
// One invocation fetches one character.
@group(0) @binding(0) var<storage, read> corpus: array<u32>; // four characters to a word, the first lowest
@group(0) @binding(1) var<storage, read> kinds: array<vec2<u32>>; // [kinds]: first character in the corpus, count
@group(0) @binding(2) var<storage, read> given: array<u32>; // id, and 16 bits higher what follows
@group(0) @binding(3) var<storage, read> state: StepState;
@group(0) @binding(4) var<storage, read_write> ids: array<u32>; // [N]
@group(0) @binding(5) var<storage, read_write> targets: array<u32>; // [N]
@group(0) @binding(6) var<uniform> pass_state: Pass;

override KINDS: u32;
override CONTEXT: u32; // T

fn character(at: u32) -> u32 {
  return (corpus[at / 4u] >> (at % 4u * 8u)) & 255u;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  if (n >= pass_state.tokens) {
    return;
  }
  if (state.random == 0u) {
    let word = given[state.first + n];
    ids[n] = word & 0xffffu;
    targets[n] = word >> 16u;
    return;
  }
  let text = n / CONTEXT;
  let kind = kinds[(text + state.step) % KINDS];
  let start = hash(hash(state.seed ^ (state.step * 0x9e3779b9u)) ^ text) % (kind.y - CONTEXT);
  let at = kind.x + start + n % CONTEXT;
  ids[n] = character(at);
  targets[n] = character(at + 1u);
}
