/** The engine's own thread. Each session on the page has a service and a port of its own; all share one GPU device. */
import * as Comlink from 'comlink';
import { shareDevice } from '../gpu/share.ts';
import { Service } from './service.ts';

const gpu = navigator.gpu && shareDevice(navigator.gpu);

addEventListener('message', ({ ports: [port] }) => Comlink.expose(new Service(gpu), port));
