import { join } from 'node:path';
import { FUNCTIONS_FOLDER } from '../worlds/client-process.ts';
import { sideBySide } from './side-by-side.ts';

sideBySide('the patched client loads, as stock does,', [
  { name: 'an ES module .mjs', handler: 'modules/plain.handler', shows: '["modules","plain.mjs"]' },
  { name: 'an ES module .js', handler: 'modules/type-module.handler', shows: '["modules","type-module.js"]' },
  { name: 'a CommonJS .js', handler: 'commonjs/plain.handler', shows: '["function","object","plain.js"]' },
  { name: 'a CommonJS .cjs', handler: 'commonjs/explicit.handler', shows: '["function","explicit.cjs"]' },
  {
    name: 'a CommonJS handler that throws',
    handler: 'commonjs/explicit.fails',
    shows: '"errorMessage":"from CommonJS"',
  },
  {
    name: 'a file without an extension',
    handler: 'modules/no-extension.handler',
    shows: 'from a file without an extension',
  },
  {
    name: 'a file whose name is in the handler',
    handler: 'modules/plain.mjs.handler',
    shows: 'Runtime.HandlerNotFound',
  },
  {
    name: 'a module that awaits while it loads',
    handler: 'modules/top-level-await.handler',
    shows: 'awaited while loading',
  },
  {
    name: 'a nested path',
    handler: 'modules/nested/deep/app.nested.deep.handler',
    shows: 'deep in folders and objects',
  },
  { name: 'nested exports of CommonJS', handler: 'commonjs/plain.nested.deep.handler', shows: 'deep in exports' },
  { name: 'a property of a function', handler: 'commonjs/function.handler', shows: 'a property of it' },
  { name: 'a default export', handler: 'modules/default-function.default', shows: 'the default export itself' },
  { name: 'a property of the default export', handler: 'modules/defaults.handler', shows: 'of the default export' },
  { name: 'a nested property of the default export', handler: 'modules/defaults.inner.handler', shows: 'deeper in it' },
  { name: 'a path with a dot in front', handler: './modules/plain.handler', shows: '["modules","plain.mjs"]' },
  { name: 'an absolute path', handler: `${FUNCTIONS_FOLDER}/modules/plain.handler`, shows: '["modules","plain.mjs"]' },
  {
    name: 'a task root within',
    handler: 'plain.handler',
    taskRoot: join(FUNCTIONS_FOLDER, 'modules'),
    shows: '["modules","plain.mjs"]',
  },
  {
    name: 'a package of NODE_PATH',
    handler: 'from-node-path.handler',
    environment: { NODE_PATH: join(FUNCTIONS_FOLDER, 'library') },
    shows: '"from NODE_PATH"',
  },
  { name: 'a function declaration', handler: 'modules/shapes.hoisted', shows: 'a function declaration' },
  {
    name: 'a handler with a third argument by default',
    handler: 'modules/shapes.defaultedArguments',
    shows: 'two arguments',
  },
]);

sideBySide('the patched client ends INIT, as stock does, for', [
  { name: 'a file that is not there', handler: 'no-such-file.handler', shows: 'Runtime.ImportModuleError' },
  { name: 'a folder that is not there', handler: 'no/such/file.handler', shows: 'Runtime.ImportModuleError' },
  {
    name: 'a module with a folder of its name',
    handler: 'modules/folder.handler',
    shows: 'ERR_UNSUPPORTED_DIR_IMPORT',
  },
  { name: 'an export that is not there', handler: 'values.noSuchExport', shows: 'is undefined or not exported' },
  { name: 'an export that is undefined', handler: 'modules/shapes.nothing', shows: 'is undefined or not exported' },
  { name: 'an export that is a text', handler: 'modules/shapes.text', shows: 'is not a function' },
  { name: 'a property that is a number', handler: 'modules/shapes.object.handler', shows: 'is not a function' },
  { name: 'a path that goes up', handler: '../functions/values.echo', shows: 'Use absolute paths' },
  { name: 'a handler with two dots', handler: 'values..echo', shows: 'Runtime.MalformedHandlerName' },
  { name: 'a handler without a dot', handler: 'values', shows: 'Bad handler' },
  { name: 'a handler of one dot', handler: '.', shows: 'ERR_UNSUPPORTED_DIR_IMPORT' },
  { name: 'a handler that is a folder', handler: 'modules/', shows: 'Bad handler' },
  { name: 'a callback handler', handler: 'modules/shapes.callback', shows: 'Runtime.CallbackHandlerDeprecated' },
  {
    name: 'a callback handler on Node 22',
    handler: 'modules/shapes.callback',
    environment: { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' },
    shows: 'when using Node.js 22',
    showsBelowBootstrap: 'Runtime.CallbackHandlerDeprecated', // it says itself which Node it is of
  },
  {
    name: 'a kind of streaming that is not known',
    handler: 'streams.unknownStreaming',
    shows: 'MalformedStreamingHandler',
  },
  { name: 'a syntax error', handler: 'broken/syntax-error.handler', shows: 'Runtime.UserCodeSyntaxError' },
  {
    name: 'an import of a missing package',
    handler: 'broken/imports-missing-package.handler',
    shows: 'ERR_MODULE_NOT_FOUND',
  },
  {
    name: 'an import of a missing file',
    handler: 'broken/imports-missing-file.handler',
    shows: 'ERR_MODULE_NOT_FOUND',
  },
  { name: 'an import of a missing name', handler: 'broken/imports-missing-name.handler', shows: 'UserCodeSyntaxError' },
  {
    name: 'a require of a missing package',
    handler: 'commonjs/require-missing.handler',
    shows: 'Runtime.ImportModuleError',
  },
  { name: 'an error thrown while loading', handler: 'broken/throws.handler', shows: '"errorType":"LoadFailed"' },
  {
    name: 'a text thrown while loading',
    handler: 'broken/throws-string.handler',
    shows: 'a string thrown while loading',
  },
  {
    name: 'undefined thrown while loading',
    handler: 'broken/throws-nothing.handler',
    shows: '"errorType":"undefined"',
  },
  {
    name: 'a rejection awaited while loading',
    handler: 'broken/awaits-rejection.handler',
    shows: 'rejected while loading',
  },
  { name: 'an exit while loading', handler: 'broken/exits.handler', shows: 'ended with 5' },
  {
    name: 'a failure that the Runtime API does not take',
    handler: 'broken/throws.handler',
    answer: () => ({ status: 500 }),
    shows: 'LoadFailed',
  },
  {
    name: 'a failure at which the Runtime API hangs up',
    handler: 'broken/throws.handler',
    answer: () => 'reset',
    shows: 'Failed to post init error',
  },
  {
    name: 'a failure logged as JSON',
    handler: 'broken/throws.handler',
    environment: { AWS_LAMBDA_LOG_FORMAT: 'JSON' },
    shows: '"level":"ERROR"',
  },
]);
