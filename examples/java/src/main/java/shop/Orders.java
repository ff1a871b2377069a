package shop;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Books orders: from a queue, from the shop's web API, or handed over directly. It knows nothing of maintenance windows. */
public class Orders implements RequestStreamHandler {
  private static final ObjectMapper JSON = new ObjectMapper();

  record Order(String id, String item, int quantity) {
    @Override
    public String toString() {
      return "%s (%d × %s)".formatted(id, quantity, item);
    }
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context) throws IOException {
    JSON.writeValue(output, handle(JSON.readTree(input)));
  }

  private static Map<String, Object> handle(JsonNode event) throws JsonProcessingException {
    if (event.has("Records")) {
      List<Order> orders = new ArrayList<>();
      for (JsonNode message : event.get("Records")) orders.add(orderIn(message));
      book(orders);
      return Map.of("batchItemFailures", List.of());
    }
    if (event.has("requestContext")) {
      Order order = orderIn(event);
      book(List.of(order));
      return Map.of(
          "statusCode", 201,
          "headers", Map.of("content-type", "application/json"),
          "body", JSON.writeValueAsString(Map.of("booked", order.id())));
    }
    Order order = JSON.treeToValue(event, Order.class);
    book(List.of(order));
    return Map.of("booked", order.id());
  }

  private static Order orderIn(JsonNode carrier) throws JsonProcessingException {
    return JSON.readValue(carrier.get("body").asText(), Order.class);
  }

  private static void book(List<Order> orders) {
    System.out.println("booked " + orders.stream().map(Order::toString).collect(Collectors.joining(", ")));
  }
}
