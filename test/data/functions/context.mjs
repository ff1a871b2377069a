// Handlers that look at what they are given beside the event.

export const fields = async (_event, context) => {
  const { getRemainingTimeInMillis, ...rest } = context;
  const remaining = context.getRemainingTimeInMillis();
  return {
    ...rest,
    keys: Object.keys(context),
    remaining: remaining > 0 && remaining <= 30_000,
    extensible: Object.isExtensible(context),
  };
};
export const remainingIsOver = async (_event, context) => context.getRemainingTimeInMillis() < 0;
export const trace = async (_event, context) => ({
  environment: process.env._X_AMZN_TRACE_ID,
  present: '_X_AMZN_TRACE_ID' in process.env,
  context: context.xRayTraceId,
  store: awslambda.InvokeStore.getXRayTraceId(),
});
export const invokeStore = async () => {
  const store = awslambda.InvokeStore;
  const before = store.get('mine');
  store.set('mine', 'kept');
  await new Promise((resolve) => setTimeout(resolve, 5));
  return {
    before,
    after: store.get('mine'),
    id: store.getRequestId(),
    tenant: store.getTenantId(),
    has: store.hasContext(),
    symbols: Object.getOwnPropertySymbols(store.getContext()).map(String),
    constructor: store.constructor.name,
  };
};
export const protectedKey = async () => awslambda.InvokeStore.set(Symbol.for('_AWS_LAMBDA_REQUEST_ID'), 'forged');
export const doesNotWait = async (_event, context) => {
  context.callbackWaitsForEmptyEventLoop = false;
  setTimeout(() => {}, 60_000).unref();
  return context.callbackWaitsForEmptyEventLoop;
};
export const leavesMarks = async (_event, context) => {
  const marked = context.mark;
  context.mark = 'left by an earlier invocation';
  return { marked: marked ?? null };
};
export const argumentsGiven = async (...given) => given.map((argument) => typeof argument);
/** Everything that a handler can get hold of, as one text. */
export const everything = async (event, context) => JSON.stringify([event, context, process.env]);
/** A handler that calls another protected function, which answers for itself, and throws that on. */
export const throwsOn = async (_event, context) => {
  console.log('CHARGED', JSON.stringify(context.clientContext));
  throw Object.assign(new Error('under maintenance: billing did not run, proof 0123456789012345678901'), {
    name: 'MaintenanceWindow.Active',
  });
};
