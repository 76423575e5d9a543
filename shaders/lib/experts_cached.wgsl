// For the router, where a layer has a cache of experts: slots name entries of it, and the first layer that lacks an expert
// stops the pass.
@group(0) @binding(7) var<storage, read_write> pass_state: Stoppable;

// As Pass.
struct Stoppable {
  tokens: u32,
  position: u32,
  step: u32,
  stop: atomic<u32>,
}

var<workgroup> stopped: u32;

// Never 0: the step and this layer, counted from 1.
fn stop_here() -> u32 {
  return ((pass_state.step + 1u) << 16u) | (control.layer + 1u);
}

// One that this very layer has made does not count: the experts of all tokens of the pass are to be known.
fn is_stopped(local: u32) -> bool {
  if (local == 0u) {
    let stop = atomicLoad(&pass_state.stop);
    stopped = u32(stop != 0u && stop != stop_here());
  }
  return workgroupUniformLoad(&stopped) != 0u;
}

fn entry_of(expert: u32) -> u32 {
  if (expert == NO_EXPERT) {
    return NO_EXPERT;
  }
  let entry = wish_of(expert).entry;
  if (entry == MISSING && control.partial == 0u) {
    atomicStore(&pass_state.stop, stop_here());
  }
  return entry;
}
