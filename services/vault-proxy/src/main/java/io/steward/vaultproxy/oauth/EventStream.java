package io.steward.vaultproxy.oauth;

import io.steward.vaultproxy.outbound.Appetite;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Reads server-sent events until the wanted one has come. Source: the HTML standard, 9.2.6.
final class EventStream implements Appetite {
  private final Predicate<Event> wanted;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final StringBuilder data = new StringBuilder();
  private String name = "";
  private boolean afterReturn;
  private @Nullable Event found;

  /// @param name `message` unless the server says otherwise
  record Event(String name, String data) {}

  EventStream(Predicate<Event> wanted) {
    this.wanted = wanted;
  }

  @Override
  public boolean satisfied(byte[] part) {
    for (byte b : part) {
      boolean second = afterReturn && b == '\n';
      afterReturn = b == '\r';
      if (found != null) {
        return true;
      }
      if (b == '\n' || b == '\r') {
        if (!second) {
          endLine();
        }
      } else {
        line.write(b);
      }
    }
    return found != null;
  }

  /// The wanted event, if it came.
  Optional<Event> found() {
    return Optional.ofNullable(found);
  }

  private void endLine() {
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    if (text.isEmpty()) {
      endEvent();
    } else if (field(text, "data")) {
      data.append(value(text)).append('\n');
    } else if (field(text, "event")) {
      name = value(text);
    }
  }

  private void endEvent() {
    if (!data.isEmpty()) {
      Event event =
          new Event(name.isEmpty() ? "message" : name, data.substring(0, data.length() - 1));
      if (wanted.test(event)) {
        found = event;
      }
    }
    data.setLength(0);
    name = "";
  }

  private static boolean field(String line, String name) {
    return line.equals(name) || line.startsWith(name + ":");
  }

  private static String value(String line) {
    int colon = line.indexOf(':');
    String value = colon < 0 ? "" : line.substring(colon + 1);
    return value.startsWith(" ") ? value.substring(1) : value;
  }
}
