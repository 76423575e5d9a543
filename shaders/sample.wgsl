// The sampler: draws the next token from the logits, notes the draw, and moves the pass on to the token drawn.
// logits [V] → tokens[0], one record of draws, pass
// One workgroup draws one token. There is no sort: a descent through the bits of the logits finds, two bits a step, the
// token at which a count (top-k) or a probability mass (top-p, and the draw itself) is reached from above.
@group(0) @binding(0) var<storage, read> logits: array<f32>; // [V]
@group(0) @binding(1) var<uniform> sampling: Sampling;
@group(0) @binding(2) var<storage, read_write> tokens: array<u32>; // [0]: input of the next step
@group(0) @binding(3) var<storage, read_write> draws: array<u32>; // ring of [id, 8 candidate ids, 8 probabilities]
@group(0) @binding(4) var<storage, read_write> pass_state: Pass;

struct Sampling {
  temperature: f32, // 0 is greedy
  top_k: u32, // 0 keeps all
  top_p: f32, // 1 keeps all
  seed: u32,
}

override VOCABULARY: u32; // V
override SIZE: u32; // invocations, ≤ 256

const CANDIDATES = 8u;
const RECORD = 1u + 2u * CANDIDATES;
const NONE = 0xffffffffu;
const LOWEST = -3.0e38;

var<workgroup> shared_keys: array<u32, SIZE>;
var<workgroup> shared_ids: array<u32, SIZE>;
var<workgroup> shared_mass: array<vec4<f32>, SIZE>;
var<workgroup> shared_count: array<vec4<f32>, SIZE>;
var<workgroup> candidates: array<u32, CANDIDATES>;
var<workgroup> drawn: u32; // stop, then position, then id

// NaN and −infinity become the lowest logit, which has no probability. Read from the bits, because a compiler may assume
// that no float is NaN.
fn logit(id: u32) -> f32 {
  let is_nan = (bitcast<u32>(logits[id]) & 0x7fffffffu) > 0x7f800000u;
  return select(clamp(logits[id], LOWEST, -LOWEST), LOWEST, is_nan);
}

// The logit's bits as an integer in the same order: negative numbers reversed, positive ones above them.
fn key_of(id: u32) -> u32 {
  let given = bitcast<u32>(logit(id));
  let bits = select(given, 0u, given == 0x80000000u); // −0 is 0; a compiler may assume that no zero has a sign
  return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}

fn mass_of(id: u32, highest: f32, temperature: f32) -> f32 {
  let value = logit(id);
  return select(exp((value - highest) / temperature), 0.0, value <= LOWEST);
}

// The likeliest token after `previous` in descending order, ties to the lower id; NONE after the last.
fn next_best(previous: u32, local: u32) -> u32 {
  var best_key = 0u;
  var best = NONE;
  var previous_key = NONE;
  if (previous != NONE) {
    previous_key = key_of(previous);
  }
  for (var id = local; id < VOCABULARY; id += SIZE) {
    let key = key_of(id);
    let comes_after = previous == NONE || key < previous_key || (key == previous_key && id > previous);
    if (comes_after && (best == NONE || key > best_key)) {
      best_key = key;
      best = id;
    }
  }
  workgroupBarrier();
  shared_keys[local] = best_key;
  shared_ids[local] = best;
  for (var stride = SIZE / 2u; stride > 0u; stride /= 2u) {
    workgroupBarrier();
    if (local < stride) {
      let key = shared_keys[local + stride];
      let id = shared_ids[local + stride];
      if (key > shared_keys[local] || (key == shared_keys[local] && id < shared_ids[local])) {
        shared_keys[local] = key;
        shared_ids[local] = id;
      }
    }
  }
  return workgroupUniformLoad(&shared_ids[0]);
}

// Sums over the workgroup; shared_mass[0] and shared_count[0] hold them until the next call.
fn sum_all(mass: vec4<f32>, count: vec4<f32>, local: u32) {
  workgroupBarrier();
  shared_mass[local] = mass;
  shared_count[local] = count;
  for (var stride = SIZE / 2u; stride > 0u; stride /= 2u) {
    workgroupBarrier();
    if (local < stride) {
      shared_mass[local] += shared_mass[local + stride];
      shared_count[local] += shared_count[local + stride];
    }
  }
}

// Tokens of one key (or the only token in a range of keys), in a descending list of all tokens.
struct Place {
  low: u32, // lowest key of the range
  bits: u32, // the range holds 2^bits keys
  above: f32, // amount in front of them
  mass_above: f32,
  mass_each: f32,
  ties: f32, // how many they are
}

// Walks down the tokens with keys ≥ floor until the amount (tokens if by_count, else mass) is ≥ target, or > if strict.
fn descend(
  target_amount: f32,
  strict: bool,
  by_count: bool,
  lowest_key: u32,
  highest: f32,
  local: u32,
) -> Place {
  var low = 0u;
  var bits = 32u;
  var above = vec2<f32>(); // mass, count
  var here = vec2<f32>();
  while (bits > 0u) {
    bits -= 2u;
    var mass = vec4<f32>();
    var count = vec4<f32>();
    for (var id = local; id < VOCABULARY; id += SIZE) {
      let key = key_of(id);
      let quarter = (key - low) >> bits;
      if (key >= max(low, lowest_key) && quarter < 4u) {
        let is_quarter = vec4(quarter) == vec4(0u, 1u, 2u, 3u);
        mass += select(vec4<f32>(), vec4(mass_of(id, highest, sampling.temperature)), is_quarter);
        count += select(vec4<f32>(), vec4(1.0), is_quarter);
      }
    }
    sum_all(mass, count, local);
    let masses = workgroupUniformLoad(&shared_mass[0]);
    let counts = workgroupUniformLoad(&shared_count[0]);

    // The quarter where the target is reached; if rounding keeps it from being reached, the last that is not empty.
    var chosen = 0u;
    var passed = above;
    for (var i = 0u; i < 4u; i++) {
      let quarter = 3u - i;
      let amount = vec2(masses[quarter], counts[quarter]);
      if (amount.y > 0.0) {
        chosen = quarter;
        above = passed;
        here = amount;
        passed += amount;
        let reached = select(passed.x, passed.y, by_count);
        if (reached > target_amount || (!strict && reached == target_amount)) {
          break;
        }
      }
    }
    low += chosen << bits;
    if (here.y <= 1.0) {
      break;
    }
  }
  return Place(low, bits, select(above.x, above.y, by_count), above.x, here.x / max(here.y, 1.0), here.y);
}

// Token number `index`, by id, of those at the place.
fn token_at(place: Place, index: u32, lowest_key: u32, local: u32) -> u32 {
  let span = (VOCABULARY + SIZE - 1u) / SIZE;
  let first = min(local * span, VOCABULARY);
  let end = min(first + span, VOCABULARY);
  var found = 0u;
  for (var id = first; id < end; id++) {
    found += u32(is_at(place, id, lowest_key));
  }
  workgroupBarrier();
  shared_ids[local] = found;
  workgroupBarrier();
  var rank = 0u;
  for (var i = 0u; i < local; i++) {
    rank += shared_ids[i];
  }
  for (var id = first; id < end; id++) {
    if (is_at(place, id, lowest_key)) {
      if (rank == index) {
        drawn = id;
      }
      rank++;
    }
  }
  return workgroupUniformLoad(&drawn);
}

fn is_at(place: Place, id: u32, lowest_key: u32) -> bool {
  let key = key_of(id);
  return key >= max(place.low, lowest_key) && ((key - place.low) >> place.bits) == 0u;
}

// A draw depends on the seed and on the position drawn for, and on nothing else. 24 bits, so that 1 cannot come out.
fn uniform_at(position: u32) -> f32 {
  return f32(hash(sampling.seed ^ (position * 0x9e3779b9u)) >> 8u) * 0x1p-24f;
}

const TOP_K = 0u;
const TOP_P = 1u;
const DRAW = 2u;

// Three descents: to where top-k cuts, to where top-p cuts, to where the draw falls. One loop and not three calls,
// because compilers inline: SwiftShader takes three times as long to compile three.
fn draw(highest: f32, total_mass: f32, position: u32, local: u32) -> u32 {
  var lowest_key = 0u;
  var last_ties = f32(VOCABULARY); // how many tokens are kept of those with the lowest key
  var kept_mass = total_mass;
  var place: Place;
  var ties = 1.0;
  for (var stage = TOP_K; stage <= DRAW; stage++) {
    // top-k 0 keeps all, as does one that is not below V.
    let cuts = select((sampling.top_p < 1.0), (sampling.top_k - 1u < VOCABULARY - 1u), stage == TOP_K);
    if (stage != DRAW && !cuts) {
      continue;
    }
    let by_count = stage == TOP_K;
    let share = select(sampling.top_p, uniform_at(position), stage == DRAW);
    let goal = select(share * kept_mass, f32(sampling.top_k), by_count);
    place = descend(goal, stage == DRAW, by_count, lowest_key, highest, local);

    // Of the tokens at the place, those that the goal still needs; more than were kept so far it cannot keep.
    var rest = goal - place.above;
    if (!by_count) { // Tokens count whole: a division need not be exact.
      rest /= max(place.mass_each, 1.2e-38);
    }
    ties = select(ceil(rest), floor(rest) + 1.0, stage == DRAW);
    ties = clamp(ties, 1.0, select(place.ties, min(place.ties, last_ties), place.low <= lowest_key));
    lowest_key = max(lowest_key, place.low);
    last_ties = ties;
    kept_mass = place.mass_above + ties * place.mass_each;
  }
  return token_at(place, u32(ties) - 1u, lowest_key, local);
}

@compute @workgroup_size(SIZE)
fn main(@builtin(local_invocation_index) local: u32) {
  // Through workgroup memory, so that the compiler knows it to be uniform: pass_state can be written.
  if (local == 0u) {
    drawn = pass_state.stop;
  }
  if (workgroupUniformLoad(&drawn) != 0u) {
    return;
  }
  var previous = NONE;
  for (var i = 0u; i < min(CANDIDATES, VOCABULARY); i++) {
    previous = next_best(previous, local);
    if (local == 0u) {
      candidates[i] = previous;
    }
  }
  let best = workgroupUniformLoad(&candidates[0]);
  let highest = logit(best);
  var mass = vec4<f32>(); // at temperature 1, and at that of the draw
  for (var id = local; id < VOCABULARY; id += SIZE) {
    mass += vec4(mass_of(id, highest, 1.0), mass_of(id, highest, sampling.temperature), 0.0, 0.0);
  }
  sum_all(mass, vec4<f32>(), local);
  let total = workgroupUniformLoad(&shared_mass[0]);

  if (local == 0u) { // as above
    drawn = pass_state.position + pass_state.tokens;
  }
  let position = workgroupUniformLoad(&drawn); // of the token that is drawn
  var id = best;
  if (sampling.temperature > 0.0) {
    id = draw(highest, total.y, position, local);
  }

  let slot = pass_state.step + pass_state.tokens - 1u;
  let record = slot % (arrayLength(&draws) / RECORD) * RECORD;
  if (local < CANDIDATES) {
    let exists = local < VOCABULARY;
    var candidate = select(NONE, candidates[local], exists);
    // One drawn from beyond the likeliest takes the last place, so that its probability is known.
    if (local == CANDIDATES - 1u && exists) {
      var is_listed = false;
      for (var i = 0u; i < CANDIDATES; i++) {
        is_listed = is_listed || candidates[i] == id;
      }
      candidate = select(id, candidate, is_listed);
    }
    let probability = select(0.0, mass_of(min(candidate, VOCABULARY - 1u), highest, 1.0) / max(total.x, 1e-30), exists);
    draws[record + 1u + local] = candidate;
    draws[record + 1u + CANDIDATES + local] = bitcast<u32>(probability);
  }
  storageBarrier(); // all have read the pass state
  if (local == 0u) {
    draws[record] = id;
    tokens[0] = id;
    pass_state = Pass(1u, position, slot + 1u, 0u);
  }
}
