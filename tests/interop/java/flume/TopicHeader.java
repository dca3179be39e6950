import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flume.Context;
import org.apache.flume.Event;
import org.apache.flume.interceptor.Interceptor;

/** Sends a line "NAME: TEXT" to the topic flume-NAME, by the header that the Kafka sink obeys. */
public final class TopicHeader implements Interceptor {
  private final String prefix;

  private TopicHeader(String prefix) {
    this.prefix = prefix;
  }

  /** What Flume's configuration names. */
  public static final class Builder implements Interceptor.Builder {
    private String prefix;

    @Override
    public void configure(Context context) {
      prefix = context.getString("prefix");
    }

    @Override
    public Interceptor build() {
      return new TopicHeader(prefix);
    }
  }

  @Override
  public void initialize() {}

  @Override
  public Event intercept(Event event) {
    String line = new String(event.getBody(), StandardCharsets.UTF_8);
    int colon = line.indexOf(": ");
    if (colon > 0) {
      event.getHeaders().put("topic", prefix + line.substring(0, colon));
      event.getHeaders().put("key", line.substring(colon + 2));
    }
    return event;
  }

  @Override
  public List<Event> intercept(List<Event> events) {
    events.forEach(this::intercept);
    return events;
  }

  @Override
  public void close() {}
}
