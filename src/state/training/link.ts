/**
 * The race of "Train one" as it stands in a link: `train=1`, or what differs from the usual of its task, as
 * `experts:8,balance:none,off:1.5` or `task:text,experts:8`.
 */
import {
  BALANCES,
  CHOSEN,
  DEFAULT_RACE,
  EXPERTS,
  RATES,
  type RaceSettings,
  ROUTERS,
  TASKS,
  usualRace,
  WIDTHS,
} from '../../train/race.ts';

const CHOICES = {
  experts: EXPERTS,
  k: CHOSEN,
  width: WIDTHS,
  rate: RATES,
  balance: BALANCES,
  router: ROUTERS,
  third: [false, true],
} as const;
const TASK = /(?:^|,)task:(\w+)/;
const MOST_SEED = 2 ** 32 - 1;
const MOST_OFF = 32;

export function writeTraining(settings: RaceSettings): string {
  const names = [...Object.keys(CHOICES), 'seed'] as (keyof typeof CHOICES | 'seed')[];
  const usual = usualRace(settings.task);
  const task = settings.task === DEFAULT_RACE.task ? [] : [`task:${settings.task}`];
  const pairs = names.filter((name) => settings[name] !== usual[name]).map((name) => `${name}:${settings[name]}`);
  pairs.unshift(...task);
  for (const [layer, expert] of settings.off.slice(0, MOST_OFF)) pairs.push(`off:${layer}.${expert}`);
  return pairs.join(',') || '1';
}

/** @param complain of what makes no sense; it is left out. */
export function readTraining(text: string, complain: (words: string) => void): RaceSettings {
  const task = TASKS.find((each) => each === TASK.exec(text)?.[1]) ?? DEFAULT_RACE.task;
  const settings: { -readonly [key in keyof RaceSettings]: RaceSettings[key] } = { ...usualRace(task) };
  if (text === '1') return settings;
  for (const pair of text.split(',', 64)) {
    const [name, value = ''] = pair.split(':', 2);
    const choices = Object.hasOwn(CHOICES, name) ? CHOICES[name as keyof typeof CHOICES] : [];
    const chosen = (choices as readonly (string | number | boolean)[]).find((each) => String(each) === value);
    const cell = /^(\d)\.(\d{1,2})$/.exec(value);
    if (name === 'task' && value === task) continue;
    if (chosen !== undefined) Object.assign(settings, { [name]: chosen });
    else if (name === 'seed' && /^\d{1,10}$/.test(value) && Number(value) <= MOST_SEED) settings.seed = Number(value);
    else if (name === 'off' && cell && settings.off.length < MOST_OFF)
      settings.off = [...settings.off, [Number(cell[1]), Number(cell[2])]];
    else complain(`train “${pair.slice(0, 24)}” (not understood)`);
  }
  return settings;
}
