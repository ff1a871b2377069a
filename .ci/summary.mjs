// Prints "N passed, N failed, N skipped" from vitest's report; a run that never reached the tests counts as one failure.
import { readFileSync } from 'node:fs';

const status = Number(process.argv[2]);
let report = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };
try {
  report = JSON.parse(readFileSync('dist/test-report.json', 'utf8'));
} catch {
  // No report: the tests were not reached.
}
const failed = status !== 0 ? Math.max(1, report.numFailedTests) : report.numFailedTests;
console.log(`${report.numPassedTests} passed, ${failed} failed, ${report.numPendingTests} skipped`);
