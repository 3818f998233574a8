package io.steward.e2e.fault.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The marks by which each thing a scripted model does is known: `s02-1a2b3c4d`, and
/// `s02-1a2b3c4d-b` for the second of several calls. Within a session the number only grows.
public final class Marks {
  /// The number of the call that reads the ledger at the end.
  public static final int LEDGER = 99;

  private static final Pattern MARK = Pattern.compile("s(\\d\\d)-[0-9a-f]{8}(-[a-z])?");
  private static final Pattern LEDGER_LINE = Pattern.compile("echo (\\S+) >> ledger\\.txt");

  private Marks() {}

  public static String mark(int number, String key) {
    return "s%02d-%s".formatted(number, key);
  }

  /// The highest number of the marks in this text; 0 if it has none.
  public static int latest(String text) {
    Matcher matcher = MARK.matcher(text);
    int latest = 0;
    while (matcher.find()) {
      latest = Math.max(latest, Integer.parseInt(matcher.group(1)));
    }
    return latest;
  }

  /// The first mark in this text, or nothing.
  static String first(String text) {
    Matcher matcher = MARK.matcher(text);
    return matcher.find() ? matcher.group() : "";
  }

  /// The mark a call of a tool carries in its input, or nothing.
  static String ofCall(JsonNode call) {
    return first(call.path("input").toString());
  }

  /// The mark this call appends to the ledger, or nothing.
  static String appended(JsonNode call) {
    Matcher matcher = LEDGER_LINE.matcher(call.at("/input/command").asText());
    return matcher.find() ? matcher.group(1) : "";
  }

  /// Every mark in this text, in order.
  static List<String> all(String text) {
    List<String> marks = new ArrayList<>();
    Matcher matcher = MARK.matcher(text);
    while (matcher.find()) {
      marks.add(matcher.group());
    }
    return marks;
  }
}
