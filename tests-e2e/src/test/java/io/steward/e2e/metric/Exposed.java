package io.steward.e2e.metric;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The metrics in answers of `/q/metrics` as the table of the docs names them: a timer once,
/// without what its samples end in.
final class Exposed {
  private static final Pattern SAMPLE = Pattern.compile("^(steward_[a-z_]+)(?:\\{(.*)})? ");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern OF_TIMER = Pattern.compile("_seconds_(bucket|count|sum|max)$");

  private final Map<String, Set<String>> labels = new TreeMap<>();
  private final Map<String, Set<String>> values = new TreeMap<>();

  /// @param text one answer in Prometheus' text format
  void read(String text) {
    text.lines().map(SAMPLE::matcher).filter(Matcher::find).forEach(this::sample);
  }

  private void sample(MatchResult sample) {
    String name = OF_TIMER.matcher(sample.group(1)).replaceAll("_seconds");
    Set<String> keys = labels.computeIfAbsent(name, _ -> new TreeSet<>());
    Matcher label = LABEL.matcher(sample.group(2) == null ? "" : sample.group(2));
    while (label.find()) {
      if (!label.group(1).equals("le")) {
        keys.add(label.group(1));
        values.computeIfAbsent(label.group(1), _ -> new TreeSet<>()).add(label.group(2));
      }
    }
  }

  /// The labels of each metric by its name.
  Map<String, Set<String>> labels() {
    return labels;
  }

  /// All values of each label.
  Map<String, Set<String>> values() {
    return values;
  }
}
