/** How the commands read their command lines. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UserError } from '../model/errors.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

export const wrong = (message: string) => new UserError('bad-input', message, 'Run with --help to see all options.');

/**
 * The options by name. What follows an option that takes a value is that value, whatever it begins with, unless it is the
 * name of another option: `--seed -1`, `--prompt "- item"`.
 * @throws UserError bad-input
 */
export function parseOptions<T extends Options>(argv: readonly string[], options: T) {
  const known = new Set(Object.keys(options).flatMap((name) => [`--${name}`, `--no-${name}`]));
  const takesValue = (each: string) => each.startsWith('--') && options[each.slice(2)]?.type === 'string';
  const args: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const next = argv[i + 1];
    const dashed = next?.startsWith('-') && !known.has(next.split('=', 1)[0]);
    if (takesValue(argv[i]) && dashed) args.push(`${argv[i]}=${argv[++i]}`);
    else args.push(argv[i]);
  }
  try {
    return parseArgs({ args, options, strict: true, allowNegative: true }).values;
  } catch (error) {
    throw wrong(`${(error as Error).message.split(/[.\n]/)[0]}.`);
  }
}
