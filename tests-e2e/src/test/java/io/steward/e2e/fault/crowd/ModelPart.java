package io.steward.e2e.fault.crowd;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.fault.check.Marks;
import io.steward.e2e.model.Block;
import io.steward.e2e.model.ModelRequest;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntToDoubleFunction;

/// The model of one session. What it does follows from the marks in the request alone: asked the
/// same again it does the same again, so that a call that runs twice leaves the same mark twice.
final class ModelPart {
  private static final String REPORT = "report-";
  private static final int BIG_OUTPUT_CHARACTERS = 24_000;

  private final String key = UUID.randomUUID().toString().substring(0, 8);
  private final Role role;
  private final Rendezvous rendezvous;
  private final IntToDoubleFunction seconds;
  private final Script script = Script.answering(this::reply);

  /// @param seconds how long the call in the step of this number takes
  ModelPart(Role role, Rendezvous rendezvous, IntToDoubleFunction seconds) {
    this.role = role;
    this.rendezvous = rendezvous;
    this.seconds = seconds;
  }

  Script script() {
    return script;
  }

  /// The text of the message that lets the model read the ledger and end.
  String reportRequest() {
    return script.marked("Now give me the " + REPORT + key);
  }

  /// How many requests asked what had been asked before.
  int repeated() {
    List<String> asked = new ArrayList<>();
    for (ModelRequest request : script.requests()) {
      // With the number of messages, because a compaction makes the conversation short again.
      String what = request.asksForSummary() + " " + request.body().path("messages").size();
      asked.add(what + " " + Marks.latest(request.text()));
    }
    return asked.size() - (int) asked.stream().distinct().count();
  }

  private Reply reply(ModelRequest request) {
    int latest = Marks.latest(request.text());
    if (request.asksForSummary()) {
      rendezvous.hold(Moment.DURING_COMPACTION);
      return Reply.text(script.marked("I came to " + Marks.mark(latest, key)));
    }
    if (request.text().contains(REPORT + key)) {
      return report(latest);
    }
    int number = latest + 1;
    if (role.waitsWithTheModel() && (number == 2 || role == Role.TALKING)) {
      rendezvous.hold(Moment.BEFORE_THE_MODEL_ANSWERS);
      rendezvous.arrive(Moment.WHILE_IT_STREAMS);
      return rendezvous.isAbout(Moment.WHILE_IT_STREAMS)
          ? step(number).heldBy(rendezvous.begun())
          : step(number);
    }
    return step(number);
  }

  private Reply.Message step(int number) {
    String mark = Marks.mark(number, key);
    Block.Text text = Block.Text.of("This ", "is ", mark);
    return switch (role.step(number)) {
      case TEXT -> Reply.message(text);
      case CALL -> Reply.message(text, call(number, mark));
      case THREE_CALLS ->
          Reply.message(
              text,
              call(number, mark + "-a"),
              call(number, mark + "-b"),
              call(number, mark + "-c"));
      case BIG_CALL ->
          Reply.message(
              text,
              Block.ToolUse.bash(
                  append(mark) + "; head -c " + BIG_OUTPUT_CHARACTERS + " /dev/zero | tr '\\0' z"));
      case CUSTOM_CALL -> Reply.message(text, Block.ToolUse.of("lookup", Map.of("about", mark)));
    };
  }

  private Reply report(int latest) {
    return latest == Marks.LEDGER
        ? Reply.text("That ", "was ", "all.")
        : Reply.bash(": " + Marks.mark(Marks.LEDGER, key) + "; cat ledger.txt 2>/dev/null; true");
  }

  private Block call(int number, String mark) {
    double pause = seconds.applyAsDouble(number);
    String waiting = pause > 0 ? "; sleep " + pause : "";
    return Block.ToolUse.bash(append(mark) + waiting + "; echo did " + mark);
  }

  private static String append(String mark) {
    return "echo " + mark + " >> ledger.txt";
  }

  /// The bodies of all requests, in the order of arrival.
  List<JsonNode> prompts() {
    return script.requests().stream().map(ModelRequest::body).toList();
  }
}
