import '@picocss/pico/css/pico.min.css';
import 'uplot/dist/uPlot.min.css';
import './console.css';
import { render } from 'preact';
import { enter, followAddress, refusalText } from './api.ts';
import { App } from './app.tsx';
import { startNews } from './live.ts';
import { startClock } from './parts/clock.ts';
import { facts } from './parts/facts.ts';
import { spellOutTexts } from './parts/spelled-out.ts';
import { askWho } from './parts/who.ts';
import { followLinks } from './place.ts';

const root = document.getElementById('console');
if (root) {
  spellOutTexts();
  followLinks();
  followAddress();
  startClock();
  enter().then(
    (told) => {
      facts.value = told;
      startNews();
      askWho();
      render(<App />, root);
    },
    (fault: unknown) => {
      render(
        <main class="container">
          <p role="alert">{refusalText(fault)}</p>
        </main>,
        root,
      );
    },
  );
}
