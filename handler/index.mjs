/**
 * Books orders: from a queue (SQS), from the shop's web API (API Gateway HTTP API or a function URL), or handed over
 * directly. An ordinary function: it knows nothing of maintenance windows.
 */
export const handler = async (event) => {
  if (event.Records) {
    book(event.Records.map(({ body }) => JSON.parse(body)));
    return { batchItemFailures: [] };
  }
  if (event.requestContext) {
    const order = JSON.parse(event.body);
    book([order]);
    return {
      statusCode: 201,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ booked: order.id }),
    };
  }
  book([event]);
  return { booked: event.id ?? null };
};

function book(orders) {
  console.log(`booked ${orders.map(({ id, quantity, item }) => `${id} (${quantity} × ${item})`).join(', ')}`);
}
