import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;

/** A function whose INIT fails. */
public class Broken implements RequestHandler<String, String> {
  public Broken() {
    throw new IllegalStateException("on purpose, in INIT: é €");
  }

  @Override
  public String handleRequest(String event, Context context) {
    return event;
  }
}
