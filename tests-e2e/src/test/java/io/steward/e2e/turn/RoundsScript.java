package io.steward.e2e.turn;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.e2e.model.Block;
import io.steward.e2e.model.ModelRequest;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.model.ToolOutcome;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A model that calls a tool so many times, each time with a mark of its own, and that summarises
/// with a nonce. It can be asked the same twice: the round follows from the request.
final class RoundsScript {
  private static final Pattern MARK = Pattern.compile("round-(\\d{3})-[0-9a-f]{8}");
  private static final Pattern NONCE = Pattern.compile("nonce-[0-9a-f-]{36}");
  private static final int OUTPUT_CHARACTERS = 2_000;

  private final List<String> marks = new ArrayList<>();
  private final Consumer<ModelRequest> before;
  private final Script script = Script.answering(this::reply);

  /// @param before what happens before a request is answered
  RoundsScript(int rounds, Consumer<ModelRequest> before) {
    this.before = before;
    for (int i = 0; i < rounds; i++) {
      marks.add("round-%03d-%s".formatted(i, UUID.randomUUID().toString().substring(0, 8)));
    }
  }

  Script script() {
    return script;
  }

  /// The marks of all rounds, in order.
  List<String> marks() {
    return List.copyOf(marks);
  }

  /// A command that prints the text and so many characters more.
  static String command(String text, int characters) {
    return "printf '%s '; head -c %d /dev/zero | tr '\\0' z".formatted(text, characters);
  }

  /// The first mark in this text, or nothing.
  static String markIn(String text) {
    Matcher matcher = MARK.matcher(text);
    return matcher.find() ? matcher.group() : "";
  }

  Set<String> noncesIn(ModelRequest request) {
    return all(NONCE, request.text());
  }

  private Reply reply(ModelRequest request) {
    before.accept(request);
    if (request.asksForSummary()) {
      // A faithful summary: what an earlier one said is in it.
      return Reply.text(
          script.marked(
              "Rounds were done. "
                  + String.join(" ", noncesIn(request))
                  + " nonce-"
                  + UUID.randomUUID()));
    }
    List<ToolOutcome> results = request.toolResults();
    int next = results.isEmpty() ? 0 : 1 + roundOf(results.getLast().text());
    boolean over = next == marks.size() || (results.isEmpty() && request.number() > 1);
    if (over) {
      return Reply.text("All done.");
    }
    return Reply.message(
        new Block.Thinking("Now " + next, "signature-" + UUID.randomUUID()),
        Block.ToolUse.bash(command(marks.get(next), OUTPUT_CHARACTERS)));
  }

  /// Holds the requests against the summaries: the nonce of each that counted is in every later
  /// request, and what it stands for in none. Answers how many counted; one whose harness was
  /// killed before it was written does not.
  int assertSummarised() {
    List<ModelRequest> requests = script.requests();
    int counted = 0;
    for (int i = 0; i < requests.size() - 1; i++) {
      ModelRequest request = requests.get(i);
      ModelRequest next = requests.get(i + 1);
      Set<String> nonces = noncesIn(next);
      nonces.removeAll(noncesIn(request));
      if (!request.asksForSummary() || nonces.isEmpty()) {
        continue;
      }
      counted++;
      Set<String> summarised = all(MARK, request.text());
      summarised.removeAll(all(MARK, next.text()));
      assertFalse(summarised.isEmpty(), "request " + request.number() + " summarised nothing");
      for (ModelRequest later : requests.subList(i + 1, requests.size())) {
        assertTrue(
            noncesIn(later).containsAll(nonces),
            "request " + later.number() + " has lost the summary of request " + request.number());
        Set<String> back = all(MARK, later.text());
        back.retainAll(summarised);
        assertTrue(back.isEmpty(), "request " + later.number() + " still has " + back);
      }
    }
    return counted;
  }

  private static int roundOf(String text) {
    Matcher matcher = MARK.matcher(text);
    if (!matcher.find()) {
      throw new IllegalStateException("no round in " + text);
    }
    return Integer.parseInt(matcher.group(1));
  }

  private static Set<String> all(Pattern pattern, String text) {
    Set<String> found = new TreeSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group());
    }
    return new LinkedHashSet<>(found);
  }
}
