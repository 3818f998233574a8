package io.steward.e2e.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Writes one reply as the chunks of a streamed chat completion. Thinking is what compatible
/// servers call reasoning; it has no signature and nobody sends it back.
final class ChatStream implements ReplyStream {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration KEEP_ALIVE_PERIOD = Duration.ofMillis(40);

  private final OutputStream out;
  private final Script script;
  private final String model;
  private final String id = "chatcmpl-" + UUID.randomUUID();
  private int calls;

  ChatStream(OutputStream out, Script script, JsonNode request) {
    this.out = out;
    this.script = script;
    this.model = request.path("model").asText();
  }

  @Override
  public void send(Reply.Message message) throws IOException, InterruptedException {
    blocks(message.blocks(), message.gate(), message.pause());
    ObjectNode end = chunk();
    choice(end).put("finish_reason", finishReason(message.stopReason())).putObject("delta");
    event(end);
    Reply.Tokens tokens = message.tokens();
    int prompt = tokens.input() + tokens.cacheCreation() + tokens.cacheRead();
    ObjectNode usage = chunk();
    usage.putArray("choices");
    usage
        .putObject("usage")
        .put("prompt_tokens", prompt)
        .put("completion_tokens", tokens.output())
        .put("total_tokens", prompt + tokens.output())
        .putObject("prompt_tokens_details")
        .put("cached_tokens", tokens.cacheRead());
    event(usage);
    line("data: [DONE]");
  }

  @Override
  public void send(Reply.StreamError failure) throws IOException, InterruptedException {
    blocks(failure.blocks(), null, Duration.ZERO);
    event(ChatDialect.error(failure.type(), failure.message()));
  }

  @Override
  public void send(Reply.Cut cut) throws IOException, InterruptedException {
    blocks(cut.blocks(), null, Duration.ZERO);
  }

  private static String finishReason(String stopReason) {
    return switch (stopReason) {
      case "tool_use" -> "tool_calls";
      case "max_tokens" -> "length";
      case "refusal" -> "content_filter";
      default -> "stop";
    };
  }

  private void blocks(List<Block> blocks, @Nullable Gate gate, Duration pause)
      throws IOException, InterruptedException {
    delta("role", "assistant");
    for (int i = 0; i < blocks.size(); i++) {
      Gate held = i == blocks.size() - 1 ? gate : null;
      switch (blocks.get(i)) {
        case Block.Text text -> text(text, held, pause);
        case Block.Thinking thinking -> {
          delta("reasoning_content", thinking.thinking());
          hold(held);
        }
        case Block.ToolUse call -> call(call.name(), call.input().toString(), call, held);
        case Block.HalfToolUse half -> call(half.name(), half.inputBegin(), null, held);
        case Block.Provided _ -> throw new IllegalArgumentException("a chat has no such tools");
      }
    }
  }

  private void text(Block.Text text, @Nullable Gate gate, Duration pause)
      throws IOException, InterruptedException {
    List<String> pieces = text.pieces();
    for (int i = 0; i < pieces.size(); i++) {
      if (i == pieces.size() - 1) {
        hold(gate);
      }
      script.sentPiece(pieces.get(i));
      delta("content", pieces.get(i));
      LockSupport.parkNanos(pause.toNanos());
    }
  }

  private void call(
      String name, String arguments, Block.@Nullable ToolUse whole, @Nullable Gate gate)
      throws IOException, InterruptedException {
    String callId = "call_" + UUID.randomUUID().toString().replace("-", "").substring(0, 24);
    if (whole != null) {
      ObjectNode said = JSON.createObjectNode().put("type", "tool_use").put("id", callId);
      said.put("name", name).set("input", whole.input());
      script.sentToolUse(callId, said, List.of());
    }
    int middle = arguments.length() / 2;
    ObjectNode first = JSON.createObjectNode().put("index", calls).put("id", callId);
    first.put("type", "function");
    first.putObject("function").put("name", name).put("arguments", arguments.substring(0, middle));
    callDelta(first);
    hold(gate);
    ObjectNode rest = JSON.createObjectNode().put("index", calls);
    rest.putObject("function").put("arguments", arguments.substring(middle));
    callDelta(rest);
    calls++;
  }

  private void callDelta(ObjectNode call) throws IOException {
    ObjectNode chunk = chunk();
    choice(chunk).putNull("finish_reason").putObject("delta").putArray("tool_calls").add(call);
    event(chunk);
  }

  private void delta(String field, String value) throws IOException {
    ObjectNode chunk = chunk();
    choice(chunk).putNull("finish_reason").putObject("delta").put(field, value);
    event(chunk);
  }

  private ObjectNode chunk() {
    return JSON.createObjectNode()
        .put("id", id)
        .put("object", "chat.completion.chunk")
        .put("created", 1_790_000_000)
        .put("model", model);
  }

  private static ObjectNode choice(ObjectNode chunk) {
    return chunk.putArray("choices").addObject().put("index", 0);
  }

  private void hold(@Nullable Gate gate) throws IOException, InterruptedException {
    while (gate != null && !gate.isOpenWithin(KEEP_ALIVE_PERIOD)) {
      line(": keep-alive");
    }
  }

  private void event(ObjectNode event) throws IOException {
    line("data: " + event);
  }

  private void line(String line) throws IOException {
    out.write((line + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
