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

var<workgroup> shared_keys: array<u32, 256>;
var<workgroup> shared_ids: array<u32, 256>;
var<workgroup> shared_mass: array<vec4<f32>, 256>;
var<workgroup> shared_count: array<vec4<f32>, 256>;
var<workgroup> drawn: u32; // position, then id

// NaN and −infinity become the lowest logit, which has no probability. Read from the bits, because a compiler may assume
// that no float is NaN.
fn logit(id: u32) -> f32 {
  let is_nan = (bitcast<u32>(logits[id]) & 0x7fffffffu) > 0x7f800000u;
  return select(clamp(logits[id], LOWEST, -LOWEST), LOWEST, is_nan);
}

// The logit's bits as an integer in the same order: negative numbers reversed, positive ones above them.
fn key_of(id: u32) -> u32 {
  let value = logit(id);
  let bits = bitcast<u32>(select(value, 0.0, value == 0.0)); // −0 is 0
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
  each: f32, // amount of one of them
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
  temperature: f32,
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
        mass += select(vec4<f32>(), vec4(mass_of(id, highest, temperature)), is_quarter);
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
  let each = here / max(here.y, 1.0);
  return Place(low, bits, select(above.x, above.y, by_count), select(each.x, each.y, by_count), above.x, each.x, here.y);
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

// A draw depends on the seed and on the position drawn for, and on nothing else. lowbias32 by Chris Wellons, as in the
// CPU engine; 24 bits, so that 1 cannot come out.
fn uniform_at(position: u32) -> f32 {
  var x = sampling.seed ^ (position * 0x9e3779b9u);
  x = (x ^ (x >> 16u)) * 0x21f0aaadu;
  x = (x ^ (x >> 15u)) * 0x735a2d97u;
  return f32((x ^ (x >> 15u)) >> 8u) * 0x1p-24f;
}

fn draw(best: u32, position: u32, local: u32) -> u32 {
  let highest = logit(best);
  let temperature = sampling.temperature;
  var lowest_key = 0u;
  var last_ties = f32(VOCABULARY); // how many tokens are kept of those with the lowest key
  var kept_mass = 0.0;
  if (sampling.top_k > 0u && sampling.top_k < VOCABULARY) {
    let place = descend(f32(sampling.top_k), false, true, 0u, highest, temperature, local);
    last_ties = f32(sampling.top_k) - place.above;
    kept_mass = place.mass_above + last_ties * place.mass_each;
    lowest_key = place.low;
  } else {
    var mass = 0.0;
    for (var id = local; id < VOCABULARY; id += SIZE) {
      mass += mass_of(id, highest, temperature);
    }
    sum_all(vec4(mass), vec4<f32>(), local);
    kept_mass = workgroupUniformLoad(&shared_mass[0]).x;
  }
  if (sampling.top_p < 1.0) {
    let needed = sampling.top_p * kept_mass;
    let place = descend(needed, false, false, lowest_key, highest, temperature, local);
    let ties = clamp(ceil((needed - place.above) / max(place.each, 1e-38)), 1.0, place.ties);
    if (place.low > lowest_key) {
      last_ties = ties;
      lowest_key = place.low;
    } else {
      last_ties = min(last_ties, ties);
    }
    kept_mass = place.above + last_ties * place.each;
  }
  let goal = uniform_at(position) * kept_mass;
  let place = descend(goal, true, false, lowest_key, highest, temperature, local);
  var ties = place.ties;
  if (place.low <= lowest_key) {
    ties = min(ties, last_ties);
  }
  let index = clamp(floor((goal - place.above) / max(place.each, 1e-38)), 0.0, ties - 1.0);
  return token_at(place, u32(index), lowest_key, local);
}

@compute @workgroup_size(SIZE)
fn main(@builtin(local_invocation_index) local: u32) {
  var candidates: array<u32, CANDIDATES>;
  candidates[0] = next_best(NONE, local);
  for (var i = 1u; i < CANDIDATES; i++) {
    candidates[i] = NONE;
    if (i < VOCABULARY) {
      candidates[i] = next_best(candidates[i - 1u], local);
    }
  }

  let best = candidates[0];
  let highest = logit(best);
  var mass = 0.0;
  for (var id = local; id < VOCABULARY; id += SIZE) {
    mass += mass_of(id, highest, 1.0);
  }
  sum_all(vec4(mass), vec4<f32>(), local);
  let total = max(workgroupUniformLoad(&shared_mass[0]).x, 1e-30); // 0 only if no logit is a number

  // Through workgroup memory, so that the compiler knows it to be uniform: pass_state can be written.
  if (local == 0u) {
    drawn = pass_state.position + pass_state.tokens;
  }
  let position = workgroupUniformLoad(&drawn); // of the token that is drawn
  var id = best;
  if (sampling.temperature > 0.0) {
    id = draw(best, position, local);
  }

  if (local == 0u) {
    let record = pass_state.step + pass_state.tokens - 1u;
    let entry = record % (arrayLength(&draws) / RECORD) * RECORD;
    draws[entry] = id;
    for (var i = 0u; i < CANDIDATES; i++) {
      draws[entry + 1u + i] = candidates[i];
      var probability = 0.0;
      if (candidates[i] != NONE) {
        probability = mass_of(candidates[i], highest, 1.0) / total;
      }
      draws[entry + 1u + CANDIDATES + i] = bitcast<u32>(probability);
    }
    tokens[0] = id;
    pass_state = Pass(1u, position, record + 1u, 0u);
  }
}
