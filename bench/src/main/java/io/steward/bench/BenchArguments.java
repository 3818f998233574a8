package io.steward.bench;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/// What `./steward bench` was asked for.
///
/// @param only the scenarios to run, in their own order
/// @param quick whether loads are cut short: to see that everything works
/// @param out where the report goes
record BenchArguments(List<String> only, boolean quick, Path out) {
  private static final String USAGE = "bench takes --only SCENARIO,…, --quick and --out DIRECTORY.";

  BenchArguments {
    only = List.copyOf(only);
  }

  /// @param known all scenarios
  /// @param usualOut where the report goes when nothing else is said
  /// @throws IllegalArgumentException with a sentence for the user
  static BenchArguments parse(List<String> arguments, List<String> known, Path usualOut) {
    List<String> only = known;
    boolean quick = false;
    Path out = usualOut;
    Iterator<String> words = arguments.iterator();
    while (words.hasNext()) {
      String option = words.next();
      switch (option) {
        case "--quick" -> quick = true;
        case "--only" -> only = only(value(option, words), known);
        case "--out" -> out = Path.of(value(option, words)).toAbsolutePath().normalize();
        default ->
            throw new IllegalArgumentException("bench has no option " + option + "; " + USAGE);
      }
    }
    return new BenchArguments(only, quick, out);
  }

  private static List<String> only(String value, List<String> known) {
    List<String> wanted = List.of(value.split(",", -1));
    for (String name : wanted) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "--only names \"%s\", but the scenarios are %s."
                .formatted(name, String.join(", ", known)));
      }
    }
    return known.stream().filter(wanted::contains).toList();
  }

  private static String value(String option, Iterator<String> words) {
    if (!words.hasNext()) {
      throw new IllegalArgumentException(option + " needs a value; " + USAGE);
    }
    return words.next();
  }
}
