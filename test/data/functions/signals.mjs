/** Says by its name each signal that comes. */
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGTERM', 'SIGWINCH'];
for (const name of SIGNALS) process.on(name, () => process.stdout.write(`came: ${name}\n`));
process.stdout.write('came: nothing yet\n');

export const handler = () => 'unused';
