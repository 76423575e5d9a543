/** Modules that are fetched when they are first needed. */
import { once } from './once.ts';

/** What talks with a model that has a chat template. */
export const chatting = once(() => import('../chat/talk.ts'));
/** What follows where a model's experts are. */
export const residing = once(() => import('../models/residing.ts'));
/** What goes on without the experts that are not here. */
export const leaving = once(() => import('../interventions/without.ts'));
/** What brings files along: of two, the one that was brought last stays. */
export const importing = once(() => import('../share/importing.ts'));
