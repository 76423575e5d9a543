/** The parts of the first screen that its first paint does without. */
import '../meter/cost-strip.ts';
import './page-lede.ts';
import '../interventions/intervention-list.ts';
import './live-region.ts';
import '../prompt/prompt-form.ts';
import '../router/router-panel.ts';
import './status-line.ts';
import '../wall/wall-legend.ts';
