/** Random texts that both tokenizers can be asked about. */
import fc from 'fast-check';

/** Any mixture of what the pre-tokenizer tells apart. */
const unit = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.constantFrom(' ', '  ', '\n', '\r\n', "'s", "'LL", '12', 'ab', 'é', '\u0085', '—', '<|end|>'),
);
/**
 * What counts as a letter depends on the Unicode version of Node's ICU and of llama.cpp's table: a letter younger than
 * either (U+13460 of Unicode 16, U+323B0 of 17) is split differently. So beyond the first plane only blocks that were
 * complete long ago: mathematical letters, emoji, the second CJK extension.
 */
const YOUNG =
  /[\u{10000}-\u{1D3FF}\u{1D800}-\u{1F2FF}\u{1F650}-\u{1FFFF}\u{2A6D7}-\u{10FFFF}\uA7CB-\uA7DC\u1C89\u1C8A]/gu;
export const anyText = fc
  .array(unit, { maxLength: 12 })
  .map((parts) => parts.join('').replaceAll('\0', '').replace(YOUNG, '𝔐'));
