import { BeginForm } from './begin-form.tsx';
import { AddForm } from './windows/add-form.tsx';
import { History } from './windows/history.tsx';
import { Listed } from './windows/listed.tsx';
import { Timeline } from './windows/timeline.tsx';
import './windows/windows.css';

/** Windows: when they are active, those that there are, and what was done to them. */
export function Windows() {
  return (
    <>
      <h2>Windows</h2>
      <Timeline />
      <Listed />
      <AddForm />
      <BeginForm />
      <History />
    </>
  );
}
