package io.steward.e2e.compose;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.Yaml;

/// A compose file with its variables filled in: as much of the format as `docker-compose.yml` uses.
///
/// @param services by name, in the order of the file
/// @param secrets the files of secrets, by name
public record ComposeFile(Map<String, ComposeService> services, Map<String, String> secrets) {
  /// Reads the file.
  ///
  /// @param variables what is in the environment
  public static ComposeFile read(Path file, Map<String, String> variables) throws IOException {
    Object root;
    try (Reader reader = Files.newBufferedReader(file)) {
      root = new Yaml().load(reader);
    }
    Map<String, Object> whole = map(filled(root, new Interpolation(variables)));
    Map<String, ComposeService> services = new LinkedHashMap<>();
    map(whole.get("services"))
        .forEach((name, content) -> services.put(name, new ComposeService(name, map(content))));
    Map<String, String> secrets = new LinkedHashMap<>();
    map(whole.get("secrets"))
        .forEach((name, content) -> secrets.put(name, String.valueOf(map(content).get("file"))));
    return new ComposeFile(services, secrets);
  }

  /// The service of that name.
  public ComposeService service(String name) {
    ComposeService service = services.get(name);
    if (service == null) {
      throw new IllegalArgumentException("there is no service " + name);
    }
    return service;
  }

  /// The names of a service and of all it depends on, at any distance.
  public Set<String> neededBy(String name) {
    Set<String> needed = new TreeSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(name));
    while (!open.isEmpty()) {
      String next = open.pop();
      if (needed.add(next)) {
        open.addAll(service(next).dependsOn());
      }
    }
    return needed;
  }

  private static @Nullable Object filled(@Nullable Object node, Interpolation interpolation) {
    return switch (node) {
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        map.forEach((key, value) -> all.put(String.valueOf(key), filled(value, interpolation)));
        yield all;
      }
      case List<?> list -> {
        List<@Nullable Object> all = new ArrayList<>();
        list.forEach(value -> all.add(filled(value, interpolation)));
        yield all;
      }
      case String text -> interpolation.fill(text);
      case null, default -> node;
    };
  }

  @SuppressWarnings("unchecked") // Keys were made strings by filled().
  static Map<String, Object> map(@Nullable Object node) {
    return node == null ? Map.of() : (Map<String, Object>) node;
  }
}
