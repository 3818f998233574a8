package io.steward.e2e.fault;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.random.RandomGenerator;

/// What `./steward chaos` was asked for.
///
/// @param minutes more than 0; the round that runs when they are over is finished
record ChaosArguments(double minutes, long seed) {
  /// @throws IllegalArgumentException with a sentence for the user
  static ChaosArguments parse(List<String> arguments) {
    double minutes = 0;
    long seed = RandomGenerator.getDefault().nextInt(1_000_000);
    Iterator<String> words = arguments.iterator();
    while (words.hasNext()) {
      String option = words.next();
      String value = words.hasNext() ? words.next() : "";
      try {
        switch (option) {
          case "--minutes" -> minutes = Double.parseDouble(value);
          case "--seed" -> seed = Long.parseLong(value);
          default ->
              throw new IllegalArgumentException(
                  "chaos has no option " + option + "; it takes --minutes M and --seed S.");
        }
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "%s is \"%s\", but must be a number.".formatted(option, value), e);
      }
    }
    if (!(minutes > 0)) {
      throw new IllegalArgumentException("--minutes must be given, and more than 0.");
    }
    return new ChaosArguments(minutes, seed);
  }

  Duration length() {
    return Duration.ofMillis((long) (minutes * 60_000));
  }
}
