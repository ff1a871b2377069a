//! Books orders: from a queue, from the shop's web API, or handed over directly. It knows nothing of maintenance windows.

use lambda_runtime::{run, service_fn, Error, LambdaEvent};
use serde::{de::IgnoredAny, Deserialize};
use serde_json::{json, Value};

#[derive(Deserialize)]
#[serde(untagged)]
enum Event {
    Batch {
        #[serde(rename = "Records")]
        records: Vec<Message>,
    },
    Request {
        #[serde(rename = "requestContext")]
        _context: IgnoredAny,
        body: String,
    },
    Order(Order),
}

#[derive(Deserialize)]
struct Message {
    body: String,
}

#[derive(Deserialize)]
struct Order {
    id: String,
    item: String,
    quantity: u32,
}

async fn handle(event: LambdaEvent<Event>) -> Result<Value, Error> {
    match event.payload {
        Event::Batch { records } => {
            let orders: Result<Vec<Order>, _> = records
                .iter()
                .map(|message| serde_json::from_str(&message.body))
                .collect();
            book(&orders?);
            Ok(json!({ "batchItemFailures": [] }))
        }
        Event::Request { body, .. } => {
            let order: Order = serde_json::from_str(&body)?;
            book(std::slice::from_ref(&order));
            Ok(json!({
                "statusCode": 201,
                "headers": { "content-type": "application/json" },
                "body": json!({ "booked": order.id }).to_string(),
            }))
        }
        Event::Order(order) => {
            book(std::slice::from_ref(&order));
            Ok(json!({ "booked": order.id }))
        }
    }
}

fn book(orders: &[Order]) {
    let lines: Vec<String> = orders
        .iter()
        .map(|Order { id, item, quantity }| format!("{id} ({quantity} × {item})"))
        .collect();
    println!("booked {}", lines.join(", "));
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(handle)).await
}
