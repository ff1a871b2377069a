import java.lang.reflect.InvocationTargetException;
import java.util.stream.Stream;

/** Loads what AWS's client for Java would load: {@code java LoadHandler.java CLASS METHOD}. What is wrong goes to standard error. */
class LoadHandler {
  public static void main(String[] words) {
    String name = words[0];
    String method = words[1];
    try {
      Class<?> handler = Class.forName(name);
      handler.getConstructor().newInstance();
      if (Stream.of(handler.getMethods()).noneMatch(each -> each.getName().equals(method))) {
        throw new NoSuchMethodException(name + " has no public method " + method);
      }
    } catch (Throwable error) {
      System.err.println(reasonOf(error));
      Runtime.getRuntime().halt(1);
    }
    // threads that the function has started would hold it
    Runtime.getRuntime().halt(0);
  }

  private static String reasonOf(Throwable error) {
    if (error instanceof InvocationTargetException || error instanceof ExceptionInInitializerError) {
      Throwable cause = error.getCause();
      return cause + " (" + cause.getStackTrace()[0] + ")";
    }
    return error.toString();
  }
}
