/** The engine's own thread. The page talks to it through Comlink; tokens come back over the connected port. */
import * as Comlink from 'comlink';
import { Service } from './service.ts';

Comlink.expose(new Service(navigator.gpu));
