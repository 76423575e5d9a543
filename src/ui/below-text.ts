/** The parts of the first screen that its first paint does without. */
import './cost-strip.ts';
import './page-lede.ts';
import './intervention-list.ts';
import './live-region.ts';
import './prompt-form.ts';
import './router-panel.ts';
import './status-line.ts';
import './wall-legend.ts';
