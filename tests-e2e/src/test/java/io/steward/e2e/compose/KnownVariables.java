package io.steward.e2e.compose;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The environment variables a service reads, as far as its sources say: those they name, those of
/// its properties, and those of its configuration interfaces.
///
/// @param named whole names
/// @param prefixes of configuration interfaces: `STEWARD_GIT`
/// @param parts what may follow a prefix, one or several: `BLOB_DIR`
record KnownVariables(Set<String> named, Set<String> prefixes, Set<String> parts) {
  private static final Pattern NAME = Pattern.compile("\\b(?:STEWARD|KAFKA|SANDBOX)_[A-Z0-9_]+");
  private static final Pattern PROPERTY = Pattern.compile("(?m)^([a-z][a-z0-9.-]+)=");
  private static final Pattern MAPPING = Pattern.compile("@ConfigMapping\\(prefix = \"([^\"]+)\"");
  private static final Pattern METHOD = Pattern.compile("(?m)^ +[A-Z]?[\\w.<>]+ (\\w+)\\(\\);");
  private static final Pattern RENAMED = Pattern.compile("@WithName\\(\"([^\"]+)\"\\)");

  /// Reads the sources below these directories.
  static KnownVariables in(List<Path> directories) throws IOException {
    var known = new KnownVariables(new HashSet<>(), new HashSet<>(), new HashSet<>());
    for (Path directory : directories) {
      List<Path> files;
      try (Stream<Path> all = Files.walk(directory)) {
        files = new ArrayList<>(all.filter(KnownVariables::isSource).toList());
      }
      for (Path file : files) {
        known.add(Files.readString(file));
      }
    }
    return known;
  }

  private static boolean isSource(Path file) {
    return file.toString().endsWith(".java") || file.toString().endsWith(".properties");
  }

  private void add(String text) {
    NAME.matcher(text).results().forEach(found -> named.add(found.group()));
    PROPERTY.matcher(text).results().forEach(found -> named.add(variable(found.group(1))));
    Matcher mapping = MAPPING.matcher(text);
    if (mapping.find()) {
      prefixes.add(variable(mapping.group(1)));
      METHOD.matcher(text).results().forEach(found -> parts.add(variable(kebab(found.group(1)))));
      RENAMED.matcher(text).results().forEach(found -> parts.add(variable(found.group(1))));
    }
  }

  private static String kebab(String method) {
    return method.replaceAll("([a-z0-9])([A-Z])", "$1-$2");
  }

  private static String variable(String property) {
    return property.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT);
  }

  boolean has(String variable) {
    return named.contains(variable)
        || prefixes.stream()
            .anyMatch(prefix ->
                variable.startsWith(prefix + "_")
                    && isMadeOfParts(variable.substring(prefix.length() + 1)));
  }

  private boolean isMadeOfParts(String rest) {
    return parts.contains(rest)
        || parts.stream()
            .anyMatch(part ->
                rest.startsWith(part + "_") && isMadeOfParts(rest.substring(part.length() + 1)));
  }
}
