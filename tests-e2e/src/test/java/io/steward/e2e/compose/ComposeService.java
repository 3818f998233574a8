package io.steward.e2e.compose;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One service of a compose file. What is not set is empty.
///
/// @param content as it stands in the file, variables filled in
public record ComposeService(String name, Map<String, Object> content) {
  /// A secret, and the name of its file below `/run/secrets`.
  public record Secret(String source, String target) {}

  public String image() {
    return text("image");
  }

  /// A text, or the empty one.
  public String text(String key) {
    Object value = content.get(key);
    return value == null ? "" : value.toString();
  }

  public boolean isTrue(String key) {
    return Boolean.TRUE.equals(content.get(key));
  }

  /// A list of texts; a lone text is a list of one.
  public List<String> list(String key) {
    return texts(content.get(key));
  }

  private static List<String> texts(@Nullable Object value) {
    return switch (value) {
      case null -> List.of();
      case List<?> list -> list.stream().map(String::valueOf).toList();
      default -> List.of(value.toString());
    };
  }

  public Map<String, String> environment() {
    Map<String, String> all = new LinkedHashMap<>();
    ComposeFile.map(content.get("environment"))
        .forEach((name, value) -> all.put(name, String.valueOf(value)));
    return all;
  }

  /// Bytes, of a number with `m` or `g`; 0 without a limit.
  public long memoryBytesMax() {
    String limit = text("mem_limit");
    if (limit.isEmpty()) {
      return 0;
    }
    long number = Long.parseLong(limit.substring(0, limit.length() - 1));
    return switch (limit.charAt(limit.length() - 1)) {
      case 'm' -> number << 20;
      case 'g' -> number << 30;
      default -> throw new IllegalArgumentException("mem_limit " + limit);
    };
  }

  public List<Secret> secrets() {
    List<Secret> all = new ArrayList<>();
    if (content.get("secrets") instanceof List<?> list) {
      for (Object each : list) {
        Map<String, Object> entry =
            each instanceof String name ? Map.of("source", name) : ComposeFile.map(each);
        String source = String.valueOf(entry.get("source"));
        all.add(new Secret(source, String.valueOf(entry.getOrDefault("target", source))));
      }
    }
    return all;
  }

  public Set<String> dependsOn() {
    Object value = content.get("depends_on");
    return value instanceof List<?> ? Set.copyOf(texts(value)) : ComposeFile.map(value).keySet();
  }

  /// Whether some service waits for the end of `other`.
  public boolean awaitsEndOf(String other) {
    return content.get("depends_on") instanceof Map<?, ?> all
        && all.get(other) instanceof Map<?, ?> dependency
        && "service_completed_successfully".equals(dependency.get("condition"));
  }

  /// The command that says whether the service is well, or nothing.
  public List<String> healthTest() {
    return texts(ComposeFile.map(content.get("healthcheck")).get("test"));
  }
}
