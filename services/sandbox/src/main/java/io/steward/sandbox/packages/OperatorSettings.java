package io.steward.sandbox.packages;

import static java.util.Comparator.comparingInt;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// What the operator tells installers: proxies, registries, certificates. Installers see it,
/// sandboxes do not.
///
/// @param environment variables
/// @param files files and directories of the machine, shown read-only
public record OperatorSettings(Map<String, String> environment, List<Shown> files) {
  public static final OperatorSettings NONE = new OperatorSettings(Map.of(), List.of());

  private static final int SECRET_CHARS_MIN = 6;
  private static final Pattern USER_INFO = Pattern.compile("://[^/@\\s]+@");

  public OperatorSettings {
    environment = Map.copyOf(environment);
    files = List.copyOf(files);
  }

  /// A file or directory of the machine and what it is called for installers.
  public record Shown(Path machine, Path inside) {
    /// Reads `/path`, or `/path:/inside`.
    ///
    /// @throws IllegalArgumentException when one of them is not absolute
    static Shown parse(String text) {
      String[] parts = text.strip().split(":", 2);
      Path machine = Path.of(parts[0]);
      Path inside = Path.of(parts[parts.length - 1]);
      if (!machine.isAbsolute() || !inside.isAbsolute()) {
        throw new IllegalArgumentException(
            "packages.files holds \"" + text + "\", but must hold /path or /path:/inside");
      }
      return new Shown(machine, inside);
    }
  }

  /// @param names variables that are passed on, where the service has them
  /// @param files each `/path`, or `/path:/inside`
  /// @param variables the environment of the service
  public static OperatorSettings of(
      List<String> names, List<String> files, Map<String, String> variables) {
    Map<String, String> environment = new TreeMap<>();
    for (String name : names) {
      Optional.ofNullable(variables.get(name.strip()))
          .ifPresent(value -> environment.put(name.strip(), value));
    }
    return new OperatorSettings(environment, files.stream().map(Shown::parse).toList());
  }

  /// The output of an installer without what the operator told it: agents and clients read it.
  String redact(String output) {
    String redacted = output;
    List<Map.Entry<String, String>> longestFirst =
        environment.entrySet().stream()
            .filter(variable -> variable.getValue().length() >= SECRET_CHARS_MIN)
            .sorted(comparingInt(variable -> -variable.getValue().length()))
            .toList(); // One value may be part of another.
    for (Map.Entry<String, String> variable : longestFirst) {
      redacted = redacted.replace(variable.getValue(), "$" + variable.getKey());
    }
    return USER_INFO.matcher(redacted).replaceAll("://***@");
  }
}
